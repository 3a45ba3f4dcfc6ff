#include "lookup.h"

/*
 * A B-tree that never changes, so that its nodes need no pointers: child c of node k is node 17k + c + 1 (S. Slotin,
 * "Static B-Trees", Algorithmica, 2022).
 */
static size_t child_of(size_t node, size_t child) {
    return node * (LOOKUP_NODE + 1) + child + 1;
}

/*
 * Ids of a node that are below `id`. All sixteen are compared, by vectors and without a branch. gcc 12 would unroll the loop
 * first, and then see no loop to vectorize.
 */
static size_t rank(const uint32_t *node, uint32_t id) {
    uint32_t below = 0;
#ifndef __clang__
#pragma GCC unroll 1
#endif
    for (size_t i = 0; i < LOOKUP_NODE; i++)
        below += node[i] < id;
    return below;
}

/* The lower bound is the last id on the way down that was not below. */
static uint32_t find(const struct lookup *lookup, uint32_t id) {
    size_t bound = SIZE_MAX;
    for (size_t node = 0; node < lookup->node_count;) {
        size_t below = rank(lookup->nodes + node * LOOKUP_NODE, id);
        if (below < LOOKUP_NODE)
            bound = node * LOOKUP_NODE + below;
        node = child_of(node, below);
    }
    return bound != SIZE_MAX && lookup->nodes[bound] == id ? lookup->node_indices[bound] : LOOKUP_NONE;
}

void run_s_tree(void *state) {
    struct lookup *lookup = state;
    const uint32_t *queries = lookup_take_window(lookup);
    for (size_t i = 0; i < lookup->window_size; i++)
        lookup->answers[i] = find(lookup, queries[i]);
}

struct sorted_ids {
    const uint32_t *ids, *indices;
};

/* An in-order walk of the tree takes the sorted ids in turn, then what pads. Returns how many are taken. */
static size_t fill_subtree(struct lookup *lookup, const struct sorted_ids *sorted, size_t node,
                           size_t taken) {
    if (node >= lookup->node_count)
        return taken;
    for (size_t i = 0; i < LOOKUP_NODE; i++) {
        taken = fill_subtree(lookup, sorted, child_of(node, i), taken);
        int is_there = taken < lookup->n;
        lookup->nodes[node * LOOKUP_NODE + i] = is_there ? sorted->ids[taken] : UINT32_MAX;
        lookup->node_indices[node * LOOKUP_NODE + i] = is_there ? sorted->indices[taken] : LOOKUP_NONE;
        taken++;
    }
    return fill_subtree(lookup, sorted, child_of(node, LOOKUP_NODE), taken);
}

int prepare_s_tree(const struct cs_env *env, void *state) {
    struct lookup *lookup = state;
    uint32_t *ids = cs_array(env, "ids while sorted", lookup->n, uint32_t);
    uint32_t *indices = cs_array(env, "indices while sorted", lookup->n, uint32_t);
    lookup->node_count = (lookup->n + LOOKUP_NODE - 1) / LOOKUP_NODE;
    lookup->nodes = cs_array(env, "nodes", lookup->node_count * LOOKUP_NODE, uint32_t);
    lookup->node_indices = cs_array(env, "indices of the nodes", lookup->node_count * LOOKUP_NODE, uint32_t);
    lookup_sort(env, lookup, ids, indices);
    fill_subtree(lookup, &(struct sorted_ids){ids, indices}, 0, 0);
    cs_free(env, ids);
    cs_free(env, indices);
    return 0;
}
