/* pg-index-vs-scan: a user's open orders found in PostgreSQL, by a scan or an index. */
#include "pg-index-vs-scan.h"

enum { PARAMETER_ROWS, PARAMETER_USERS, PARAMETER_QUERIES };

#define LEAST_POOL 256

static void teardown(void *state) {
    struct searches *searches = state;
    pg_close(&searches->pg);
}

static int setup(const struct cs_env *env, void *state) {
    struct searches *searches = state;
    struct cs_random random = cs_random_seed(env->seed ^ 1);
    searches->sizes = (struct shop_sizes){.users = (uint32_t)env->value[PARAMETER_USERS],
                                          .orders = (uint32_t)env->value[PARAMETER_ROWS]};
    searches->queries = (size_t)env->value[PARAMETER_QUERIES];
    searches->pool = (LEAST_POOL + searches->queries - 1) / searches->queries * searches->queries;
    searches->orders = cs_array(env, "orders", searches->sizes.orders, struct shop_order);
    searches->subjects = cs_array(env, "users that are asked for", searches->pool, uint32_t);
    searches->counts = cs_array(env, "numbers of orders", searches->queries, uint32_t);
    searches->totals = cs_array(env, "totals", searches->queries, int64_t);
    shop_draw(env, &searches->sizes, searches->orders, NULL);
    for (size_t i = 0; i < searches->pool; i++)
        searches->subjects[i] = 1 + cs_random_below(&random, searches->sizes.users);
    int status = pg_open(env, &searches->pg);
    if (status)
        return status;
    status = pg_make_schema(env, &searches->pg);
    if (status)
        teardown(state);
    return status;
}

static void reset(void *state) {
    struct searches *searches = state;
    searches->next = 0;
    searches->error = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct searches *searches = state;
    (void)variant;
    outputs[0] = (struct cs_output){
        .name = "open orders", .data = searches->counts, .count = searches->queries, .type = CS_U32};
    outputs[1] = (struct cs_output){
        .name = "total", .data = searches->totals, .count = searches->queries, .type = CS_I64};
    *count = 2;
    return searches->error;
}

static void work(const void *state, struct cs_work *work) {
    const struct searches *searches = state;
    *work = (struct cs_work){.items = (double)searches->queries};
}

/* No SQL: the orders as they were drawn. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct searches *searches = state;
    const uint32_t *subjects =
        searches->subjects + cs_last_window(searches->next, searches->queries, searches->pool);
    (void)variant;
    for (size_t i = 0; i < searches->queries; i++) {
        uint32_t count = 0;
        int64_t total = 0;
        for (uint32_t order = 0; order < searches->sizes.orders; order++)
            if (searches->orders[order].user == subjects[i] && searches->orders[order].status == 0) {
                count++;
                total += searches->orders[order].total;
            }
        if (searches->counts[i] != count)
            return cs_wrong(mismatch, "open orders", i, "%u", searches->counts[i], count);
        if (searches->totals[i] != total)
            return cs_wrong(mismatch, "total", i, "%lld", (long long)searches->totals[i], (long long)total);
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct searches *searches = state;
    values[0] = searches->pg.round_trips;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "pg-index-vs-scan",
    .summary = "find a user's open orders in PostgreSQL",
    .item = "query",
    .parameters = {{.name = "rows",
                    .unit = "rows",
                    .min = 64,
                    .max = 100000,
                    .def = 1000,
                    .summary = "orders in the table"},
                   {.name = "users",
                    .unit = "users",
                    .min = 1,
                    .max = 4096,
                    .def = 64,
                    .summary = "users who share the orders: a query is about one in so many rows"},
                   {.name = "queries",
                    .unit = "queries",
                    .min = 1,
                    .max = 64,
                    .def = 4,
                    .summary = "queries of one run"}},
    .variants = {{.name = "scan",
                  .prepare = prepare_scan,
                  .run = run_scan,
                  .evidence = tell_scan,
                  .flags = CS_IO,
                  .summary = "no index: every row is looked at"},
                 {.name = "index",
                  .prepare = prepare_index,
                  .run = run_index,
                  .evidence = tell_index,
                  .flags = CS_IO,
                  .summary = "an index on the user"},
                 {.name = "covering",
                  .prepare = prepare_covering,
                  .run = run_covering,
                  .evidence = tell_covering,
                  .flags = CS_IO,
                  .summary = "an index with all columns of the query"}},
    .counters = {{.name = "round-trips", .unit = "round trip"}},
    .state_size = sizeof(struct searches),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .teardown = teardown,
    .scale = "queries",
    .services = {POSTGRES_SERVICE},
};
