/* index-vs-scan: a user's open orders found by a scan or by an index, and what each index costs where orders change. */
#include "index-vs-scan.h"

enum { PARAMETER_OPERATION, PARAMETER_ROWS, PARAMETER_USERS, PARAMETER_QUERIES };

/* Subjects before the first comes again: more than a predictor remembers. */
#define LEAST_POOL 4096

static const char *const operations[] = {[READ] = "read", [WRITE] = "write", NULL};

static void teardown(void *state) {
    struct searches *searches = state;
    shop_close(&searches->shop);
}

/* Users who are asked for, some more than once; or orders that are changed, none twice before all were. */
static void draw_subjects(const struct cs_env *env, struct searches *searches) {
    struct cs_random random = cs_random_seed(env->seed ^ 1);
    uint32_t orders = searches->sizes.orders;
    size_t least = searches->operation == READ || orders > LEAST_POOL ? LEAST_POOL : orders;
    searches->pool = (least + searches->queries - 1) / searches->queries * searches->queries;
    if (searches->operation == WRITE && searches->pool > orders)
        searches->pool -= searches->queries;
    searches->subjects = cs_array(env, "subjects", searches->pool, uint32_t);
    if (searches->operation == READ) {
        for (size_t i = 0; i < searches->pool; i++)
            searches->subjects[i] = 1 + cs_random_below(&random, searches->sizes.users);
        return;
    }
    uint32_t *ids = cs_array(env, "ids in no order", orders, uint32_t);
    for (uint32_t i = 0; i < orders; i++)
        ids[i] = i + 1;
    cs_random_shuffle(&random, ids, orders);
    memcpy(searches->subjects, ids, searches->pool * sizeof *ids);
    cs_free(env, ids);
}

static void reset(void *state) {
    struct searches *searches = state;
    searches->error = 0;
    for (int v = 0; v < VARIANTS; v++) {
        searches->shops[v].next = searches->shops[v].last = 0;
        searches->shops[v].moved = searches->shops[v].last_moved = 1;
    }
}

static int setup(const struct cs_env *env, void *state) {
    struct searches *searches = state;
    searches->operation = (enum operation)env->value[PARAMETER_OPERATION];
    searches->queries = (uint32_t)env->value[PARAMETER_QUERIES];
    searches->sizes = (struct shop_sizes){.users = (uint32_t)env->value[PARAMETER_USERS],
                                          .orders = (uint32_t)env->value[PARAMETER_ROWS]};
    searches->orders = cs_array(env, "orders", searches->sizes.orders, struct shop_order);
    searches->counts = cs_array(env, "counts", searches->queries, uint32_t);
    searches->totals = cs_array(env, "totals", searches->queries, int64_t);
    shop_draw(env, &searches->sizes, searches->orders, NULL);
    draw_subjects(env, searches);
    reset(state);
    int status = shop_open(env, &searches->shop);
    if (status)
        return status;
    status = shop_fill(env, &searches->shop, &searches->sizes, searches->orders, NULL);
    if (status)
        teardown(state);
    return status;
}

/* Nobody has the orders that the next verified run changes. */
static int poison(void *state, size_t variant) {
    struct searches *searches = state;
    sqlite3 *db = searches->shops[variant].shop.db;
    int status = 0;
    for (uint32_t i = 0; i < searches->queries && searches->operation == WRITE && status == 0; i++) {
        char sql[64];
        snprintf(sql, sizeof sql, "UPDATE orders SET user_id = -1 WHERE id = %u", searches->subjects[i]);
        status = shop_execute(db, sql);
    }
    return status;
}

/* Whose the orders of the last run are now, by the table and by what index there is. */
static int read_back(struct searches *searches, const struct indexed_shop *own) {
    sqlite3_stmt *query = NULL;
    int status =
        sqlite3_prepare_v2(own->shop.db,
                           "SELECT user_id, (SELECT count(*) FROM orders AS other WHERE other.user_id ="
                           " orders.user_id AND other.id = orders.id) FROM orders WHERE id = ?1",
                           -1, &query, NULL);
    for (uint32_t i = 0; i < searches->queries && status == SQLITE_OK; i++) {
        sqlite3_bind_int64(query, 1, searches->subjects[own->last + i]);
        status = sqlite3_step(query) == SQLITE_ROW ? SQLITE_OK : SQLITE_ERROR;
        searches->counts[i] = (uint32_t)sqlite3_column_int64(query, 0);
        searches->totals[i] = sqlite3_column_int64(query, 1);
        sqlite3_reset(query);
    }
    int error = status == SQLITE_OK ? 0 : shop_error(own->shop.db);
    sqlite3_finalize(query);
    return error;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct searches *searches = state;
    int status = searches->operation == WRITE ? read_back(searches, &searches->shops[variant]) : 0;
    int reads = searches->operation == READ;
    outputs[0] = (struct cs_output){.name = reads ? "open orders" : "user of the order",
                                    .data = searches->counts,
                                    .count = searches->queries,
                                    .type = CS_U32};
    outputs[1] = (struct cs_output){.name = reads ? "total" : "found by its user",
                                    .data = searches->totals,
                                    .count = searches->queries,
                                    .type = CS_I64};
    *count = 2;
    return searches->error ? searches->error : status;
}

static void work(const void *state, struct cs_work *work) {
    const struct searches *searches = state;
    *work = (struct cs_work){.items = searches->queries};
}

/* No SQL: the orders as they were drawn. */
static void expect(const struct searches *searches, const struct indexed_shop *own, uint32_t subject,
                   uint32_t *count, int64_t *total) {
    *count = 0;
    *total = 0;
    for (uint32_t order = 0; order < searches->sizes.orders && searches->operation == READ; order++)
        if (searches->orders[order].user == subject && searches->orders[order].status == 0) {
            ++*count;
            *total += searches->orders[order].total;
        }
    if (searches->operation == WRITE) {
        *count = own->last_moved ? moved_user(searches, subject) : searches->orders[subject - 1].user;
        *total = 1;
    }
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct searches *searches = state;
    const struct indexed_shop *own = &searches->shops[variant];
    for (uint32_t i = 0; i < searches->queries; i++) {
        uint32_t count;
        int64_t total;
        expect(searches, own, searches->subjects[own->last + i], &count, &total);
        if (searches->counts[i] != count)
            return cs_wrong(mismatch, "count", i, "%u", searches->counts[i], count);
        if (searches->totals[i] != total)
            return cs_wrong(mismatch, "total", i, "%lld", (long long)searches->totals[i], (long long)total);
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct searches *searches = state;
    values[0] = searches->counted.statements;
    values[1] = searches->counted.vm_steps;
    values[2] = searches->counted.scan_steps;
    values[3] = searches->file_bytes;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "index-vs-scan",
    .summary = "find a user's open orders in SQLite, or give orders to others",
    .item = "query",
    .parameters = {{.name = "operation",
                    .choices = operations,
                    .summary = "find open orders, or change whose orders are"},
                   {.name = "rows",
                    .unit = "rows",
                    .min = 64,
                    .max = 1000000,
                    .def = 4000,
                    .summary = "orders in the table"},
                   {.name = "users",
                    .unit = "users",
                    .min = 1,
                    .max = 65536,
                    .def = 64,
                    .summary = "users who share the orders: a query is about one in so many rows"},
                   {.name = "queries",
                    .unit = "queries",
                    .min = 1,
                    .max = 64,
                    .def = 4,
                    .summary = "queries or changes of one run"}},
    .variants = {{.name = "scan",
                  .prepare = prepare_scan,
                  .release = release_scan,
                  .run = run_scan,
                  .evidence = tell_scan,
                  .flags = CS_IO,
                  .summary = "no index: every row is looked at"},
                 {.name = "index",
                  .prepare = prepare_index,
                  .release = release_index,
                  .run = run_index,
                  .evidence = tell_index,
                  .flags = CS_IO,
                  .summary = "an index on the user"},
                 {.name = "covering",
                  .prepare = prepare_covering,
                  .release = release_covering,
                  .run = run_covering,
                  .evidence = tell_covering,
                  .flags = CS_IO,
                  .summary = "an index with all columns of the query"},
                 {.name = "partial",
                  .prepare = prepare_partial,
                  .release = release_partial,
                  .run = run_partial,
                  .evidence = tell_partial,
                  .flags = CS_IO,
                  .summary = "such an index of open orders alone"}},
    .counters = {SHOP_COUNTERS, {.name = "file-bytes", .unit = "byte"}},
    .state_size = sizeof(struct searches),
    .setup = setup,
    .reset = reset,
    .poison = poison,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .teardown = teardown,
    .scale = "queries",
};
