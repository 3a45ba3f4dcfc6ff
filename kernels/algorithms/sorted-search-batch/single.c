#include "sorted-search-batch.h"

/* The number of steps depends on n alone, and no branch on a key. The mask keeps compilers from making one. */
static uint32_t find(const uint32_t *keys, size_t n, uint32_t query) {
    const uint32_t *low = keys;
    for (size_t length = n; length > 1;) {
        size_t half = length / 2;
        low += half & -(size_t)(low[half - 1] < query);
        length -= half;
    }
    return (uint32_t)(low - keys) + (*low < query);
}

void run_single(void *state) {
    struct searches *searches = state;
    const uint32_t *queries = searches_take_batch(searches);
    for (size_t i = 0; i < searches->batch; i++)
        searches->answers[i] = find(searches->keys, searches->n, queries[i]);
}
