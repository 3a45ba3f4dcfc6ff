/* batch-insert: orders written to a table of SQLite that lasts, with a transaction a row or one a batch. */
#include "batch-insert.h"

static void teardown(void *state) {
    struct inserts *inserts = state;
    shop_close(&inserts->shop);
    sqlite3_vfs_unregister(&inserts->files.vfs);
}

/* A page cache that is full before the first run: one that fills with the table would be memory that a run keeps. */
#define FILL_CACHE                                                                                           \
    "PRAGMA cache_size = -256; SELECT sum(length(address)) FROM orders; SELECT count(user_id) FROM orders"

static int make_shop(const struct cs_env *env, struct inserts *inserts) {
    struct shop_sizes sizes = shop_inserts_open(env, &inserts->in, KEPT);
    int status = shop_open(env, &inserts->shop);
    if (status == 0)
        status = shop_fill(env, &inserts->shop, &sizes, inserts->in.orders, NULL);
    if (status == 0 && shop_execute(inserts->shop.db, "CREATE INDEX orders_of_user ON orders (user_id)"))
        status = shop_fail(env, &inserts->shop, "index");
    if (status == 0)
        status = shop_set_journal(env, &inserts->shop, (enum shop_journal)cs_value(env, "journal"));
    if (status == 0 && shop_execute(inserts->shop.db, FILL_CACHE))
        status = shop_fail(env, &inserts->shop, "read");
    return status;
}

static int setup(const struct cs_env *env, void *state) {
    struct inserts *inserts = state;
    cs_run_error(env, &inserts->error);
    inserts->shop.vfs = "shop-counted";
    if (counted_files_register(&inserts->files, inserts->shop.vfs))
        return cs_fail(env, EIO, "SQLite has no files here");
    int status = make_shop(env, inserts);
    if (status)
        teardown(state);
    shop_count(env, &inserts->counts);
    cs_count(env, "fsyncs", &inserts->files.syncs);
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
    shop_inserts_rewind(&inserts->in);
}

/* The answer is in the file: what no run writes is not there. */
static int poison(void *state, size_t variant) {
    return delete_inserted(state);
}

static int read_back(struct inserts *inserts) {
    sqlite3_stmt *query = NULL;
    int status = sqlite3_prepare_v2(
        inserts->shop.db,
        "SELECT user_id, status, total, length(address) FROM orders WHERE id >= ?1 ORDER BY id", -1, &query,
        NULL);
    sqlite3_bind_int64(query, 1, (sqlite3_int64)inserts->in.first);
    for (inserts->in.found = 0; status == SQLITE_OK && (status = sqlite3_step(query)) == SQLITE_ROW;
         status = SQLITE_OK) {
        uint64_t i = inserts->in.found++;
        if (i >= inserts->in.rows)
            continue;
        inserts->in.users[i] = (uint32_t)sqlite3_column_int64(query, 0);
        inserts->in.statuses[i] = (uint32_t)sqlite3_column_int64(query, 1);
        inserts->in.totals[i] = sqlite3_column_int64(query, 2);
        inserts->in.lengths[i] = (uint32_t)sqlite3_column_int64(query, 3);
    }
    int error = status == SQLITE_DONE ? 0 : shop_error(inserts->shop.db);
    sqlite3_finalize(query);
    return error;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct inserts *inserts = state;
    return inserts->in.first ? read_back(inserts) : 0;
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    return shop_inserts_check(&((const struct inserts *)state)->in, mismatch);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("batch-insert", "row", "write orders to a table with an index, in SQLite"),
    .parameters = {CS_NUMBER("batch", "rows", 1, 256, 4, "rows a transaction; per-row does not look at it"),
                   CS_NUMBER("rows", "rows", 1, 256, 16, "rows of one run, rounded up to whole batches"),
                   {.name = "journal",
                    .choices = SHOP_JOURNALS,
                    .summary = "how a transaction becomes lasting"}},
    .variants = {CS_VARIANT("per-row", run_per_row, "a transaction a row, prepared once", .flags = CS_IO,
                            .prepare = prepare_per_row, .release = release_per_row),
                 CS_VARIANT("batched", run_batched, "a transaction a batch, prepared once", .flags = CS_IO,
                            .prepare = prepare_batched, .release = release_batched),
                 CS_VARIANT("multi-row", run_multi_row, "a statement a batch: INSERT ... VALUES (...), (...)",
                            .flags = CS_IO, .prepare = prepare_multi_row, .release = release_multi_row),
                 CS_VARIANT("text", run_text, "a transaction a batch, each row a text that is parsed",
                            .flags = CS_IO, .prepare = prepare_text, .release = release_text)},
    .counters = {SHOP_COUNTERS, CS_COUNTER("fsyncs", "call")},
    CS_STATE(struct inserts, setup),
    .reset = reset,
    .poison = poison,
    .outputs = outputs,
    .check = check,
    .teardown = teardown,
    .scale = "rows",
};
