#include "lookup.h"

/* Ids a cache line: the descendants of node k four levels down are the line that starts at node 16k. */
#define LINE_IDS 16

/*
 * Descends to below the leaves and climbs back to the last node where it went left, which is the lower bound
 * (Khuong and Morin, "Array layouts for comparison-based searching", ACM JEA 22, 2017). The address of the
 * prefetch is an integer because it may lie behind the array, where a pointer must not point; a prefetch
 * cannot fault.
 */
static uint32_t find(const uint32_t *tree, const uint32_t *indices, size_t n, uint32_t id) {
    size_t node = 1;
    while (node <= n) {
        __builtin_prefetch((const void *)((uintptr_t)tree + node * LINE_IDS * sizeof *tree));
        node = 2 * node + (tree[node] < id);
    }
    node >>= __builtin_ctzll(~(unsigned long long)node) + 1;
    return node && tree[node] == id ? indices[node] : LOOKUP_NONE;
}

void run_eytzinger(void *state) {
    struct lookup *lookup = state;
    const uint32_t *queries = lookup_take_window(lookup);
    for (size_t i = 0; i < lookup->window_size; i++)
        lookup->answers[i] = find(lookup->tree, lookup->tree_indices, lookup->n, queries[i]);
}
