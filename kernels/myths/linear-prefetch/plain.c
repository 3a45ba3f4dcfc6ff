#include "linear-prefetch.h"

void run_plain(void *state) {
    struct walk *walk = state;
    const uint64_t *numbers = walk->numbers;
    uint64_t total = 0;
    size_t n = walk->n;
    for (size_t i = 0; i < n; i++)
        total += numbers[i];
    walk->total = total;
}
