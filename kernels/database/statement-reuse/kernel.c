/* statement-reuse: the same query with other values, over connections and statements that are made anew or kept. */
#include "statement-reuse.h"

enum { PARAMETER_ROWS, PARAMETER_QUERIES, PARAMETER_JOURNAL };

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
    sales->pool = (LEAST_POOL + sales->queries - 1) / sales->queries * sales->queries;
    sales->orders = cs_array(env, "orders", orders, struct shop_order);
    sales->items = cs_array(env, "items", (size_t)orders * ITEMS_AN_ORDER, struct shop_item);
    sales->firsts = cs_array(env, "queries", sales->pool, uint32_t);
    sales->counts = cs_array(env, "counts", sales->queries, uint32_t);
    sales->totals = cs_array(env, "totals", sales->queries, int64_t);
    shop_draw(env, &sales->sizes, sales->orders, sales->items);
    for (size_t i = 0; i < sales->pool; i++)
        sales->firsts[i] = 1 + cs_random_below(&random, orders - sales->rows + 1);
}

static int setup(const struct cs_env *env, void *state) {
    struct sales *sales = state;
    sales->rows = (uint32_t)env->value[PARAMETER_ROWS];
    sales->queries = (uint32_t)env->value[PARAMETER_QUERIES];
    draw(env, sales);
    int status = shop_open(env, &sales->shop);
    if (status)
        return status;
    status = shop_fill(env, &sales->shop, &sales->sizes, sales->orders, sales->items);
    if (status == 0 && shop_execute(sales->shop.db, "CREATE INDEX items_of_order ON items (order_id)"))
        status = shop_fail(env, &sales->shop, "index");
    if (status == 0)
        status = shop_set_journal(env, &sales->shop, (enum shop_journal)env->value[PARAMETER_JOURNAL]);
    /* This connection stays: the write-ahead log is not removed whenever one that was opened for a query is closed. */
    if (status == 0 && shop_execute(sales->shop.db, "SELECT count(*) FROM orders"))
        status = shop_fail(env, &sales->shop, "read");
    if (status)
        teardown(state);
    return status;
}

static void reset(void *state) {
    struct sales *sales = state;
    sales->next = 0;
    sales->error = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct sales *sales = state;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "items", .data = sales->counts, .count = sales->queries, .type = CS_U32};
    outputs[1] =
        (struct cs_output){.name = "total", .data = sales->totals, .count = sales->queries, .type = CS_I64};
    *count = 2;
    return sales->error;
}

static void work(const void *state, struct cs_work *work) {
    const struct sales *sales = state;
    *work = (struct cs_work){.items = sales->queries};
}

/* No SQL: the items as they were drawn. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct sales *sales = state;
    const uint32_t *firsts = sales->firsts + cs_last_window(sales->next, sales->queries, sales->pool);
    (void)variant;
    for (uint32_t i = 0; i < sales->queries; i++) {
        uint32_t count = 0;
        int64_t total = 0;
        for (uint32_t order = firsts[i] - 1; order < firsts[i] - 1 + sales->rows; order++)
            for (uint32_t item = order * ITEMS_AN_ORDER;
                 item < (order + 1) * ITEMS_AN_ORDER && sales->orders[order].status < 9; item++) {
                count++;
                total += (int64_t)sales->items[item].quantity * sales->items[item].price;
            }
        if (sales->counts[i] != count)
            return cs_wrong(mismatch, "items", i, "%u", sales->counts[i], count);
        if (sales->totals[i] != total)
            return cs_wrong(mismatch, "total", i, "%lld", (long long)sales->totals[i], (long long)total);
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct sales *sales = state;
    values[0] = sales->counted.statements;
    values[1] = sales->counted.vm_steps;
    values[2] = sales->counted.scan_steps;
    values[3] = sales->prepared;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "statement-reuse",
    .summary = "ask SQLite the same query with other values",
    .item = "query",
    .parameters = {{.name = "rows",
                    .unit = "orders",
                    .min = 1,
                    .max = 1024,
                    .def = 1,
                    .summary = "orders that a query adds up, with three items each"},
                   {.name = "queries",
                    .unit = "queries",
                    .min = 1,
                    .max = 256,
                    .def = QUERIES,
                    .summary = "queries of one run"},
                   {.name = "journal", .choices = SHOP_JOURNALS, .summary = "of the database"}},
    .variants = {{.name = "open-each",
                  .run = run_open_each,
                  .flags = CS_IO,
                  .summary = "a connection and a statement a query"},
                 {.name = "prepare-each",
                  .run = run_prepare_each,
                  .flags = CS_IO,
                  .summary = "one connection, a statement a query"},
                 {.name = "cached",
                  .prepare = prepare_cached,
                  .release = release_cached,
                  .run = run_cached,
                  .flags = CS_IO,
                  .summary = "one connection that finds its statements by their text"},
                 {.name = "kept",
                  .prepare = prepare_kept,
                  .release = release_kept,
                  .run = run_kept,
                  .flags = CS_IO,
                  .summary = "one connection, one statement"}},
    .counters = {SHOP_COUNTERS, {.name = "prepared", .unit = "statement"}},
    .state_size = sizeof(struct sales),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .teardown = teardown,
    .scale = "queries",
};
