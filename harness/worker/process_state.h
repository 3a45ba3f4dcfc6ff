/*
 * What a run can change of the process it shares with its rivals, and how it is told. In the worker; the supervisor
 * looks at itself with it too (run/own_state).
 */
#ifndef WORKER_PROCESS_STATE_H
#define WORKER_PROCESS_STATE_H

#include "worker/shared_files.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define PROCESS_STATE_CPU_WORDS 128 /**< of 64 CPUs each */
#define PROCESS_STATE_SIGNALS 65
#define PROCESS_STATE_TIMERS 3
#define PROCESS_STATE_POOL 1024
#define PROCESS_STATE_SETTINGS 13

/** The state of the process, as far as it outlasts a run. What cannot be read is 0 or -1 on both sides. */
struct process_state {
    uint64_t fpu; /**< control bits: rounding, flush to zero, traps; no exception flags */
    sigset_t mask;
    struct {
        void (*handler)(int);
        int flags;
    } signals[PROCESS_STATE_SIGNALS];
    uint64_t cpus[PROCESS_STATE_CPU_WORDS]; /**< that the calling thread may run on */
    int nice, policy;
    char folder[4096];
    mode_t umask;
    struct rlimit limits[RLIMIT_NLIMITS];
    bool timers[PROCESS_STATE_TIMERS]; /**< setitimer's that run */
    int made_timers;                   /**< timer_create's that run; 0 where the system does not list them */
    struct {
        bool open;
        dev_t device;
        ino_t inode;
    } standard[3];
    int64_t settings[PROCESS_STATE_SETTINGS]; /**< single numbers: user, huge pages, timer slack … */
    struct shared_files shared;
    int threads, children;
    int siblings;        /**< children of its parent; 0 where the system does not list them */
    size_t pool_threads; /**< of pool_fpu; 0 from process_state_read */
    uint64_t pool_fpu[PROCESS_STATE_POOL]; /**< as fpu, of the OpenMP threads; see openmp_pool.h */
    int64_t printed;                       /**< bytes that went to standard output, buffers included */
    char *environment;                     /**< all of it, each string with its end */
    size_t environment_size;
};

/** The control bits of the calling thread's FPU, as process_state.fpu. */
uint64_t process_fpu_mode(void);

/** Reads the state; flushes stdio. 0 or -ENOMEM. Free with process_state_clear. */
int process_state_read(struct process_state *state);

void process_state_clear(struct process_state *state);

/**
 * Says in `text` what differs, the first three things: "the FPU's control word (0x1f80 before, 0x9f80
 * after)". `parallel`: threads and their binding may differ. Returns whether anything does. What was printed
 * is not compared.
 */
bool process_state_differs(const struct process_state *before, const struct process_state *after,
                           bool parallel, char *text, size_t size);

/**
 * Reads the state until no more threads than `before` had are seen, or 50 ms are over: a thread that was
 * joined is listed a moment longer. 0 or -ENOMEM.
 */
int process_state_settle(const struct process_state *before, struct process_state *state);

/** "FSIZE" of RLIMIT_FSIZE; "?" for a number that is none. */
const char *process_limit_name(int resource);

/** Memory that is the process's own and not free, in bytes; 0 where it cannot be told from what is free. */
uint64_t process_kept_bytes(void);

/**
 * Fills malloc's lists of freed blocks of the calling thread, which process_kept_bytes() counts as in use: between two readings
 * that it comes before, they did not grow.
 */
void process_fill_free_lists(void);

/** Open descriptors; -1 where they cannot be listed. */
int process_descriptors(void);

#endif
