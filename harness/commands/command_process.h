/*
 * One execution of a command: a fresh session, timed from just before exec to its end, with what the kernel
 * says of it and its descendants afterwards.
 */
#ifndef COMMANDS_COMMAND_PROCESS_H
#define COMMANDS_COMMAND_PROCESS_H

#include "base/problem.h"
#include "counters/counters.h"
#include "host/clock.h"

#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/** What a command is run with. */
struct execution_request {
    char *const *arguments;   /**< ends with NULL; the first is searched for in $PATH unless it has a slash */
    char *const *environment; /**< ends with NULL */
    const char *directory;    /**< working folder; NULL: the caller's */
    const char *input;        /**< file to be its standard input; NULL: /dev/null */
    int output, errors;       /**< descriptors to be its standard output and error; -1: /dev/null */
    const cpu_set_t *cpus;    /**< where it may run; NULL: where the caller may */
    double time_s;            /**< longest it may take */
    uint64_t memory_bytes;    /**< of it and all that it starts, together (tree_memory); 0: no limit */
    uint64_t file_bytes;      /**< largest file that it may write, `output` included; 0: no limit */
    const struct sample_clock *clock;
    const struct counter_plan *plan; /**< NULL, or: counts one set of the hardware events in it … */
    unsigned set;                    /**< … this one */
    int companion;       /**< 0, or a pidfd of what it asks: once that has ended, it is given a second more */
    bool leaves_daemons; /**< what it starts outside its process group may go on after it */
    bool own_memory;  /**< started from a copy of the caller's memory: slower, but peak_rss_bytes is known */
    bool traced;      /**< its system calls are counted, one by one: so slow that nothing else of it counts */
    bool told_queued; /**< queued_ns is wanted, whose reading before exec is among the command's reads */
    const volatile sig_atomic_t *interrupted; /**< NULL, or: ended once this is set */
};

enum execution_end {
    EXECUTION_EXITED,
    EXECUTION_SIGNALED,
    EXECUTION_TIMED_OUT,
    EXECUTION_OUT_OF_MEMORY,
    EXECUTION_INTERRUPTED
};

/** What became of it. */
struct execution {
    enum execution_end end;
    int status;     /**< exit status, or number of the signal */
    uint64_t ticks; /**< of the sample clock, from exec to its end */
    /**
     * Of the command and those of its descendants that it waited for: user-time, system-time, task-clock,
     * faults and context switches as wait4(2) gives them, reads and writes as /proc/PID/io does, and the
     * hardware events of the set, which include all descendants. NAN: not counted. Where it was traced, its system
     * calls, with those of all descendants, and nothing else that is its own.
     */
    double counters[COUNTER_EVENTS];
    /** Why a traced one's system calls were not counted; empty: they were, or were not to be. */
    struct problem untraced;
    /**
     * Peak resident memory of the largest process. NAN: not known, since the kernel counts into it what the
     * process was started from, and it was no larger.
     */
    double peak_rss_bytes;
    double voluntary_switches; /**< of those in counters: a thread went to sleep */
    /** That its first thread could have run but had no CPU (/proc/PID/schedstat). NAN: not known, or not told_queued. */
    double queued_ns;
};

/**
 * Runs a command to its end, or ends it at the limit or when interrupted; whatever it started is ended too,
 * in whatever group or session. It has no terminal. Returns 0 and the execution, whatever its status, or
 * -errno with the problem where it could not be started (-ENOENT: no such program or working folder) or not
 * be ended (-EBUSY).
 */
int execution_run(const struct execution_request *request, struct execution *execution,
                  struct problem *problem);

#endif
