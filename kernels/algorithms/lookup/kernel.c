/*
 * Where is this id? n distinct 32-bit ids in no order, a batch of queries, and for each the index of its id
 * or "none".
 */
#include "inputs.h"

/*
 * Queries of one run where the case does not say: 1024, fewer where that would be more than four million
 * comparisons for a scan of all ids, which take about 2 ms.
 */
#define MOST_QUERIES 1024
#define MOST_COMPARISONS (4u << 20)

/*
 * Queries before the first comes again, where the case does not say. Fewer than these and the branch
 * predictor knows them by heart; fewer than n and the hash table's slots that are asked for may fit in a
 * cache that the table does not fit in.
 */
#define LEAST_POOL 262144

static size_t choose_window_size(size_t n, int64_t queries) {
    if (queries > 0)
        return (size_t)queries;
    size_t size = MOST_COMPARISONS / n;
    return size < MOST_QUERIES ? size : MOST_QUERIES;
}

static int setup(const struct cs_env *env, void *state) {
    struct lookup *lookup = state;
    struct cs_random random = cs_random_seed(env->seed);
    lookup->n = cs_size(env, "n");
    lookup->key = (uint32_t)cs_random_u64(&random);
    lookup->window_size = choose_window_size(lookup->n, cs_value(env, "queries"));
    size_t pool = cs_size(env, "pool"), least = lookup->n > LEAST_POOL ? lookup->n : LEAST_POOL;
    lookup->pool_size = cs_windows(env, &lookup->next, pool ? pool : least, lookup->window_size);
    lookup->ids = cs_array(env, "ids", lookup->n, uint32_t);
    lookup->pool = cs_array(env, "queries", lookup->pool_size, uint32_t);
    lookup->answers = cs_answer(env, "index", lookup->window_size, uint32_t);
    for (size_t i = 0; i < lookup->n; i++)
        lookup->ids[i] = lookup_id(lookup->key, (uint32_t)i);
    lookup_draw_queries(lookup, &random, (unsigned)cs_value(env, "hit"));
    cs_work(env, lookup->window_size, 0);
    return 0;
}

/* No search: the id generator is run backwards. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct lookup *lookup = state;
    size_t start = cs_last_window(lookup->next, lookup->window_size, lookup->pool_size);
    for (size_t i = 0; i < lookup->window_size; i++) {
        uint32_t index = lookup_index(lookup->key, lookup->pool[start + i]);
        uint32_t expected = index < lookup->n ? index : LOOKUP_NONE;
        cs_expect(mismatch, "index", i, (int32_t)lookup->answers[i], (int32_t)expected); /* none: -1 */
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("lookup", "lookup", "find the index of an id among n ids"),
    .parameters = {CS_NUMBER("n", "ids", 4, 4194304, 1024, "ids that are searched"),
                   CS_NUMBER("hit", "%", 0, 100, 100, "queries whose id is there"),
                   CS_NUMBER("queries", "lookups", 0, 65536, 0,
                             "lookups of one run; 0: 1024, fewer where a scan would take above 2 ms"),
                   CS_NUMBER("pool", "queries", 0, 16777216, 0,
                             "queries before the first comes again; 0: 262144, or n where that is more")},
    .variants = {CS_VARIANT("linear", run_linear, "scans the ids in their order"),
                 CS_VARIANT("hash", run_hash, "open-addressing table, at most half full",
                            .prepare = prepare_hash),
                 CS_VARIANT("binary", run_binary, "branchless binary search of a sorted copy",
                            .prepare = prepare_binary),
                 CS_VARIANT("eytzinger", run_eytzinger, "search tree in breadth-first order, prefetched",
                            .prepare = prepare_eytzinger),
                 CS_VARIANT("vector", run_vector, "as linear, sixteen ids a comparison and a branch",
                            .supported = vector_supported),
                 CS_VARIANT("s-tree", run_s_tree, "search tree of seventeen ways, a cache line a node",
                            .prepare = prepare_s_tree),
                 CS_VARIANT("buckets", run_buckets, "hash table of cache lines, eight ids a comparison",
                            .prepare = prepare_buckets)},
    CS_STATE(struct lookup, setup),
    .check = check,
    .scale = "queries",
};
