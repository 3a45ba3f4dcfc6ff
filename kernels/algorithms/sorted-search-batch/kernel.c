/*
 * How many keys are below each of these queries? Sorted keys, and batches of queries in no order: which are answered
 * one by one, some at a time, or in their order.
 */
#include "sorted-search-batch.h"

/*
 * Queries before the first comes again: n, so that all keys are reached, but between these. The fewest are more than a
 * predictor remembers; the most read every line of keys several times.
 */
#define LEAST_POOL 262144
#define MOST_POOL 1048576

static size_t choose_pool_size(size_t n, size_t batch) {
    size_t size = n < LEAST_POOL ? LEAST_POOL : n < MOST_POOL ? n : MOST_POOL;
    return (size + batch - 1) / batch * batch;
}

static int setup(const struct cs_env *env, void *state) {
    struct searches *searches = state;
    struct cs_random random = cs_random_seed(env->seed);
    searches->n = cs_size(env, "n");
    searches->batch = cs_size(env, "batch");
    searches->stride = (uint32_t)((UINT64_C(1) << 32) / searches->n);
    searches->pool_size = choose_pool_size(searches->n, searches->batch);
    searches->keys = cs_array(env, "keys", searches->n, uint32_t);
    searches->pool = cs_array(env, "queries", searches->pool_size, uint32_t);
    searches->answers = cs_answer(env, "keys below", searches->batch, uint32_t);
    for (size_t i = 0; i < searches->n; i++)
        searches->keys[i] = (uint32_t)i * searches->stride + cs_random_below(&random, searches->stride);
    cs_random_fill(&random, searches->pool, searches->pool_size);
    cs_work(env, searches->batch, 0);
    cs_rewind(env, &searches->next);
    return 0;
}

/* No search: which of the equal shares of all numbers a query lies in tells which key to compare it with. */
static uint32_t keys_below(const struct searches *searches, uint32_t query) {
    size_t i = query / searches->stride;
    return (uint32_t)(i < searches->n ? i + (searches->keys[i] < query) : searches->n);
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct searches *searches = state;
    size_t start = cs_last_window(searches->next, searches->batch, searches->pool_size);
    for (size_t i = 0; i < searches->batch; i++) {
        uint32_t expected = keys_below(searches, searches->pool[start + i]);
        cs_expect(mismatch, "keys below", i, searches->answers[i], expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("sorted-search-batch", "search", "answer a batch of searches in sorted keys"),
    .parameters = {CS_NUMBER("n", "keys", 2, 16777216, 65536, "keys that are searched"),
                   CS_NUMBER("batch", "searches", 1, 65536, 1024, "searches of one run, known together")},
    .variants = {CS_VARIANT("single", run_single, "one branchless binary search after the other"),
                 CS_VARIANT("interleaved", run_interleaved,
                            "sixteen searches step by step, the next keys prefetched"),
                 CS_VARIANT("sorted", run_sorted, "sorts the batch, and goes on from the answer before",
                            .prepare = prepare_sorted)},
    CS_STATE(struct searches, setup),
    .check = check,
};
