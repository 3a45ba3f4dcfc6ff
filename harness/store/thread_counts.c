#include "store/thread_counts.h"

#include "stats/quantile.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

const enum counter_event thread_events[RESULT_THREAD_EVENTS] = {COUNTER_CYCLES, COUNTER_INSTRUCTIONS,
                                                                COUNTER_TASK_CLOCK, COUNTER_CONTEXT_SWITCHES};

size_t thread_event_index(enum counter_event event) {
    size_t i = 0;
    while (i < RESULT_THREAD_EVENTS && thread_events[i] != event)
        i++;
    return i;
}

double *thread_counts(const struct replicate *replicate, size_t arm, size_t thread) {
    return replicate->thread_counts
               ? replicate->thread_counts + (arm * replicate->thread_count + thread) * RESULT_THREAD_EVENTS
               : NULL;
}

/* A thread's part of the sum over threads; NAN where a thread has no count, or none counted anything. */
static double share_of(const struct replicate *replicate, size_t arm, size_t thread, size_t event) {
    double sum = 0;
    for (size_t i = 0; i < replicate->thread_count; i++) {
        const double *counts = thread_counts(replicate, arm, i);
        sum += counts ? counts[event] : NAN;
    }
    return sum > 0 ? thread_counts(replicate, arm, thread)[event] / sum : NAN;
}

/* Threads of every replicate; 0 where they differ. */
static size_t common_threads(const struct measurement *measurement) {
    size_t threads = measurement->replicate_count ? measurement->replicates[0].thread_count : 0;
    for (size_t r = 0; r < measurement->replicate_count; r++)
        if (measurement->replicates[r].thread_count != threads)
            return 0;
    return threads;
}

int thread_shares(const struct measurement *measurement, size_t arm, enum counter_event event, double *shares,
                  size_t capacity) {
    size_t threads = common_threads(measurement), index = thread_event_index(event);
    if (threads < 2 || threads > capacity || index == RESULT_THREAD_EVENTS || arm >= measurement->arm_count)
        return 0;
    double *values = malloc(measurement->replicate_count * sizeof *values), sum = 0;
    if (!values)
        return -ENOMEM;
    for (size_t thread = 0; thread < threads; thread++) {
        size_t count = 0;
        for (size_t r = 0; r < measurement->replicate_count; r++) {
            double share = share_of(&measurement->replicates[r], arm, thread, index);
            if (!isnan(share))
                values[count++] = share;
        }
        shares[thread] = count ? quantile(values, count, 0.5) : NAN;
        sum += shares[thread];
    }
    free(values);
    for (size_t thread = 0; thread < threads; thread++)
        shares[thread] /= sum;
    return sum > 0 ? (int)threads : 0;
}
