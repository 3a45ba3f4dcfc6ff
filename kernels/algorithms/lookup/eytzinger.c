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

struct sorted_ids {
    const uint32_t *ids, *indices;
};

/* An in-order walk of the tree's nodes takes the sorted ids in turn. Returns how many are taken. */
static size_t fill_subtree(struct lookup *lookup, const struct sorted_ids *sorted, size_t node,
                           size_t taken) {
    if (node > lookup->n)
        return taken;
    taken = fill_subtree(lookup, sorted, 2 * node, taken);
    lookup->tree[node] = sorted->ids[taken];
    lookup->tree_indices[node] = sorted->indices[taken];
    return fill_subtree(lookup, sorted, 2 * node + 1, taken + 1);
}

int prepare_eytzinger(const struct cs_env *env, void *state) {
    struct lookup *lookup = state;
    uint32_t *ids = cs_array(env, "ids while sorted", lookup->n, uint32_t);
    uint32_t *indices = cs_array(env, "indices while sorted", lookup->n, uint32_t);
    lookup->tree = cs_array(env, "tree", lookup->n + 1, uint32_t);
    lookup->tree_indices = cs_array(env, "indices of the tree", lookup->n + 1, uint32_t);
    lookup_sort(env, lookup, ids, indices);
    fill_subtree(lookup, &(struct sorted_ids){ids, indices}, 1, 0);
    cs_free(env, ids);
    cs_free(env, indices);
    return 0;
}
