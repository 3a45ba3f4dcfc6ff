#include "prefix-sum.h"

void run_sequential(void *state) {
    struct prefix_sum *prefix = state;
    const uint32_t *restrict numbers = prefix->numbers;
    uint32_t *restrict sums = prefix->sums, sum = 0;
    size_t n = prefix->n;
    for (size_t i = 0; i < n; i++) {
        sum += numbers[i];
        sums[i] = sum;
    }
}
