/* two-level-cache: values of Redis, read there each time or by way of a cache within the program. */
#include "two-level-cache.h"

enum skew { SKEW_UNIFORM, SKEW_ZIPF };
#define LEAST_POOL                                                                                           \
    65536 /* requests before the first comes again: more than any cache here holds, many times */

static void teardown(void *state) {
    struct levels *levels = state;
    redisFree(levels->context);
}

/* Of keys whose share is 1, 1/2, 1/3 …: the first at which the sum of shares is above `at`. */
static uint32_t find_key(const double *sums, uint32_t keys, double at) {
    uint32_t low = 0;
    for (uint32_t length = keys; length > 1;) {
        uint32_t half = length / 2;
        low += sums[low + half - 1] <= at ? half : 0;
        length -= half;
    }
    return low;
}

/* What is read often is written often. */
static void draw(const struct cs_env *env, struct levels *levels) {
    struct cs_random random = cs_random_seed(env->seed);
    double *sums = cs_array(env, "sums of shares", levels->keys, double), sum = 0;
    uint32_t write_every = (uint32_t)cs_value(env, "write-every");
    /* What a cache holds changes how long an answer takes, and not what it is: it stays from run to run. */
    levels->pool = cs_windows(env, &levels->next, LEAST_POOL, levels->count);
    levels->requests = cs_array(env, "requests", levels->pool, struct request);
    levels->answers = cs_answer(env, "sum", levels->count, uint64_t);
    for (uint32_t i = 0; i < levels->keys; i++)
        sums[i] = sum += cs_value(env, "skew") == SKEW_ZIPF ? 1.0 / (i + 1) : 1;
    for (size_t i = 0; i < levels->pool; i++)
        levels->requests[i] = (struct request){find_key(sums, levels->keys, cs_random_unit(&random) * sum),
                                               i % write_every == write_every - 1};
    cs_free(env, sums);
}

/* Versions begin with whatever the last word of a value is. */
static int make_side(const struct cs_env *env, struct levels *levels, unsigned side) {
    struct side *made = &levels->sides[side];
    char space = (char)('a' + side);
    made->keys = cs_array(env, "keys", levels->keys, struct redis_key);
    made->versions = cs_array(env, "versions", levels->keys, uint64_t);
    for (uint32_t i = 0; i < levels->keys; i++) {
        made->keys[i] = redis_key(space, env->seed, i);
        made->versions[i] = redis_first_word(env->seed, i) + BODY * REDIS_STEP;
    }
    return redis_fill(env, levels->context, space, levels->keys, BODY + 1);
}

static int setup(const struct cs_env *env, void *state) {
    struct levels *levels = state;
    levels->seed = env->seed;
    levels->keys = (uint32_t)cs_value(env, "keys");
    levels->count = (uint32_t)cs_value(env, "requests");
    levels->capacity = (uint32_t)cs_value(env, "capacity");
    levels->to_live = (uint64_t)cs_value(env, "ttl");
    draw(env, levels);
    levels->context = redis_open(env);
    if (!levels->context)
        return -ECONNREFUSED;
    int status = 0;
    for (unsigned side = 0; side < SIDES && status == 0; side++)
        status = make_side(env, levels, side);
    if (status)
        teardown(state);
    cs_run_error(env, &levels->error);
    cs_work(env, levels->count, 0);
    cs_count(env, "round-trips", &levels->round_trips);
    cs_count(env, "hits", &levels->hits);
    cs_count(env, "stale-reads", &levels->stale);
    return status;
}

void write_value(struct levels *levels, struct side *side, uint32_t key) {
    uint64_t words[BODY + 1];
    redis_make_value(words, BODY, levels->seed, key);
    words[BODY] = ++side->versions[key];
    if (redis_add_set(levels->context, &side->keys[key], words, BODY + 1) || redis_expect(levels->context, 1))
        levels->error = -EIO;
    levels->round_trips++;
}

/* No server and no cache: the sums by their formula. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct levels *levels = state;
    const struct request *requests =
        levels->requests + cs_last_window(levels->next, levels->count, levels->pool);
    for (uint32_t i = 0; i < levels->count; i++) {
        uint64_t expected =
            requests[i].is_write ? 0 : redis_expected_sum(BODY, levels->seed, requests[i].key);
        cs_expect(mismatch, "sum", i, levels->answers[i], expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("two-level-cache", "request", "read values of Redis that are written now and then"),
    .parameters = {CS_CHOICE("skew", SKEW_ZIPF, "how often each key is asked for", "uniform", "zipf"),
                   CS_NUMBER("ttl", "requests", 1, 1 << 20, 1024,
                             "time that time-to-live trusts an entry for"),
                   CS_NUMBER("keys", "keys", 16, 65536, 4096, "that may be asked for"),
                   CS_NUMBER("capacity", "entries", 1, 65536, 512, "of the cache in the program"),
                   CS_NUMBER("write-every", "requests", 2, 65536, 64,
                             "the last of so many requests is a write"),
                   CS_NUMBER("requests", "requests", 1, 1024, 64, "of a run")},
    .variants = {CS_VARIANT("read-each", run_read_each, "a round trip a read", .flags = CS_IO),
                 CS_VARIANT("time-to-live", run_time_to_live,
                            "a bounded cache that trusts its entries for a while", .flags = CS_IO,
                            .prepare = prepare_time_to_live),
                 CS_VARIANT("forever", run_forever, "a bounded cache that trusts its entries", .flags = CS_IO,
                            .prepare = prepare_forever)},
    .counters = {CS_COUNTER("round-trips", "round trip"), CS_COUNTER("hits", "read"),
                 CS_COUNTER("stale-reads", "read")},
    CS_STATE(struct levels, setup),
    .check = check,
    .teardown = teardown,
    .services = {REDIS_SERVICE},
};
