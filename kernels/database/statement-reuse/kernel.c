/* statement-reuse: the same query with other values, over connections and statements that are made anew or kept. */
#include "statement-reuse.h"

/* Queries before the first comes again: more than a predictor remembers. */
#define LEAST_POOL 4096
/* By default: malloc keeps some blocks of each size that a connection frees, and has all that it keeps after a thousand. */
#define QUERIES 128
#define LEAST_ORDERS 1024
#define ITEMS_AN_ORDER 3

static void teardown(void *state) {
    struct sales *sales = state;
    shop_close(&sales->shop);
}

static void draw(const struct cs_env *env, struct sales *sales) {
    struct cs_random random = cs_random_seed(env->seed ^ 1);
    uint32_t orders = sales->rows * 2 > LEAST_ORDERS ? sales->rows * 2 : LEAST_ORDERS;
    sales->sizes = (struct shop_sizes){
        .users = orders / 4, .orders = orders, .items_an_order = ITEMS_AN_ORDER, .skewed = 1};
    sales->pool = cs_windows(env, &sales->next, LEAST_POOL, sales->queries);
    sales->orders = cs_array(env, "orders", orders, struct shop_order);
    sales->items = cs_array(env, "items", (size_t)orders * ITEMS_AN_ORDER, struct shop_item);
    sales->firsts = cs_array(env, "queries", sales->pool, uint32_t);
    sales->counts = cs_answer(env, "items", sales->queries, uint32_t);
    sales->totals = cs_answer(env, "total", sales->queries, int64_t);
    shop_draw(env, &sales->sizes, sales->orders, sales->items);
    for (size_t i = 0; i < sales->pool; i++)
        sales->firsts[i] = 1 + cs_random_below(&random, orders - sales->rows + 1);
}

static int setup(const struct cs_env *env, void *state) {
    struct sales *sales = state;
    sales->rows = (uint32_t)cs_value(env, "rows");
    sales->queries = (uint32_t)cs_value(env, "queries");
    draw(env, sales);
    int status = shop_open(env, &sales->shop);
    if (status)
        return status;
    status = shop_fill(env, &sales->shop, &sales->sizes, sales->orders, sales->items);
    if (status == 0 && shop_execute(sales->shop.db, "CREATE INDEX items_of_order ON items (order_id)"))
        status = shop_fail(env, &sales->shop, "index");
    if (status == 0)
        status = shop_set_journal(env, &sales->shop, (enum shop_journal)cs_value(env, "journal"));
    /* This connection stays: the write-ahead log is not removed whenever one that was opened for a query is closed. */
    if (status == 0 && shop_execute(sales->shop.db, "SELECT count(*) FROM orders"))
        status = shop_fail(env, &sales->shop, "read");
    if (status)
        teardown(state);
    cs_run_error(env, &sales->error);
    cs_work(env, sales->queries, 0);
    shop_count(env, &sales->counted);
    cs_count(env, "prepared", &sales->prepared);
    return status;
}

/* No SQL: the items as they were drawn. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct sales *sales = state;
    const uint32_t *firsts = sales->firsts + cs_last_window(sales->next, sales->queries, sales->pool);
    for (uint32_t i = 0; i < sales->queries; i++) {
        uint32_t count = 0;
        int64_t total = 0;
        for (uint32_t order = firsts[i] - 1; order < firsts[i] - 1 + sales->rows; order++)
            for (uint32_t item = order * ITEMS_AN_ORDER;
                 item < (order + 1) * ITEMS_AN_ORDER && sales->orders[order].status < 9; item++) {
                count++;
                total += (int64_t)sales->items[item].quantity * sales->items[item].price;
            }
        cs_expect(mismatch, "items", i, sales->counts[i], count);
        cs_expect(mismatch, "total", i, sales->totals[i], total);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("statement-reuse", "query", "ask SQLite the same query with other values"),
    .parameters = {CS_NUMBER("rows", "orders", 1, 1024, 1,
                             "orders that a query adds up, with three items each"),
                   CS_NUMBER("queries", "queries", 1, 256, QUERIES, "queries of one run"),
                   {.name = "journal", .choices = SHOP_JOURNALS, .summary = "of the database"}},
    .variants = {CS_VARIANT("open-each", run_open_each, "a connection and a statement a query",
                            .flags = CS_IO),
                 CS_VARIANT("prepare-each", run_prepare_each, "one connection, a statement a query",
                            .flags = CS_IO),
                 CS_VARIANT("cached", run_cached, "one connection that finds its statements by their text",
                            .flags = CS_IO, .prepare = prepare_cached, .release = release_cached),
                 CS_VARIANT("kept", run_kept, "one connection, one statement", .flags = CS_IO,
                            .prepare = prepare_kept, .release = release_kept)},
    .counters = {SHOP_COUNTERS, CS_COUNTER("prepared", "statement")},
    CS_STATE(struct sales, setup),
    .check = check,
    .teardown = teardown,
    .scale = "queries",
};
