/* index-vs-scan: a user's open orders found by a scan or by an index, and what each index costs where orders change. */
#include "index-vs-scan.h"

/* Subjects before the first comes again: more than a predictor remembers. */
#define LEAST_POOL 4096

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
    for (int v = 0; v < VARIANTS; v++) {
        searches->shops[v].next = searches->shops[v].last = 0;
        searches->shops[v].moved = searches->shops[v].last_moved = 1;
    }
}

static int setup(const struct cs_env *env, void *state) {
    struct searches *searches = state;
    searches->operation = (enum operation)cs_value(env, "operation");
    searches->queries = (uint32_t)cs_value(env, "queries");
    searches->sizes = (struct shop_sizes){.users = (uint32_t)cs_value(env, "users"),
                                          .orders = (uint32_t)cs_value(env, "rows")};
    searches->orders = cs_array(env, "orders", searches->sizes.orders, struct shop_order);
    int reads = searches->operation == READ;
    searches->counts =
        cs_answer(env, reads ? "open orders" : "user of the order", searches->queries, uint32_t);
    searches->totals = cs_answer(env, reads ? "total" : "found by its user", searches->queries, int64_t);
    cs_run_error(env, &searches->error);
    shop_draw(env, &searches->sizes, searches->orders, NULL);
    draw_subjects(env, searches);
    reset(state);
    int status = shop_open(env, &searches->shop);
    if (status)
        return status;
    status = shop_fill(env, &searches->shop, &searches->sizes, searches->orders, NULL);
    if (status)
        teardown(state);
    cs_work(env, searches->queries, 0);
    shop_count(env, &searches->counted);
    cs_count(env, "file-bytes", &searches->file_bytes);
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
    return searches->operation == WRITE ? read_back(searches, &searches->shops[variant]) : 0;
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
        cs_expect(mismatch, "count", i, searches->counts[i], count);
        cs_expect(mismatch, "total", i, searches->totals[i], total);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("index-vs-scan", "query", "find a user's open orders in SQLite, or give orders to others"),
    .parameters = {CS_CHOICE("operation", 0, "find open orders, or change whose orders are", "read", "write"),
                   CS_NUMBER("rows", "rows", 64, 1000000, 4000, "orders in the table"),
                   CS_NUMBER("users", "users", 1, 65536, 64,
                             "users who share the orders: a query is about one in so many rows"),
                   CS_NUMBER("queries", "queries", 1, 64, 4, "queries or changes of one run")},
    .variants = {CS_VARIANT("scan", run_scan, "no index: every row is looked at", .flags = CS_IO,
                            .prepare = prepare_scan, .release = release_scan, .evidence = tell_scan),
                 CS_VARIANT("index", run_index, "an index on the user", .flags = CS_IO,
                            .prepare = prepare_index, .release = release_index, .evidence = tell_index),
                 CS_VARIANT("covering", run_covering, "an index with all columns of the query",
                            .flags = CS_IO, .prepare = prepare_covering, .release = release_covering,
                            .evidence = tell_covering),
                 CS_VARIANT("partial", run_partial, "such an index of open orders alone", .flags = CS_IO,
                            .prepare = prepare_partial, .release = release_partial,
                            .evidence = tell_partial)},
    .counters = {SHOP_COUNTERS, CS_COUNTER("file-bytes", "byte")},
    CS_STATE(struct searches, setup),
    .reset = reset,
    .poison = poison,
    .outputs = outputs,
    .check = check,
    .teardown = teardown,
    .scale = "queries",
};
