/* request-pipelining: values of Redis, with a round trip a value or one a batch. */
#include "request-pipelining.h"

#define KEYS 256
#define LEAST_POOL 4096 /* requests before the first comes again */

static void teardown(void *state) {
    struct requests *requests = state;
    redisFree(requests->context);
}

static void draw(const struct cs_env *env, struct requests *requests) {
    struct cs_random random = cs_random_seed(env->seed);
    requests->pool = cs_windows(env, &requests->next, LEAST_POOL, requests->count);
    requests->keys = cs_array(env, "keys", KEYS, struct redis_key);
    requests->asked = cs_array(env, "requests", requests->pool, uint32_t);
    requests->answers = cs_answer(env, "sum", requests->count, uint64_t);
    for (uint32_t i = 0; i < KEYS; i++)
        requests->keys[i] = redis_key('a', env->seed, i);
    for (size_t i = 0; i < requests->pool; i++)
        requests->asked[i] = cs_random_below(&random, KEYS);
}

static int setup(const struct cs_env *env, void *state) {
    struct requests *requests = state;
    requests->seed = env->seed;
    requests->words = ((uint32_t)cs_value(env, "bytes") + 7) / 8;
    requests->batch = (uint32_t)cs_value(env, "batch");
    uint32_t batches = ((uint32_t)cs_value(env, "requests") + requests->batch - 1) / requests->batch;
    requests->count = batches * requests->batch;
    requests->recorder = cs_recorder(env, requests->count);
    draw(env, requests);
    requests->context = redis_open_by(env, (enum redis_transport)cs_value(env, "transport"));
    if (!requests->context)
        return -ECONNREFUSED;
    int status = redis_fill(env, requests->context, 'a', KEYS, requests->words);
    if (status)
        teardown(state);
    cs_run_error(env, &requests->error);
    cs_work(env, requests->count, (double)requests->count * requests->words * sizeof(uint64_t));
    cs_count(env, "round-trips", &requests->round_trips);
    cs_count(env, "commands", &requests->commands);
    return status;
}

/* No server: the sums by their formula. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct requests *requests = state;
    const uint32_t *asked = requests->asked + cs_last_window(requests->next, requests->count, requests->pool);
    for (uint32_t i = 0; i < requests->count; i++) {
        uint64_t expected = redis_expected_sum(requests->words, requests->seed, asked[i]);
        cs_expect(mismatch, "sum", i, requests->answers[i], expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("request-pipelining", "value", "get values from Redis"),
    .parameters = {CS_NUMBER("batch", "values", 1, 256, 8,
                             "that are known to be wanted at one time; round-trip does not look at it"),
                   CS_NUMBER("bytes", "bytes", 8, 65536, 64, "of a value, rounded up to a multiple of 8"),
                   CS_NUMBER("requests", "values", 1, 256, 16, "of one run, rounded up to whole batches"),
                   REDIS_TRANSPORT},
    .variants = {CS_VARIANT("round-trip", run_round_trip, "waits for each value before it asks for the next",
                            .flags = CS_IO),
                 CS_VARIANT("pipelined", run_pipelined, "sends the commands of a batch together",
                            .flags = CS_IO, .prepare = prepare_pipelined),
                 CS_VARIANT("multi-key", run_multi_key, "one command for a batch: MGET", .flags = CS_IO,
                            .prepare = prepare_multi_key)},
    .counters = {CS_COUNTER("round-trips", "round trip"), CS_COUNTER("commands", "command")},
    CS_STATE(struct requests, setup),
    .check = check,
    .teardown = teardown,
    .scale = "requests",
    .services = {REDIS_SERVICE_AT("{port}")},
};
