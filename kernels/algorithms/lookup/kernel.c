/*
 * Where is this id? n distinct 32-bit ids in no order, a batch of queries, and for each the index of its id
 * or "none".
 */
#include "inputs.h"

enum { PARAMETER_N, PARAMETER_HIT, PARAMETER_QUERIES, PARAMETER_POOL };

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

/* A whole number of windows, one at the least. */
static size_t choose_pool_size(size_t n, size_t window, int64_t pool) {
    size_t size = pool > 0 ? (size_t)pool : n > LEAST_POOL ? n : LEAST_POOL;
    return (size + window - 1) / window * window;
}

static int setup(const struct cs_env *env, void *state) {
    struct lookup *lookup = state;
    struct cs_random random = cs_random_seed(env->seed);
    lookup->n = (size_t)env->value[PARAMETER_N];
    lookup->key = (uint32_t)cs_random_u64(&random);
    lookup->window_size = choose_window_size(lookup->n, env->value[PARAMETER_QUERIES]);
    lookup->pool_size = choose_pool_size(lookup->n, lookup->window_size, env->value[PARAMETER_POOL]);
    lookup->ids = cs_array(env, "ids", lookup->n, uint32_t);
    lookup->pool = cs_array(env, "queries", lookup->pool_size, uint32_t);
    lookup->answers = cs_array(env, "answers", lookup->window_size, uint32_t);
    for (size_t i = 0; i < lookup->n; i++)
        lookup->ids[i] = lookup_id(lookup->key, (uint32_t)i);
    lookup_draw_queries(lookup, &random, (unsigned)env->value[PARAMETER_HIT]);
    return 0;
}

static void reset(void *state) {
    struct lookup *lookup = state;
    lookup->next = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct lookup *lookup = state;
    (void)variant;
    outputs[0] = (struct cs_output){
        .name = "index", .data = lookup->answers, .count = lookup->window_size, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct lookup *lookup = state;
    *work = (struct cs_work){.items = (double)lookup->window_size};
}

static void print_index(char text[48], uint32_t index) {
    if (index == LOOKUP_NONE)
        snprintf(text, 48, "none");
    else
        snprintf(text, 48, "%u", index);
}

/* No search: the id generator is run backwards. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct lookup *lookup = state;
    (void)variant;
    size_t start = cs_last_window(lookup->next, lookup->window_size, lookup->pool_size);
    for (size_t i = 0; i < lookup->window_size; i++) {
        uint32_t index = lookup_index(lookup->key, lookup->pool[start + i]);
        uint32_t expected = index < lookup->n ? index : LOOKUP_NONE;
        if (lookup->answers[i] != expected) {
            *mismatch = (struct cs_mismatch){.output = "index", .index = i};
            print_index(mismatch->got, lookup->answers[i]);
            print_index(mismatch->expected, expected);
            return 1;
        }
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "lookup",
    .summary = "find the index of an id among n ids",
    .item = "lookup",
    .parameters =
        {
            {.name = "n",
             .unit = "ids",
             .min = 4,
             .max = 4194304,
             .def = 1024,
             .summary = "ids that are searched"},
            {.name = "hit",
             .unit = "%",
             .min = 0,
             .max = 100,
             .def = 100,
             .summary = "queries whose id is there"},
            {.name = "queries",
             .unit = "lookups",
             .min = 0,
             .max = 65536,
             .def = 0,
             .summary = "lookups of one run; 0: 1024, fewer where a scan would take above 2 ms"},
            {.name = "pool",
             .unit = "queries",
             .min = 0,
             .max = 16777216,
             .def = 0,
             .summary = "queries before the first comes again; 0: 262144, or n where that is more"},
        },
    .variants =
        {
            {.name = "linear", .run = run_linear, .summary = "scans the ids in their order"},
            {.name = "hash",
             .prepare = prepare_hash,
             .run = run_hash,
             .summary = "open-addressing table, at most half full"},
            {.name = "binary",
             .prepare = prepare_binary,
             .run = run_binary,
             .summary = "branchless binary search of a sorted copy"},
            {.name = "eytzinger",
             .prepare = prepare_eytzinger,
             .run = run_eytzinger,
             .summary = "search tree in breadth-first order, prefetched"},
            {.name = "vector",
             .supported = vector_supported,
             .run = run_vector,
             .summary = "as linear, sixteen ids a comparison and a branch"},
            {.name = "s-tree",
             .prepare = prepare_s_tree,
             .run = run_s_tree,
             .summary = "search tree of seventeen ways, a cache line a node"},
        },
    .state_size = sizeof(struct lookup),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "queries",
};
