/* State of the lookup kernel: a set of ids, the layouts that variants search, and the queries. */
#ifndef LOOKUP_H
#define LOOKUP_H

#include <countersign.h>

/** Answer of a query whose id is not there. */
#define LOOKUP_NONE UINT32_MAX

/** A slot of the hash table; empty where `index` is LOOKUP_NONE, so that every id is a legal id. */
struct lookup_slot {
    uint32_t id, index;
};

/** Slots of a bucket: it is a cache line. */
#define LOOKUP_BUCKET 8

/** Eight slots of a hash table whose ids lie together, filled from the first on. `places` are indices plus 1, or 0 where empty. */
struct lookup_bucket {
    uint32_t ids[LOOKUP_BUCKET], places[LOOKUP_BUCKET];
};

/** Ids of a node of the s-tree: a cache line. */
#define LOOKUP_NODE 16

/** Everything a run reads; the answer to a query is the index of its id in `ids`. */
struct lookup {
    uint32_t *ids; /**< n ids in no order */
    size_t n;

    struct lookup_slot
        *slots; /**< hash: open addressing, 2^(64 - slot_shift) slots, at most half of them taken */
    unsigned slot_shift;

    struct lookup_bucket *buckets; /**< buckets: 2^(64 - bucket_shift), at most half of their slots taken */
    unsigned bucket_shift;

    uint32_t *sorted;         /**< binary: n ids, ascending */
    uint32_t *sorted_indices; /**< sorted[k] is ids[sorted_indices[k]] */

    uint32_t *tree;         /**< eytzinger: ids in breadth-first order of a complete search tree, root at 1 */
    uint32_t *tree_indices; /**< tree[k] is ids[tree_indices[k]] */

    uint32_t *nodes; /**< s-tree: node_count nodes of LOOKUP_NODE ids, each ascending, padded at the end */
    uint32_t *node_indices; /**< nodes[k] is ids[node_indices[k]]; LOOKUP_NONE of what pads */
    size_t node_count;

    uint32_t *pool; /**< pool_size ids to look up, a whole number of windows */
    size_t pool_size;
    size_t window_size; /**< queries of one run */
    size_t next;        /**< where in the pool the next run's window starts */
    uint32_t *answers;  /**< window_size indices, of the last run's window */

    uint32_t key; /**< of the id generator; see kernel.c */
};

/** Slot, or bucket, at which the search for an id starts: Fibonacci hashing, Knuth, TAOCP volume 3, section 6.4. */
static inline size_t lookup_home_slot(uint32_t id, unsigned slot_shift) {
    return (size_t)((id * UINT64_C(0x9e3779b97f4a7c15)) >> slot_shift);
}

/**
 * The queries of this run. The window moves on at every run, because a branch predictor learns a batch that
 * is repeated: then the early exit of a scan looks cheaper than it is for queries that nobody has seen
 * before.
 */
static inline const uint32_t *lookup_take_window(struct lookup *lookup) {
    return lookup->pool + cs_window(&lookup->next, lookup->window_size, lookup->pool_size);
}

/** Fills sorted[k], ascending, and the index of each in `ids`, indices[k]; n each. */
void lookup_sort(const struct cs_env *env, const struct lookup *lookup, uint32_t *sorted, uint32_t *indices);

void run_linear(void *state);

int prepare_hash(const struct cs_env *env, void *state);
void run_hash(void *state);

int prepare_binary(const struct cs_env *env, void *state);
void run_binary(void *state);

int prepare_eytzinger(const struct cs_env *env, void *state);
void run_eytzinger(void *state);

int vector_supported(char *reason, size_t reason_size);
void run_vector(void *state);

int prepare_buckets(const struct cs_env *env, void *state);
void run_buckets(void *state);

int prepare_s_tree(const struct cs_env *env, void *state);
void run_s_tree(void *state);

#endif
