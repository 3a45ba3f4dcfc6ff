#include "manual-unroll.h"

void run_eight(void *state) {
    struct unroll *unroll = state;
    const uint32_t *numbers = unroll->numbers;
    uint32_t total = 0;
    size_t n = unroll->n, i = 0;
    for (; i + 8 <= n; i += 8) {
        total += numbers[i];
        total += numbers[i + 1];
        total += numbers[i + 2];
        total += numbers[i + 3];
        total += numbers[i + 4];
        total += numbers[i + 5];
        total += numbers[i + 6];
        total += numbers[i + 7];
    }
    for (; i < n; i++)
        total += numbers[i];
    unroll->total = total;
}
