/*
 * Which value has this key? A set of entries, 64 bytes each, is asked for keys of which some are there. A filter before
 * it says of most others that they are not.
 */
#include "bloom-filter.h"

enum { PARAMETER_N, PARAMETER_HIT, PARAMETER_BITS, PARAMETER_QUERIES };

/*
 * Queries before the first comes again, and n where that is more: more than a predictor remembers, and enough to reach
 * all of a set that no cache holds.
 */
#define LEAST_POOL 262144

static void fill_set(const struct cs_env *env, struct bloom *bloom) {
    unsigned bits = 1;
    while (((size_t)1 << bits) < 2 * bloom->n)
        bits++;
    bloom->slot_shift = 64 - bits;
    bloom->slots = cs_array(env, "set", (size_t)1 << bits, struct bloom_slot);
    for (size_t i = 0; i < bloom->n; i++) {
        uint64_t key = bloom_key(bloom, i);
        size_t slot = bloom_home(bloom, key);
        while (bloom->slots[slot].value != BLOOM_NONE)
            slot = (slot + 1) & (SIZE_MAX >> bloom->slot_shift);
        bloom->slots[slot].key = key;
        bloom->slots[slot].value = i + 1;
    }
}

/* Each window has its share of keys that are there, in an order of its own: all runs do the same work. */
static void draw_queries(const struct cs_env *env, struct bloom *bloom, struct cs_random *random,
                         size_t percent) {
    size_t size = bloom->window_size;
    uint32_t *order = cs_array(env, "order of queries", size, uint32_t);
    for (size_t i = 0; i < size; i++)
        order[i] = (uint32_t)i;
    for (size_t start = 0; start < bloom->pool_size; start += size) {
        cs_random_shuffle(random, order, size);
        for (size_t i = 0; i < size; i++) {
            int hit = order[i] < size * percent / 100;
            uint64_t index =
                cs_random_below(random, hit ? (uint32_t)bloom->n : UINT32_MAX - (uint32_t)bloom->n) +
                (hit ? 0 : bloom->n);
            bloom->pool[start + i] = bloom_key(bloom, index);
            bloom->expected[start + i] = hit ? index + 1 : BLOOM_NONE;
        }
    }
    cs_free(env, order);
}

static int setup(const struct cs_env *env, void *state) {
    struct bloom *bloom = state;
    struct cs_random random = cs_random_seed(env->seed);
    bloom->n = (size_t)env->value[PARAMETER_N];
    bloom->bits_a_key = (unsigned)env->value[PARAMETER_BITS];
    bloom->window_size = (size_t)env->value[PARAMETER_QUERIES];
    bloom->key_seed = cs_random_u64(&random);
    size_t pool = bloom->n > LEAST_POOL ? bloom->n : LEAST_POOL;
    bloom->pool_size = (pool + bloom->window_size - 1) / bloom->window_size * bloom->window_size;
    bloom->pool = cs_array(env, "queries", bloom->pool_size, uint64_t);
    bloom->expected = cs_array(env, "expected values", bloom->pool_size, uint64_t);
    bloom->answers = cs_array(env, "values", bloom->window_size, uint64_t);
    fill_set(env, bloom);
    draw_queries(env, bloom, &random, (size_t)env->value[PARAMETER_HIT]);
    return 0;
}

static void reset(void *state) {
    struct bloom *bloom = state;
    bloom->next = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct bloom *bloom = state;
    (void)variant;
    outputs[0] = (struct cs_output){
        .name = "value", .data = bloom->answers, .count = bloom->window_size, .type = CS_U64};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct bloom *bloom = state;
    *work = (struct cs_work){.items = (double)bloom->window_size};
}

/* Asks no set: which keys are there is known from how queries were drawn. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct bloom *bloom = state;
    (void)variant;
    size_t start = cs_last_window(bloom->next, bloom->window_size, bloom->pool_size);
    for (size_t i = 0; i < bloom->window_size; i++)
        if (bloom->answers[i] != bloom->expected[start + i]) {
            return cs_wrong(mismatch, "value", i, "%llu", (unsigned long long)bloom->answers[i],
                            (unsigned long long)bloom->expected[start + i]);
        }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct bloom *bloom = state;
    values[0] = bloom->asked;
    values[1] = bloom->in_vain;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "bloom-filter",
    .summary = "ask a set for keys that may not be there",
    .item = "query",
    .parameters =
        {
            {.name = "n",
             .unit = "keys",
             .min = 64,
             .max = 8388608,
             .def = 65536,
             .summary = "keys of the set"},
            {.name = "hit",
             .unit = "%",
             .min = 0,
             .max = 100,
             .def = 10,
             .summary = "queries whose key is there"},
            {.name = "bits", .unit = "bits", .min = 4, .max = 32, .def = 10, .summary = "of a filter, a key"},
            {.name = "queries",
             .unit = "queries",
             .min = 1,
             .max = 65536,
             .def = 1024,
             .summary = "queries of one run"},
        },
    .variants =
        {
            {.name = "exact", .run = run_exact, .summary = "asks the set each time"},
            {.name = "spread",
             .prepare = prepare_spread,
             .run = run_spread,
             .summary = "behind a Bloom filter: six bits a key, anywhere"},
            {.name = "blocked",
             .prepare = prepare_blocked,
             .run = run_blocked,
             .summary = "behind a blocked Bloom filter: six bits a key, in one word"},
        },
    .counters =
        {
            {.name = "asked", .unit = "query"},
            {.name = "in-vain", .unit = "query"},
        },
    .state_size = sizeof(struct bloom),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .scale = "queries",
};
