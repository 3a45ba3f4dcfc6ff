/* batch-insert: orders written to a table of SQLite that lasts, with a transaction a row or one a batch. */
#include "batch-insert.h"

enum { PARAMETER_BATCH, PARAMETER_ROWS, PARAMETER_JOURNAL };

/* Orders that come in before the first comes again: more runs than any loop remembers. */
#define LEAST_POOL 4096

static void teardown(void *state) {
    struct inserts *inserts = state;
    shop_close(&inserts->shop);
    sqlite3_vfs_unregister(&inserts->files.vfs);
}

/* A page cache that is full before the first run: one that fills with the table would be memory that a run keeps. */
#define FILL_CACHE                                                                                           \
    "PRAGMA cache_size = -256; SELECT sum(length(address)) FROM orders; SELECT count(user_id) FROM orders"

static int make_shop(const struct cs_env *env, struct inserts *inserts) {
    struct shop_sizes sizes = {.users = KEPT / 4, .orders = KEPT + (uint32_t)inserts->pool, .skewed = 1};
    inserts->orders = cs_array(env, "orders", sizes.orders, struct shop_order);
    shop_draw(env, &sizes, inserts->orders, NULL);
    sizes.orders = KEPT;
    int status = shop_open(env, &inserts->shop);
    if (status == 0)
        status = shop_fill(env, &inserts->shop, &sizes, inserts->orders, NULL);
    if (status == 0 && shop_execute(inserts->shop.db, "CREATE INDEX orders_of_user ON orders (user_id)"))
        status = shop_fail(env, &inserts->shop, "index");
    if (status == 0)
        status = shop_set_journal(env, &inserts->shop, (enum shop_journal)env->value[PARAMETER_JOURNAL]);
    if (status == 0 && shop_execute(inserts->shop.db, FILL_CACHE))
        status = shop_fail(env, &inserts->shop, "read");
    return status;
}

static int setup(const struct cs_env *env, void *state) {
    struct inserts *inserts = state;
    inserts->batch = (uint32_t)env->value[PARAMETER_BATCH];
    uint32_t batches = ((uint32_t)env->value[PARAMETER_ROWS] + inserts->batch - 1) / inserts->batch;
    inserts->rows = batches * inserts->batch;
    inserts->pool = (LEAST_POOL + inserts->rows - 1) / inserts->rows * inserts->rows;
    inserts->users = cs_array(env, "users read back", inserts->rows, uint32_t);
    inserts->statuses = cs_array(env, "statuses read back", inserts->rows, uint32_t);
    inserts->lengths = cs_array(env, "lengths read back", inserts->rows, uint32_t);
    inserts->totals = cs_array(env, "totals read back", inserts->rows, int64_t);
    inserts->shop.vfs = "shop-counted";
    if (counted_files_register(&inserts->files, inserts->shop.vfs))
        return cs_fail(env, EIO, "SQLite has no files here");
    int status = make_shop(env, inserts);
    if (status)
        teardown(state);
    return status;
}

/* The table as setup made it. */
static int delete_inserted(struct inserts *inserts) {
    char sql[64];
    snprintf(sql, sizeof sql, "DELETE FROM orders WHERE id > %d", KEPT);
    return shop_execute(inserts->shop.db, sql);
}

static void reset(void *state) {
    struct inserts *inserts = state;
    inserts->error = delete_inserted(inserts);
    inserts->next = 0;
    inserts->first = inserts->after = KEPT + 1;
}

/* The answer is in the file: what no run writes is not there. */
static int poison(void *state, size_t variant) {
    (void)variant;
    return delete_inserted(state);
}

static int read_back(struct inserts *inserts) {
    sqlite3_stmt *query = NULL;
    int status = sqlite3_prepare_v2(
        inserts->shop.db,
        "SELECT user_id, status, total, length(address) FROM orders WHERE id >= ?1 ORDER BY id", -1, &query,
        NULL);
    sqlite3_bind_int64(query, 1, (sqlite3_int64)inserts->first);
    for (inserts->found = 0; status == SQLITE_OK && (status = sqlite3_step(query)) == SQLITE_ROW;
         status = SQLITE_OK) {
        uint64_t i = inserts->found++;
        if (i >= inserts->rows)
            continue;
        inserts->users[i] = (uint32_t)sqlite3_column_int64(query, 0);
        inserts->statuses[i] = (uint32_t)sqlite3_column_int64(query, 1);
        inserts->totals[i] = sqlite3_column_int64(query, 2);
        inserts->lengths[i] = (uint32_t)sqlite3_column_int64(query, 3);
    }
    int error = status == SQLITE_DONE ? 0 : shop_error(inserts->shop.db);
    sqlite3_finalize(query);
    return error;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct inserts *inserts = state;
    (void)variant;
    int status = inserts->first ? read_back(inserts) : 0;
    struct cs_output all[] = {
        {.name = "user", .data = inserts->users, .count = inserts->rows, .type = CS_U32},
        {.name = "status", .data = inserts->statuses, .count = inserts->rows, .type = CS_U32},
        {.name = "total", .data = inserts->totals, .count = inserts->rows, .type = CS_I64},
        {.name = "bytes of the address", .data = inserts->lengths, .count = inserts->rows, .type = CS_U32},
        {.name = "rows", .data = &inserts->found, .count = 1, .type = CS_U64}};
    memcpy(outputs, all, sizeof all);
    *count = sizeof all / sizeof *all;
    return inserts->error ? inserts->error : status;
}

static void work(const void *state, struct cs_work *work) {
    const struct inserts *inserts = state;
    *work = (struct cs_work){.items = inserts->rows};
}

/* What came in, held against what is in the table. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct inserts *inserts = state;
    const struct shop_order *orders =
        inserts->orders + KEPT + cs_last_window(inserts->next, inserts->rows, inserts->pool);
    (void)variant;
    if (inserts->found != inserts->rows)
        return cs_wrong(mismatch, "rows", 0, "%llu", (unsigned long long)inserts->found,
                        (unsigned long long)inserts->rows);
    for (uint32_t i = 0; i < inserts->rows; i++) {
        if (inserts->users[i] != orders[i].user)
            return cs_wrong(mismatch, "user", i, "%u", inserts->users[i], orders[i].user);
        if (inserts->statuses[i] != orders[i].status)
            return cs_wrong(mismatch, "status", i, "%u", inserts->statuses[i], orders[i].status);
        if (inserts->totals[i] != orders[i].total)
            return cs_wrong(mismatch, "total", i, "%lld", (long long)inserts->totals[i],
                            (long long)orders[i].total);
        if (inserts->lengths[i] != (uint32_t)shop_address_length(&orders[i]))
            return cs_wrong(mismatch, "bytes of the address", i, "%u", inserts->lengths[i],
                            (uint32_t)shop_address_length(&orders[i]));
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct inserts *inserts = state;
    values[0] = inserts->counts.statements;
    values[1] = inserts->counts.vm_steps;
    values[2] = inserts->counts.scan_steps;
    values[3] = inserts->files.syncs;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "batch-insert",
    .summary = "write orders to a table with an index, in SQLite",
    .item = "row",
    .parameters = {{.name = "batch",
                    .unit = "rows",
                    .min = 1,
                    .max = 256,
                    .def = 4,
                    .summary = "rows a transaction; per-row does not look at it"},
                   {.name = "rows",
                    .unit = "rows",
                    .min = 1,
                    .max = 256,
                    .def = 16,
                    .summary = "rows of one run, rounded up to whole batches"},
                   {.name = "journal",
                    .choices = SHOP_JOURNALS,
                    .summary = "how a transaction becomes lasting"}},
    .variants = {{.name = "per-row",
                  .prepare = prepare_per_row,
                  .release = release_per_row,
                  .run = run_per_row,
                  .flags = CS_IO,
                  .summary = "a transaction a row, prepared once"},
                 {.name = "batched",
                  .prepare = prepare_batched,
                  .release = release_batched,
                  .run = run_batched,
                  .flags = CS_IO,
                  .summary = "a transaction a batch, prepared once"},
                 {.name = "multi-row",
                  .prepare = prepare_multi_row,
                  .release = release_multi_row,
                  .run = run_multi_row,
                  .flags = CS_IO,
                  .summary = "a statement a batch: INSERT ... VALUES (...), (...)"},
                 {.name = "text",
                  .prepare = prepare_text,
                  .release = release_text,
                  .run = run_text,
                  .flags = CS_IO,
                  .summary = "a transaction a batch, each row a text that is parsed"}},
    .counters = {SHOP_COUNTERS, {.name = "fsyncs", .unit = "call"}},
    .state_size = sizeof(struct inserts),
    .setup = setup,
    .reset = reset,
    .poison = poison,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .teardown = teardown,
    .scale = "rows",
};
