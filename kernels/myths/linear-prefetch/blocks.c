#include "linear-prefetch.h"

#define BLOCK WALK_AHEAD

/* The two loops of `line` without its hints: what those alone bring is `line` against this. */
void run_blocks(void *state) {
    struct walk *walk = state;
    const uint64_t *numbers = walk->numbers;
    uint64_t total = 0;
    size_t n = walk->n, i = 0;
    for (; i + BLOCK <= n; i += BLOCK) {
#ifndef __clang__
#pragma GCC unroll 1
#endif
        for (size_t k = 0; k < BLOCK; k++)
            total += numbers[i + k];
    }
    for (; i < n; i++)
        total += numbers[i];
    walk->total = total;
}
