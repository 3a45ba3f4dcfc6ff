#include "sorted-search-batch.h"

/* Searches at a time: more than the misses that a core can wait for at once (10 to 16 lines). */
#define LANES 16

/*
 * One step of all searches before the next of any. The key that a search compares next is asked for as soon as it is
 * known which; the others take their step while it comes. Not inlined, so that there is one copy to look at.
 */
__attribute__((noinline)) static void find_lanes(const uint32_t *keys, size_t n, const uint32_t *queries,
                                                 uint32_t *answers) {
    const uint32_t *low[LANES];
    for (size_t lane = 0; lane < LANES; lane++)
        low[lane] = keys;
    for (size_t length = n; length > 1;) {
        size_t half = length / 2, next = (length - half) / 2;
        for (size_t lane = 0; lane < LANES; lane++) {
            low[lane] += half & -(size_t)(low[lane][half - 1] < queries[lane]);
            __builtin_prefetch(low[lane] + (next ? next - 1 : 0));
        }
        length -= half;
    }
    for (size_t lane = 0; lane < LANES; lane++)
        answers[lane] = (uint32_t)(low[lane] - keys) + (*low[lane] < queries[lane]);
}

void run_interleaved(void *state) {
    struct searches *searches = state;
    const uint32_t *queries = searches_take_batch(searches);
    size_t i = 0;
    for (; i + LANES <= searches->batch; i += LANES)
        find_lanes(searches->keys, searches->n, queries + i, searches->answers + i);
    /* The last ones are fewer than there are lanes: some of them twice. */
    if (i < searches->batch) {
        uint32_t last[LANES], found[LANES];
        for (size_t lane = 0; lane < LANES; lane++)
            last[lane] = queries[i + lane < searches->batch ? i + lane : i];
        find_lanes(searches->keys, searches->n, last, found);
        for (size_t lane = 0; i + lane < searches->batch; lane++)
            searches->answers[i + lane] = found[lane];
    }
}
