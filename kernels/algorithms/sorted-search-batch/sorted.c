#include "sorted-search-batch.h"

#define DIGITS 256

/* By the queries, which are the upper halves, from the lowest byte to the highest. Returns where they end up. */
static const uint64_t *sort(uint64_t *from, uint64_t *to, size_t count) {
    for (unsigned shift = 32; shift < 64; shift += 8) {
        uint32_t start[DIGITS + 1] = {0};
        for (size_t i = 0; i < count; i++)
            start[(from[i] >> shift & (DIGITS - 1)) + 1]++;
        for (size_t digit = 0; digit < DIGITS; digit++)
            start[digit + 1] += start[digit];
        for (size_t i = 0; i < count; i++)
            to[start[from[i] >> shift & (DIGITS - 1)]++] = from[i];
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

/*
 * From the answer before, which is no larger: steps that double while all keys in them are below, and a search of the
 * last of them (J. L. Bentley, A. C.-C. Yao, "An almost optimal algorithm for unbounded searching", IPL 5(3), 1976).
 */
static size_t advance(const uint32_t *keys, size_t n, size_t at, uint32_t query) {
    size_t step = 1;
    for (; at + step <= n && keys[at + step - 1] < query; step *= 2)
        at += step;
    const uint32_t *low = keys + at;
    for (size_t length = at + step <= n ? step : n - at + 1; length > 1;) {
        size_t half = length / 2;
        low += half & -(size_t)(low[half - 1] < query);
        length -= half;
    }
    return (size_t)(low - keys);
}

void run_sorted(void *state) {
    struct searches *searches = state;
    const uint32_t *queries = searches_take_batch(searches);
    for (size_t i = 0; i < searches->batch; i++)
        searches->unsorted[i] = (uint64_t)queries[i] << 32 | i;
    const uint64_t *order = sort(searches->unsorted, searches->spare, searches->batch);
    size_t at = 0;
    for (size_t i = 0; i < searches->batch; i++) {
        at = advance(searches->keys, searches->n, at, (uint32_t)(order[i] >> 32));
        searches->answers[(uint32_t)order[i]] = (uint32_t)at;
    }
}

int prepare_sorted(const struct cs_env *env, void *state) {
    struct searches *searches = state;
    searches->unsorted = cs_array(env, "queries to be sorted", searches->batch, uint64_t);
    searches->spare = cs_array(env, "queries being sorted", searches->batch, uint64_t);
    return 0;
}
