/* A value by its key, from a cache that keeps all of them or from one with room for few. */
#include "inputs.h"

enum { PARAMETER_KEYS, PARAMETER_SKEW, PARAMETER_CAPACITY, PARAMETER_COST, PARAMETER_REQUESTS };
static const char *const skew_names[] = {"uniform", "ninety-ten", "zipf", NULL};

/* Requests before the first comes again, and keys where that is more. */
#define LEAST_POOL 65536

static int setup(const struct cs_env *env, void *state) {
    struct cache *cache = state;
    struct cs_random random = cs_random_seed(env->seed);
    uint32_t keys = (uint32_t)env->value[PARAMETER_KEYS];
    size_t pool = keys > LEAST_POOL ? keys : LEAST_POOL;
    cache->window = (size_t)env->value[PARAMETER_REQUESTS];
    cache->capacity = (uint32_t)env->value[PARAMETER_CAPACITY];
    cache->cost = (uint64_t)env->value[PARAMETER_COST];
    cache->factor =
        cs_random_u64(&random) << 3 | 5; /* of full period: Knuth, TAOCP volume 2, section 3.2.1 */
    cache->sum = cs_random_u64(&random) | 1;
    cache->pool_size = (pool + cache->window - 1) / cache->window * cache->window;
    cache->pool = cs_array(env, "requests", cache->pool_size, uint32_t);
    cache->answers = cs_array(env, "answers", cache->window, uint64_t);
    draw_requests(env, cache, &random, keys, (enum skew)env->value[PARAMETER_SKEW]);
    return 0;
}

/* What a cache holds changes how long an answer takes, and not what it is. */
static void reset(void *state) {
    struct cache *cache = state;
    cache->next = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct cache *cache = state;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "answer", .data = cache->answers, .count = cache->window, .type = CS_U64};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct cache *cache = state;
    *work = (struct cs_work){.items = (double)cache->window};
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
    (void)variant;
    const uint32_t *keys = cache->pool + cs_last_window(cache->next, cache->window, cache->pool_size);
    for (size_t i = 0; i < cache->window; i++) {
        uint64_t first = skip(keys[i], cache->factor, cache->sum, cache->cost);
        uint64_t expected = first + skip(first, cache->factor, cache->sum, VALUE_WORDS - 1);
        if (cache->answers[i] != expected)
            return cs_wrong(mismatch, "answer", i, "%llu", (unsigned long long)cache->answers[i],
                            (unsigned long long)expected);
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    values[0] = ((const struct cache *)state)->computed;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "bounded-cache",
    .summary = "values that take long to compute, by way of a cache",
    .item = "request",
    .parameters =
        {{.name = "keys",
          .unit = "keys",
          .min = 16,
          .max = 8388608,
          .def = 16384,
          .summary = "that may be asked for"},
         {.name = "skew", .choices = skew_names, .def = SKEW_ZIPF, .summary = "how often each is asked for"},
         {.name = "capacity",
          .unit = "entries",
          .min = 1,
          .max = 1048576,
          .def = 4096,
          .summary = "of a bounded cache"},
         {.name = "cost",
          .unit = "rounds",
          .min = 1,
          .max = 65536,
          .def = 64,
          .summary = "a product and a sum each, that a value takes"},
         {.name = "requests",
          .unit = "requests",
          .min = 1,
          .max = 65536,
          .def = 1024,
          .summary = "of a run"}},
    .variants = {{.name = "grow", .prepare = prepare_grow, .run = run_grow, .summary = "keeps all values"},
                 {.name = "lru",
                  .prepare = prepare_lru,
                  .run = run_lru,
                  .summary = "gives up the one whose last use is longest ago"},
                 {.name = "clock",
                  .prepare = prepare_clock,
                  .run = run_clock,
                  .summary = "gives up one that was not used for a turn of the hand"}},
    .counters = {{.name = "computed", .unit = "value"}},
    .state_size = sizeof(struct cache),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .scale = "requests",
};
