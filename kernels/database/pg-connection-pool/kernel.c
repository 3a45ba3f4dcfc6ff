/* pg-connection-pool: queries to PostgreSQL in sessions, over a connection a session, or over connections that stay. */
#include "pg-connection-pool.h"

#define ORDERS 1000
#define LEAST_POOL 4096 /* queries before the first comes again */

static int setup(const struct cs_env *env, void *state) {
    struct sessions *sessions = state;
    struct cs_random random = cs_random_seed(env->seed ^ 1);
    struct shop_sizes sizes = {.users = ORDERS / 4, .orders = ORDERS};
    sessions->requests = (uint32_t)cs_value(env, "requests");
    sessions->count = (uint32_t)cs_value(env, "sessions") * sessions->requests;
    sessions->lifetime = (uint32_t)cs_value(env, "lifetime");
    sessions->size = cs_windows(env, &sessions->next, LEAST_POOL, sessions->count);
    sessions->path = cs_array(env, "path", strlen(env->service[0]) + 1, char);
    strcpy(sessions->path, env->service[0]);
    sessions->orders = cs_array(env, "orders", ORDERS, struct shop_order);
    sessions->asked = cs_array(env, "queries", sessions->size, uint32_t);
    sessions->answers = cs_answer(env, "total", sessions->count, int64_t);
    for (size_t i = 0; i < sessions->size; i++)
        sessions->asked[i] = 1 + cs_random_below(&random, ORDERS);
    cs_run_error(env, &sessions->error);
    cs_work(env, sessions->count, 0);
    cs_count(env, "connects", &sessions->connects);
    cs_count(env, "round-trips", &sessions->round_trips);
    shop_draw(env, &sizes, sessions->orders, NULL);
    int status = pg_open_shop(env, &sessions->pg, &sizes, sessions->orders);
    if (status)
        return status;
    /* The schema is named, since a new connection looks into none but public. */
    snprintf(sessions->query, sizeof sessions->query, "SELECT total FROM shop_%d.orders WHERE id = $1",
             PQbackendPID(sessions->pg.connection));
    return 0;
}

/* No server: the orders as they were drawn. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct sessions *sessions = state;
    const uint32_t *asked = sessions->asked + cs_last_window(sessions->next, sessions->count, sessions->size);
    for (uint32_t i = 0; i < sessions->count; i++)
        cs_expect(mismatch, "total", i, sessions->answers[i], sessions->orders[asked[i] - 1].total);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("pg-connection-pool", "query", "queries to PostgreSQL in sessions"),
    .parameters = {CS_NUMBER("requests", "queries", 1, 1024, 1, "of a session, one after the other"),
                   CS_NUMBER("lifetime", "sessions", 1, 1 << 30, 1 << 30, "of a connection of a pool"),
                   CS_NUMBER("sessions", "sessions", 1, 16, 1, "of a run")},
    .variants = {CS_VARIANT("connect-each", run_connect_each, "a connection a session", .flags = CS_IO),
                 CS_VARIANT("pool", run_pool, "one of a pool, unchecked", .flags = CS_IO,
                            .prepare = prepare_pool, .release = release_pool),
                 CS_VARIANT("pool-peek", run_pool_peek,
                            "one of a pool, if the system does not know it as closed", .flags = CS_IO,
                            .prepare = prepare_pool_peek, .release = release_pool_peek),
                 CS_VARIANT("pool-ping", run_pool_ping, "one of a pool, if it answers an empty query",
                            .flags = CS_IO, .prepare = prepare_pool_ping, .release = release_pool_ping),
                 CS_VARIANT("pool-discard", run_pool_discard, "one of a pool, after DISCARD ALL",
                            .flags = CS_IO, .prepare = prepare_pool_discard,
                            .release = release_pool_discard)},
    .counters = {CS_COUNTER("connects", "connection"), CS_COUNTER("round-trips", "round trip")},
    CS_STATE(struct sessions, setup),
    .check = check,
    .teardown = pg_teardown,
    .scale = "sessions",
    .services = {POSTGRES_SERVICE},
};
