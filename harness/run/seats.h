/*
 * Work that is not timed, side by side: a queue of jobs, and as many processes at a time as there are seats, each with a
 * processing unit, a scratch folder and a supervisor of its own. Nothing may be measured meanwhile.
 */
#ifndef RUN_SEATS_H
#define RUN_SEATS_H

#include "run/supervisor.h"

#include <stddef.h>

#define SEATS_MOST 16

/** Where a job is done. */
struct seat {
    struct supervisor *
        supervisor; /**< of its process: scratch is /sN below the program's own, as the names of sockets are short */
    unsigned number; /**< from 0 on */
    unsigned cpu;    /**< the processing unit that no other seat has; meaningless where there is one seat */
    unsigned count;  /**< of seats */
    void *answer;    /**< memory shared with the program, zeros at first; what a job finds, it leaves here */
};

/** Jobs, numbered from 0 on and begun in that order. */
struct seated_work {
    size_t count;
    size_t answer_bytes;
    void *context;
    /** In a process of the seat's own, a copy of the program: what it changes elsewhere than in seat->answer is lost. 0 or
     * -errno with the problem. */
    int (*work)(void *context, size_t job, const struct seat *seat, struct problem *problem);
    /** In the program, once the job was done without an error. 0 or -errno with the problem. */
    int (*take)(void *context, size_t job, const void *answer, struct problem *problem);
};

/**
 * How many jobs fit side by side: processing units of `cpus` (--cpus; NULL: all that are allowed) that share no core, and
 * memory for as many workers in half of the machine's; 1 at the least, SEATS_MOST at the most.
 */
unsigned seats_count(const struct supervisor *supervisor, const char *cpus);

/** Where what is not timed runs: one thread on the seat's own processing unit, more where they would be timed. As
 * topology_choose. */
int seat_choose_cpus(const struct seat *seat, unsigned threads, const char *cpus, struct cpu_choice *choice,
                     struct problem *problem);

/**
 * Does all jobs. After the first that fails, and once the program is interrupted, none is begun any more; those under
 * way are told to end where it was interrupted, and waited for otherwise, and taken where they were done. Returns 0;
 * -EINTR where it was interrupted; -errno of the first failure, with the problem.
 */
int seats_work(const struct supervisor *supervisor, const char *cpus, const struct seated_work *work,
               struct problem *problem);

#endif
