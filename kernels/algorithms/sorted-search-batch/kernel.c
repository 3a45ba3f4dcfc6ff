/*
 * How many keys are below each of these queries? Sorted keys, and batches of queries in no order: which are answered
 * one by one, some at a time, or in their order.
 */
#include "sorted-search-batch.h"

enum { PARAMETER_N, PARAMETER_BATCH };

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
    searches->n = (size_t)env->value[PARAMETER_N];
    searches->batch = (size_t)env->value[PARAMETER_BATCH];
    searches->stride = (uint32_t)((UINT64_C(1) << 32) / searches->n);
    searches->pool_size = choose_pool_size(searches->n, searches->batch);
    searches->keys = cs_array(env, "keys", searches->n, uint32_t);
    searches->pool = cs_array(env, "queries", searches->pool_size, uint32_t);
    searches->answers = cs_array(env, "answers", searches->batch, uint32_t);
    for (size_t i = 0; i < searches->n; i++)
        searches->keys[i] = (uint32_t)i * searches->stride + cs_random_below(&random, searches->stride);
    for (size_t i = 0; i < searches->pool_size; i++)
        searches->pool[i] = (uint32_t)cs_random_u64(&random);
    return 0;
}

static void reset(void *state) {
    struct searches *searches = state;
    searches->next = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct searches *searches = state;
    (void)variant;
    outputs[0] = (struct cs_output){
        .name = "keys below", .data = searches->answers, .count = searches->batch, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct searches *searches = state;
    *work = (struct cs_work){.items = (double)searches->batch};
}

/* No search: which of the equal shares of all numbers a query lies in tells which key to compare it with. */
static uint32_t keys_below(const struct searches *searches, uint32_t query) {
    size_t i = query / searches->stride;
    return (uint32_t)(i < searches->n ? i + (searches->keys[i] < query) : searches->n);
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct searches *searches = state;
    (void)variant;
    size_t start = cs_last_window(searches->next, searches->batch, searches->pool_size);
    for (size_t i = 0; i < searches->batch; i++) {
        uint32_t expected = keys_below(searches, searches->pool[start + i]);
        if (searches->answers[i] != expected) {
            return cs_wrong(mismatch, "keys below", i, "%u", searches->answers[i], expected);
        }
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "sorted-search-batch",
    .summary = "answer a batch of searches in sorted keys",
    .item = "search",
    .parameters =
        {
            {.name = "n",
             .unit = "keys",
             .min = 2,
             .max = 16777216,
             .def = 65536,
             .summary = "keys that are searched"},
            {.name = "batch",
             .unit = "searches",
             .min = 1,
             .max = 65536,
             .def = 1024,
             .summary = "searches of one run, known together"},
        },
    .variants =
        {
            {.name = "single", .run = run_single, .summary = "one branchless binary search after the other"},
            {.name = "interleaved",
             .run = run_interleaved,
             .summary = "sixteen searches step by step, the next keys prefetched"},
            {.name = "sorted",
             .prepare = prepare_sorted,
             .run = run_sorted,
             .summary = "sorts the batch, and goes on from the answer before"},
        },
    .state_size = sizeof(struct searches),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
};
