/* A value by its key, from a cache that keeps all of them or from one with room for few. */
#include "inputs.h"

/* Requests before the first comes again, and keys where that is more. */
#define LEAST_POOL 65536

static int setup(const struct cs_env *env, void *state) {
    struct cache *cache = state;
    struct cs_random random = cs_random_seed(env->seed);
    uint32_t keys = (uint32_t)cs_value(env, "keys");
    size_t pool = keys > LEAST_POOL ? keys : LEAST_POOL;
    cache->window = cs_size(env, "requests");
    cache->capacity = (uint32_t)cs_value(env, "capacity");
    cache->cost = (uint64_t)cs_value(env, "cost");
    cache->factor =
        cs_random_u64(&random) << 3 | 5; /* of full period: Knuth, TAOCP volume 2, section 3.2.1 */
    cache->sum = cs_random_u64(&random) | 1;
    /* What a cache holds changes how long an answer takes, and not what it is: it stays from run to run. */
    cache->pool_size = cs_windows(env, &cache->next, pool, cache->window);
    cache->pool = cs_array(env, "requests", cache->pool_size, uint32_t);
    cache->answers = cs_answer(env, "answer", cache->window, uint64_t);
    draw_requests(env, cache, &random, keys, (enum skew)cs_value(env, "skew"));
    cs_work(env, cache->window, 0);
    cs_count(env, "computed", &cache->computed);
    return 0;
}

/* The state after `rounds`, by squares (F. Brown, "Random Number Generation with Arbitrary Strides", 1994). */
static uint64_t skip(uint64_t x, uint64_t factor, uint64_t sum, uint64_t rounds) {
    for (; rounds; rounds /= 2) {
        if (rounds & 1)
            x = x * factor + sum;
        sum *= factor + 1;
        factor *= factor;
    }
    return x;
}

/* No cache, and no round by round. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct cache *cache = state;
    const uint32_t *keys = cache->pool + cs_last_window(cache->next, cache->window, cache->pool_size);
    for (size_t i = 0; i < cache->window; i++) {
        uint64_t first = skip(keys[i], cache->factor, cache->sum, cache->cost);
        uint64_t expected = first + skip(first, cache->factor, cache->sum, VALUE_WORDS - 1);
        cs_expect(mismatch, "answer", i, cache->answers[i], expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("bounded-cache", "request", "values that take long to compute, by way of a cache"),
    .parameters = {CS_NUMBER("keys", "keys", 16, 8388608, 16384, "that may be asked for"),
                   CS_CHOICE("skew", SKEW_ZIPF, "how often each is asked for", "uniform", "ninety-ten",
                             "zipf"),
                   CS_NUMBER("capacity", "entries", 1, 1048576, 4096, "of a bounded cache"),
                   CS_NUMBER("cost", "rounds", 1, 65536, 64, "a product and a sum each, that a value takes"),
                   CS_NUMBER("requests", "requests", 1, 65536, 1024, "of a run")},
    .variants = {CS_VARIANT("grow", run_grow, "keeps all values", .prepare = prepare_grow),
                 CS_VARIANT("lru", run_lru, "gives up the one whose last use is longest ago",
                            .prepare = prepare_lru),
                 CS_VARIANT("clock", run_clock, "gives up one that was not used for a turn of the hand",
                            .prepare = prepare_clock)},
    .counters = {CS_COUNTER("computed", "value")},
    CS_STATE(struct cache, setup),
    .check = check,
    .scale = "requests",
};
