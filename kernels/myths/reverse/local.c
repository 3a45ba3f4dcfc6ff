#include "reverse.h"

/* Exclusive ors of two local variables: the compiler sees what they come to. */
static inline void swap(uint32_t *a, uint32_t *b) {
    uint32_t x = *a, y = *b;
    x ^= y;
    y ^= x;
    x ^= y;
    *a = x;
    *b = y;
}

void run_local(void *state) {
    struct reverse *reverse = state;
    uint32_t *numbers = reverse->numbers;
    size_t n = reverse->n;
    for (size_t i = 0; i < n / 2; i++)
        swap(&numbers[i], &numbers[n - 1 - i]);
}
