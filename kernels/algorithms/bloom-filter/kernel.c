/*
 * Which value has this key? A set of entries, 64 bytes each, is asked for keys of which some are there. A filter before
 * it says of most others that they are not.
 */
#include "bloom-filter.h"

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
    bloom->n = cs_size(env, "n");
    bloom->bits_a_key = (unsigned)cs_value(env, "bits");
    bloom->window_size = cs_size(env, "queries");
    bloom->key_seed = cs_random_u64(&random);
    size_t pool = bloom->n > LEAST_POOL ? bloom->n : LEAST_POOL;
    bloom->pool_size = cs_windows(env, &bloom->next, pool, bloom->window_size);
    bloom->pool = cs_array(env, "queries", bloom->pool_size, uint64_t);
    bloom->expected = cs_array(env, "expected values", bloom->pool_size, uint64_t);
    bloom->answers = cs_answer(env, "value", bloom->window_size, uint64_t);
    fill_set(env, bloom);
    draw_queries(env, bloom, &random, cs_size(env, "hit"));
    cs_work(env, bloom->window_size, 0);
    cs_count(env, "asked", &bloom->asked);
    cs_count(env, "in-vain", &bloom->in_vain);
    return 0;
}

/* Asks no set: which keys are there is known from how queries were drawn. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct bloom *bloom = state;
    size_t start = cs_last_window(bloom->next, bloom->window_size, bloom->pool_size);
    for (size_t i = 0; i < bloom->window_size; i++)
        cs_expect(mismatch, "value", i, bloom->answers[i], bloom->expected[start + i]);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("bloom-filter", "query", "ask a set for keys that may not be there"),
    .parameters = {CS_NUMBER("n", "keys", 64, 8388608, 65536, "keys of the set"),
                   CS_NUMBER("hit", "%", 0, 100, 10, "queries whose key is there"),
                   CS_NUMBER("bits", "bits", 4, 32, 10, "of a filter, a key"),
                   CS_NUMBER("queries", "queries", 1, 65536, 1024, "queries of one run")},
    .variants = {CS_VARIANT("exact", run_exact, "asks the set each time"),
                 CS_VARIANT("spread", run_spread, "behind a Bloom filter: six bits a key, anywhere",
                            .prepare = prepare_spread),
                 CS_VARIANT("blocked", run_blocked,
                            "behind a blocked Bloom filter: six bits a key, in one word",
                            .prepare = prepare_blocked)},
    .counters = {CS_COUNTER("asked", "query"), CS_COUNTER("in-vain", "query")},
    CS_STATE(struct bloom, setup),
    .check = check,
    .scale = "queries",
};
