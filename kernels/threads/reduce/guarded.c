/*
 * Threads only where there is work for them. The test stands outside the parallel construct: an `if` clause
 * that is false still enters the OpenMP runtime, for a team of one.
 */
#include "reduce.h"

/* Half a MiB of words. A rule of thumb, not tuned to any machine: some 10 us of one core's work. */
#define GUARD_ELEMENTS 65536

static uint64_t sum(const uint64_t *x, size_t n, unsigned threads) {
    uint64_t total = 0;
    if (n < GUARD_ELEMENTS || threads == 1) {
        for (size_t i = 0; i < n; i++)
            total += x[i];
        return total;
    }
#pragma omp parallel for num_threads(threads) schedule(static) firstprivate(x, n) reduction(+ : total)
    for (size_t i = 0; i < n; i++)
        total += x[i];
    return total;
}

static void map(uint64_t *restrict y, const uint64_t *restrict x, size_t n, unsigned threads) {
    if (n < GUARD_ELEMENTS || threads == 1) {
        for (size_t i = 0; i < n; i++)
            y[i] = mix(x[i]);
        return;
    }
#pragma omp parallel for num_threads(threads) schedule(static) firstprivate(x, y, n)
    for (size_t i = 0; i < n; i++)
        y[i] = mix(x[i]);
}

void run_guarded(void *opaque) {
    struct reduce_state *state = opaque;
    if (state->op == REDUCE_SUM)
        state->total = sum(state->x, state->n, state->threads);
    else
        map(state->y, state->x, state->n, state->threads);
}
