/*
 * The same loops shared out among threads in equal contiguous pieces. firstprivate gives each thread its own
 * copy of the pointers: shared, they are read through memory, and clang 14 then does not vectorize the loop.
 */
#include "reduce.h"

static uint64_t sum(const uint64_t *x, size_t n, unsigned threads) {
    uint64_t total = 0;
#pragma omp parallel for num_threads(threads) schedule(static) firstprivate(x, n) reduction(+ : total)
    for (size_t i = 0; i < n; i++)
        total += x[i];
    return total;
}

static void map(uint64_t *restrict y, const uint64_t *restrict x, size_t n, unsigned threads) {
#pragma omp parallel for num_threads(threads) schedule(static) firstprivate(x, y, n)
    for (size_t i = 0; i < n; i++)
        y[i] = mix(x[i]);
}

void run_openmp(void *opaque) {
    struct reduce_state *state = opaque;
    if (state->op == REDUCE_SUM)
        state->total = sum(state->x, state->n, state->threads);
    else
        map(state->y, state->x, state->n, state->threads);
}
