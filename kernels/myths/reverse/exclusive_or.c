#include "reverse.h"

/* Without a temporary, and without what it holds where a and b are the same: then 0 is left. */
static inline void swap(uint32_t *a, uint32_t *b) {
    *a ^= *b;
    *b ^= *a;
    *a ^= *b;
}

void run_exclusive_or(void *state) {
    struct reverse *reverse = state;
    uint32_t *numbers = reverse->numbers;
    size_t n = reverse->n;
    for (size_t i = 0; i < n / 2; i++)
        swap(&numbers[i], &numbers[n - 1 - i]);
}
