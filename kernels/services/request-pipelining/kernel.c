/* request-pipelining: values of Redis, with a round trip a value or one a batch. */
#include "request-pipelining.h"

enum { PARAMETER_BATCH, PARAMETER_BYTES, PARAMETER_REQUESTS };

#define KEYS 256
#define LEAST_POOL 4096 /* requests before the first comes again */

static void teardown(void *state) {
    struct requests *requests = state;
    redisFree(requests->context);
}

static void draw(const struct cs_env *env, struct requests *requests) {
    struct cs_random random = cs_random_seed(env->seed);
    requests->pool = (LEAST_POOL + requests->count - 1) / requests->count * requests->count;
    requests->keys = cs_array(env, "keys", KEYS, struct redis_key);
    requests->asked = cs_array(env, "requests", requests->pool, uint32_t);
    requests->answers = cs_array(env, "answers", requests->count, uint64_t);
    for (uint32_t i = 0; i < KEYS; i++)
        requests->keys[i] = redis_key('a', env->seed, i);
    for (size_t i = 0; i < requests->pool; i++)
        requests->asked[i] = cs_random_below(&random, KEYS);
}

static int setup(const struct cs_env *env, void *state) {
    struct requests *requests = state;
    requests->seed = env->seed;
    requests->words = ((uint32_t)env->value[PARAMETER_BYTES] + 7) / 8;
    requests->batch = (uint32_t)env->value[PARAMETER_BATCH];
    uint32_t batches = ((uint32_t)env->value[PARAMETER_REQUESTS] + requests->batch - 1) / requests->batch;
    requests->count = batches * requests->batch;
    requests->recorder = cs_recorder(env, requests->count);
    draw(env, requests);
    requests->context = redis_open(env);
    if (!requests->context)
        return -ECONNREFUSED;
    int status = redis_fill(env, requests->context, 'a', KEYS, requests->words);
    if (status)
        teardown(state);
    return status;
}

static void reset(void *state) {
    struct requests *requests = state;
    requests->next = 0;
    requests->error = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct requests *requests = state;
    (void)variant;
    outputs[0] = (struct cs_output){
        .name = "sum", .data = requests->answers, .count = requests->count, .type = CS_U64};
    *count = 1;
    return requests->error;
}

static void work(const void *state, struct cs_work *work) {
    const struct requests *requests = state;
    *work = (struct cs_work){.items = requests->count,
                             .bytes = (double)requests->count * requests->words * sizeof(uint64_t)};
}

/* No server: the sums by their formula. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct requests *requests = state;
    const uint32_t *asked = requests->asked + cs_last_window(requests->next, requests->count, requests->pool);
    (void)variant;
    for (uint32_t i = 0; i < requests->count; i++) {
        uint64_t expected = redis_expected_sum(requests->words, requests->seed, asked[i]);
        if (requests->answers[i] != expected)
            return cs_wrong(mismatch, "sum", i, "%llu", (unsigned long long)requests->answers[i],
                            (unsigned long long)expected);
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct requests *requests = state;
    values[0] = requests->round_trips;
    values[1] = requests->commands;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "request-pipelining",
    .summary = "get values from Redis",
    .item = "value",
    .parameters = {{.name = "batch",
                    .unit = "values",
                    .min = 1,
                    .max = 256,
                    .def = 8,
                    .summary = "that are known to be wanted at one time; round-trip does not look at it"},
                   {.name = "bytes",
                    .unit = "bytes",
                    .min = 8,
                    .max = 65536,
                    .def = 64,
                    .summary = "of a value, rounded up to a multiple of 8"},
                   {.name = "requests",
                    .unit = "values",
                    .min = 1,
                    .max = 256,
                    .def = 16,
                    .summary = "of one run, rounded up to whole batches"}},
    .variants = {{.name = "round-trip",
                  .run = run_round_trip,
                  .flags = CS_IO,
                  .summary = "waits for each value before it asks for the next"},
                 {.name = "pipelined",
                  .prepare = prepare_pipelined,
                  .run = run_pipelined,
                  .flags = CS_IO,
                  .summary = "sends the commands of a batch together"},
                 {.name = "multi-key",
                  .prepare = prepare_multi_key,
                  .run = run_multi_key,
                  .flags = CS_IO,
                  .summary = "one command for a batch: MGET"}},
    .counters = {{.name = "round-trips", .unit = "round trip"}, {.name = "commands", .unit = "command"}},
    .state_size = sizeof(struct requests),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .teardown = teardown,
    .scale = "requests",
    .services = {REDIS_SERVICE},
};
