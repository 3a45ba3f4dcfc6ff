/* Counts of single threads: how evenly a parallel variant divides its work. */
#ifndef STORE_THREAD_COUNTS_H
#define STORE_THREAD_COUNTS_H

#include "store/result.h"

/** Which events are kept thread by thread, in the order of a row: cycles, instructions, task-clock,
 * context-switches. */
extern const enum counter_event thread_events[RESULT_THREAD_EVENTS];

/** Place of an event in thread_events; RESULT_THREAD_EVENTS if it is not kept thread by thread. */
size_t thread_event_index(enum counter_event event);

/**
 * Counts a run of one thread of one arm, RESULT_THREAD_EVENTS of them, NAN where absent; the thread is an
 * index into replicate->threads. NULL where the replicate has no room for any.
 */
double *thread_counts(const struct replicate *replicate, size_t arm, size_t thread);

/**
 * How the threads of an arm share an event: medians over replicates of each thread's part of the sum, scaled
 * to add up to 1, into shares[0 .. n-1]. Returns n, the number of threads; 0 where they were not told apart,
 * differ in number between replicates, are more than `capacity`, did nothing, or are one alone. -ENOMEM.
 * "task-clock 52 % / 48 %" is shares {0.52, 0.48}.
 */
int thread_shares(const struct measurement *measurement, size_t arm, enum counter_event event, double *shares,
                  size_t capacity);

#endif
