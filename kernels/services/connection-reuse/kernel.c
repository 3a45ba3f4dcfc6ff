/* connection-reuse: requests to Redis, over a connection a session, or over connections that stay. */
#include "connection-reuse.h"

enum { PARAMETER_REQUESTS, PARAMETER_SESSIONS };

#define KEYS 256
#define LEAST_POOL 4096 /* requests before the first comes again */

static int setup(const struct cs_env *env, void *state) {
    struct sessions *sessions = state;
    struct cs_random random = cs_random_seed(env->seed);
    sessions->seed = env->seed;
    sessions->requests = (uint32_t)env->value[PARAMETER_REQUESTS];
    sessions->count = (uint32_t)env->value[PARAMETER_SESSIONS] * sessions->requests;
    sessions->size = (LEAST_POOL + sessions->count - 1) / sessions->count * sessions->count;
    sessions->path = cs_array(env, "path", strlen(env->service[0]) + 1, char);
    strcpy(sessions->path, env->service[0]);
    sessions->keys = cs_array(env, "keys", KEYS, struct redis_key);
    sessions->asked = cs_array(env, "requests", sessions->size, uint32_t);
    sessions->answers = cs_array(env, "answers", sessions->count, uint64_t);
    for (uint32_t i = 0; i < KEYS; i++)
        sessions->keys[i] = redis_key('a', env->seed, i);
    for (size_t i = 0; i < sessions->size; i++)
        sessions->asked[i] = cs_random_below(&random, KEYS);
    redisContext *context = redis_open(env);
    if (!context)
        return -ECONNREFUSED;
    int status = redis_fill(env, context, 'a', KEYS, WORDS);
    redisFree(context);
    return status;
}

static void reset(void *state) {
    struct sessions *sessions = state;
    sessions->next = 0;
    sessions->error = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct sessions *sessions = state;
    (void)variant;
    outputs[0] = (struct cs_output){
        .name = "sum", .data = sessions->answers, .count = sessions->count, .type = CS_U64};
    *count = 1;
    return sessions->error;
}

static void work(const void *state, struct cs_work *work) {
    const struct sessions *sessions = state;
    *work = (struct cs_work){.items = sessions->count};
}

/* No server: the sums by their formula. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct sessions *sessions = state;
    const uint32_t *asked = sessions->asked + cs_last_window(sessions->next, sessions->count, sessions->size);
    (void)variant;
    for (uint32_t i = 0; i < sessions->count; i++) {
        uint64_t expected = redis_expected_sum(WORDS, sessions->seed, asked[i]);
        if (sessions->answers[i] != expected)
            return cs_wrong(mismatch, "sum", i, "%llu", (unsigned long long)sessions->answers[i],
                            (unsigned long long)expected);
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct sessions *sessions = state;
    values[0] = sessions->connects;
    values[1] = sessions->round_trips;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "connection-reuse",
    .summary = "requests to Redis in sessions",
    .item = "request",
    .parameters =
        {{.name = "requests",
          .unit = "requests",
          .min = 1,
          .max = 256,
          .def = 1,
          .summary = "of a session, one after the other"},
         {.name = "sessions", .unit = "sessions", .min = 1, .max = 64, .def = 4, .summary = "of a run"}},
    .variants = {{.name = "connect-each",
                  .run = run_connect_each,
                  .flags = CS_IO,
                  .summary = "a connection a session"},
                 {.name = "kept",
                  .prepare = prepare_kept,
                  .release = release_kept,
                  .run = run_kept,
                  .flags = CS_IO,
                  .summary = "one connection"},
                 {.name = "pool-peek",
                  .prepare = prepare_pool_peek,
                  .release = release_pool_peek,
                  .run = run_pool_peek,
                  .flags = CS_IO,
                  .summary = "one of a pool, if the system does not know it as closed"},
                 {.name = "pool-ping",
                  .prepare = prepare_pool_ping,
                  .release = release_pool_ping,
                  .run = run_pool_ping,
                  .flags = CS_IO,
                  .summary = "one of a pool, if it answers PING"}},
    .counters = {{.name = "connects", .unit = "connection"}, {.name = "round-trips", .unit = "round trip"}},
    .state_size = sizeof(struct sessions),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .scale = "sessions",
    .services = {REDIS_SERVICE},
};
