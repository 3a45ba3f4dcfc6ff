#include "lookup.h"

/*
 * Lower bound without a data-dependent branch: the loop runs a number of times that depends on n alone, and
 * an id that is present is always among the `length` ids at `low`.
 */
static uint32_t find(const uint32_t *sorted, const uint32_t *indices, size_t n, uint32_t id) {
    const uint32_t *low = sorted;
    for (size_t length = n; length > 1;) {
        size_t half = length / 2;
        low += half & -(size_t)(low[half - 1] < id);
        length -= half;
    }
    return *low == id ? indices[low - sorted] : LOOKUP_NONE;
}

void run_binary(void *state) {
    struct lookup *lookup = state;
    const uint32_t *queries = lookup_take_window(lookup);
    for (size_t i = 0; i < lookup->window_size; i++)
        lookup->answers[i] = find(lookup->sorted, lookup->sorted_indices, lookup->n, queries[i]);
}

int prepare_binary(const struct cs_env *env, void *state) {
    struct lookup *lookup = state;
    lookup->sorted = cs_array(env, "sorted ids", lookup->n, uint32_t);
    lookup->sorted_indices = cs_array(env, "indices of sorted ids", lookup->n, uint32_t);
    lookup_sort(env, lookup, lookup->sorted, lookup->sorted_indices);
    return 0;
}
