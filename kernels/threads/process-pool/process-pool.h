/* State of the process-pool kernel: items done by this process or by some that it forks, in chunks. */
#ifndef PROCESS_POOL_H
#define PROCESS_POOL_H

#include "../steps.h"

#include <sys/types.h>

/** Memory that parent and children share; all else a child has as it was when it was forked. */
struct shared {
    _Alignas(CS_LINE) size_t next;        /**< of `pool`: the first item that nobody has taken */
    _Alignas(CS_LINE) uint64_t answers[]; /**< n */
};

struct job {
    const uint64_t *seeds; /**< n */
    size_t n, chunk;       /**< items, of all and of a chunk */
    uint64_t steps;        /**< of an item */
    unsigned workers;
    const unsigned *cpus; /**< workers; NULL: processes stay where the system puts them */
    struct shared *shared;
    size_t shared_bytes;
    pid_t *children; /**< workers: who works; 0: nobody */
    uint64_t forks;  /**< processes started, of all runs */
};

/** The work of items `first` to `end`: chains of multiplications. */
static inline void do_items(const struct job *job, size_t first, size_t end) {
    for (size_t i = first; i < end; i++) {
        uint64_t x = job->seeds[i];
        for (uint64_t step = job->steps; step > 0; step--)
            x = do_step(x);
        job->shared->answers[i] = x;
    }
}

/**
 * Has `work` done with `first` and `end` by a new process, which ends with it, on the CPU of worker `worker`; where
 * none can be started, by this one.
 */
void start_worker(struct job *job, unsigned worker,
                  void (*work)(const struct job *job, size_t first, size_t end), size_t first, size_t end);

/** Waits for that process, if there is one. */
void await_worker(struct job *job, unsigned worker);

void run_serial(void *state);
void run_each(void *state);
void run_workers(void *state);
void run_pool(void *state);

#endif
