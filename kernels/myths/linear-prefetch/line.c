#include "linear-prefetch.h"

#define BLOCK WALK_AHEAD

/*
 * A hint a line: those of the next block, and then the loop of `plain` over this one. Left alone, gcc unrolls it, since
 * it knows its length, and the unrolling would pass for the prefetching; clang unrolls that of `plain` as well.
 */
void run_line(void *state) {
    struct walk *walk = state;
    const uint64_t *numbers = walk->numbers;
    uint64_t total = 0;
    size_t n = walk->n, i = 0;
    for (; i + BLOCK <= n; i += BLOCK) {
        for (size_t ahead = BLOCK; ahead < 2 * BLOCK; ahead += WALK_LINE)
            __builtin_prefetch(walk_ahead(numbers + i, ahead));
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
