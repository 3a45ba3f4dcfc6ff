/* pg-index-vs-scan: a user's open orders found in PostgreSQL, by a scan or an index. */
#include "pg-index-vs-scan.h"

#define LEAST_POOL 256

static int setup(const struct cs_env *env, void *state) {
    struct searches *searches = state;
    struct cs_random random = cs_random_seed(env->seed ^ 1);
    searches->sizes = (struct shop_sizes){.users = (uint32_t)cs_value(env, "users"),
                                          .orders = (uint32_t)cs_value(env, "rows")};
    searches->queries = cs_size(env, "queries");
    searches->pool = cs_windows(env, &searches->next, LEAST_POOL, searches->queries);
    searches->orders = cs_array(env, "orders", searches->sizes.orders, struct shop_order);
    searches->subjects = cs_array(env, "users that are asked for", searches->pool, uint32_t);
    searches->counts = cs_answer(env, "open orders", searches->queries, uint32_t);
    searches->totals = cs_answer(env, "total", searches->queries, int64_t);
    shop_draw(env, &searches->sizes, searches->orders, NULL);
    for (size_t i = 0; i < searches->pool; i++)
        searches->subjects[i] = 1 + cs_random_below(&random, searches->sizes.users);
    cs_run_error(env, &searches->error);
    cs_work(env, searches->queries, 0);
    cs_count(env, "round-trips", &searches->pg.round_trips);
    return pg_open_schema(env, &searches->pg);
}

/* No SQL: the orders as they were drawn. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct searches *searches = state;
    const uint32_t *subjects =
        searches->subjects + cs_last_window(searches->next, searches->queries, searches->pool);
    for (size_t i = 0; i < searches->queries; i++) {
        uint32_t count = 0;
        int64_t total = 0;
        for (uint32_t order = 0; order < searches->sizes.orders; order++)
            if (searches->orders[order].user == subjects[i] && searches->orders[order].status == 0) {
                count++;
                total += searches->orders[order].total;
            }
        cs_expect(mismatch, "open orders", i, searches->counts[i], count);
        cs_expect(mismatch, "total", i, searches->totals[i], total);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("pg-index-vs-scan", "query", "find a user's open orders in PostgreSQL"),
    .parameters = {CS_NUMBER("rows", "rows", 64, 100000, 1000, "orders in the table"),
                   CS_NUMBER("users", "users", 1, 4096, 64,
                             "users who share the orders: a query is about one in so many rows"),
                   CS_NUMBER("queries", "queries", 1, 64, 4, "queries of one run")},
    .variants = {CS_VARIANT("scan", run_scan, "no index: every row is looked at", .flags = CS_IO,
                            .prepare = prepare_scan, .evidence = tell_scan),
                 CS_VARIANT("index", run_index, "an index on the user", .flags = CS_IO,
                            .prepare = prepare_index, .evidence = tell_index),
                 CS_VARIANT("covering", run_covering, "an index with all columns of the query",
                            .flags = CS_IO, .prepare = prepare_covering, .evidence = tell_covering)},
    .counters = {CS_COUNTER("round-trips", "round trip")},
    CS_STATE(struct searches, setup),
    .check = check,
    .teardown = pg_teardown,
    .scale = "queries",
    .services = {POSTGRES_SERVICE},
};
