#include "linear-prefetch.h"

/* As it is written first: a hint in the loop. */
void run_each(void *state) {
    struct walk *walk = state;
    const uint64_t *numbers = walk->numbers;
    uint64_t total = 0;
    size_t n = walk->n;
    for (size_t i = 0; i < n; i++) {
        __builtin_prefetch(walk_ahead(numbers + i, WALK_AHEAD));
        total += numbers[i];
    }
    walk->total = total;
}
