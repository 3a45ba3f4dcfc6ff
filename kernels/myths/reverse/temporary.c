#include "reverse.h"

static inline void swap(uint32_t *a, uint32_t *b) {
    uint32_t kept = *a;
    *a = *b;
    *b = kept;
}

void run_temporary(void *state) {
    struct reverse *reverse = state;
    uint32_t *numbers = reverse->numbers;
    size_t n = reverse->n;
    for (size_t i = 0; i < n / 2; i++)
        swap(&numbers[i], &numbers[n - 1 - i]);
}
