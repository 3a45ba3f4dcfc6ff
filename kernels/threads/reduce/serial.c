/* One thread, one loop; the compiler vectorizes both operations. */
#include "reduce.h"

static uint64_t sum(const uint64_t *x, size_t n) {
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += x[i];
    return total;
}

static void map(uint64_t *restrict y, const uint64_t *restrict x, size_t n) {
    for (size_t i = 0; i < n; i++)
        y[i] = mix(x[i]);
}

void run_serial(void *opaque) {
    struct reduce_state *state = opaque;
    if (state->op == REDUCE_SUM)
        state->total = sum(state->x, state->n);
    else
        map(state->y, state->x, state->n);
}
