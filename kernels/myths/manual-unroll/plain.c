#include "manual-unroll.h"

void run_plain(void *state) {
    struct unroll *unroll = state;
    const uint32_t *numbers = unroll->numbers;
    uint32_t total = 0;
    size_t n = unroll->n;
    for (size_t i = 0; i < n; i++)
        total += numbers[i];
    unroll->total = total;
}
