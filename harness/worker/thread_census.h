/* How many threads a run really used, whatever was asked for. */
#ifndef WORKER_THREAD_CENSUS_H
#define WORKER_THREAD_CENSUS_H

#include "worker/worker.h"

/** CPU times of all threads, before a run. */
struct thread_census {
    pid_t threads[WORKER_THREADS];
    uint64_t ns[WORKER_THREADS];
    int count; /**< -1: not known */
    uint64_t process_ns;
    uint64_t started; /**< threads that this process has started by pthread_create */
};

void thread_census_take(struct thread_census *census);

/**
 * Waits until every thread but the calling one sleeps, for so long at the most: those of a pool look for work
 * for a while after a parallel region, and would be counted as running. Returns whether they do.
 */
bool thread_census_settle(unsigned patience_ms);

/**
 * Threads that ran since `before`, the calling one among them: those whose CPU time rose. 0 where that is not
 * known, as threads that have ended by now ran too.
 */
unsigned thread_census_ran(const struct thread_census *before);

/** Threads that were started since `before`, ended or not; 0 where that is not known. */
uint64_t thread_census_started(const struct thread_census *before);

#endif
