/* Starting, watching and ending workers. */
#ifndef RUN_SUPERVISOR_H
#define RUN_SUPERVISOR_H

#include "base/problem.h"
#include "host/topology.h"
#include "run/exchange.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#define SUPERVISOR_PREFIX 24 /**< words of a prefix at the most */

/** What a worker may use. */
struct worker_limits {
    uint64_t memory_bytes; /**< private memory (RLIMIT_DATA) and resident memory */
    double stall_s;        /**< longest time without a call into the kernel returning */
    uint64_t file_bytes;   /**< largest file it may write */
    double total_s;        /**< longest time altogether; 0: no limit */
};

/** Everything a supervisor needs to start workers. */
struct supervisor {
    char program[4096];              /**< the one that becomes the worker */
    char scratch[4096];              /**< the supervisor's own folder, made by supervisor_open */
    int claim;                       /**< on that folder */
    char scratch_filesystem[32];     /**< its file system's type: "ext4", "tmpfs" … */
    const struct topology *topology; /**< borrowed; for binding */
    struct worker_limits limits;
    volatile sig_atomic_t *interrupted; /**< borrowed: non-zero ends the worker that runs */
    char *const *prefix;                /**< borrowed: NULL, or a command that ends with NULL, by path, which
                                           runs the worker: Valgrind and its options */
    const char *hidden; /**< borrowed: NULL, or a folder that the worker cannot read, where the system has
                           Landlock */
    bool reproducible; /**< the same environment, addresses and distances in every process, not random ones */
};

/** How a worker ended. */
enum worker_end {
    WORKER_COMPLETED, /**< the report is complete (it may hold a failure) */
    WORKER_CRASHED,   /**< a signal, or an exit from inside the kernel */
    WORKER_STALLED,   /**< no progress within limits.stall_s */
    WORKER_OUT_OF_MEMORY,
    WORKER_INTERRUPTED,    /**< by supervisor.interrupted */
    WORKER_TIMED_OUT,      /**< not done within limits.total_s */
    WORKER_PRINTED,        /**< more than 16 MiB */
    WORKER_WITHOUT_SERVER, /**< one that it needs was not ready, or ended */
    WORKER_MULTIPLIED      /**< more processes than OFFSPRING_MOST */
};

/** What the arm is invalid for whose code ran then; FAULT_NONE if completed. */
enum arm_fault worker_end_fault(enum worker_end end);

struct worker_outcome {
    enum worker_end end;
    enum worker_phase phase;    /**< what it was doing */
    int arm;                    /**< whose code ran; -1: none, or the kernel's setup or teardown */
    char reason[RESULT_REASON]; /**< in words, without the arm's name; empty if completed */
};

/** Makes a scratch folder below `base` as scratch_open does. Returns 0 or -errno with the problem. */
int supervisor_open(struct supervisor *supervisor, const char *base, struct problem *problem);

/** Removes the scratch folder. */
void supervisor_close(struct supervisor *supervisor);

/**
 * Runs one worker on the job in `page` (of worker_page_new, exchange.h), with the servers that job.services needs, placed
 * by services_place (service.h): a session of its own without a
 * terminal, limits, random environment size, first CPU of the job bound before exec. Waits until it ended,
 * was stopped, or the program was interrupted, and takes over its report where that is one that a worker
 * writes. Limits, priority and affinity of this process are set back where the worker changed them, which
 * makes its outcome WORKER_CRASHED. Returns 0 and the outcome, or -errno if no worker could be started at all
 * (problem: what and what to do).
 */
int supervisor_run(struct supervisor *supervisor, struct worker_page *page, struct worker_outcome *outcome,
                   struct problem *problem);

/**
 * Describes the module at `path` in a worker of its own, so that nothing of it runs in the supervisor.
 * Returns 0 or -errno with the problem (no such file, another ABI, no descriptor, crashed while loading).
 */
int supervisor_describe(struct supervisor *supervisor, const char *path,
                        struct module_description *description, struct problem *problem);

#endif
