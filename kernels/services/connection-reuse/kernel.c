/* connection-reuse: requests to Redis, over a connection a session, or over connections that stay. */
#include "connection-reuse.h"

#define KEYS 256
#define LEAST_POOL 4096 /* requests before the first comes again */

static int setup(const struct cs_env *env, void *state) {
    struct sessions *sessions = state;
    struct cs_random random = cs_random_seed(env->seed);
    sessions->seed = env->seed;
    sessions->requests = (uint32_t)cs_value(env, "requests");
    sessions->count = (uint32_t)cs_value(env, "sessions") * sessions->requests;
    sessions->size = cs_windows(env, &sessions->next, LEAST_POOL, sessions->count);
    sessions->path = cs_array(env, "path", strlen(env->service[0]) + 1, char);
    strcpy(sessions->path, env->service[0]);
    sessions->port = env->port[0];
    sessions->transport = (enum redis_transport)cs_value(env, "transport");
    sessions->keys = cs_array(env, "keys", KEYS, struct redis_key);
    sessions->asked = cs_array(env, "requests", sessions->size, uint32_t);
    sessions->answers = cs_answer(env, "sum", sessions->count, uint64_t);
    for (uint32_t i = 0; i < KEYS; i++)
        sessions->keys[i] = redis_key('a', env->seed, i);
    for (size_t i = 0; i < sessions->size; i++)
        sessions->asked[i] = cs_random_below(&random, KEYS);
    redisContext *context = redis_open_by(env, sessions->transport);
    if (!context)
        return -ECONNREFUSED;
    int status = redis_fill(env, context, 'a', KEYS, WORDS);
    redisFree(context);
    cs_run_error(env, &sessions->error);
    cs_work(env, sessions->count, 0);
    cs_count(env, "connects", &sessions->connects);
    cs_count(env, "round-trips", &sessions->round_trips);
    return status;
}

/* No server: the sums by their formula. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct sessions *sessions = state;
    const uint32_t *asked = sessions->asked + cs_last_window(sessions->next, sessions->count, sessions->size);
    for (uint32_t i = 0; i < sessions->count; i++) {
        uint64_t expected = redis_expected_sum(WORDS, sessions->seed, asked[i]);
        cs_expect(mismatch, "sum", i, sessions->answers[i], expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("connection-reuse", "request", "requests to Redis in sessions"),
    .parameters = {CS_NUMBER("requests", "requests", 1, 256, 1, "of a session, one after the other"),
                   CS_NUMBER("sessions", "sessions", 1, 64, 4, "of a run"), REDIS_TRANSPORT},
    .variants = {CS_VARIANT("connect-each", run_connect_each, "a connection a session", .flags = CS_IO),
                 CS_VARIANT("kept", run_kept, "one connection", .flags = CS_IO, .prepare = prepare_kept,
                            .release = release_kept),
                 CS_VARIANT("pool-peek", run_pool_peek,
                            "one of a pool, if the system does not know it as closed", .flags = CS_IO,
                            .prepare = prepare_pool_peek, .release = release_pool_peek),
                 CS_VARIANT("pool-ping", run_pool_ping, "one of a pool, if it answers PING", .flags = CS_IO,
                            .prepare = prepare_pool_ping, .release = release_pool_ping)},
    .counters = {CS_COUNTER("connects", "connection"), CS_COUNTER("round-trips", "round trip")},
    CS_STATE(struct sessions, setup),
    .check = check,
    .scale = "sessions",
    .services = {REDIS_SERVICE_AT("{port}")},
};
