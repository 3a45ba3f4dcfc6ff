/* pg-batch-insert: orders written to a table of PostgreSQL that lasts, with a transaction a row or one a batch. */
#include "pg-batch-insert.h"

#include <inttypes.h>

/* Orders that come in before the first comes again: more runs than any loop remembers. */
#define LEAST_POOL 4096

static int make_shop(const struct cs_env *env, struct inserts *inserts) {
    struct shop_sizes sizes = {.users = KEPT / 4, .orders = KEPT + (uint32_t)inserts->pool, .skewed = 1};
    inserts->orders = cs_array(env, "orders", sizes.orders, struct shop_order);
    shop_draw(env, &sizes, inserts->orders, NULL);
    sizes.orders = KEPT;
    return pg_open_shop(env, &inserts->pg, &sizes, inserts->orders);
}

static int setup(const struct cs_env *env, void *state) {
    struct inserts *inserts = state;
    inserts->batch = (uint32_t)cs_value(env, "batch");
    uint32_t batches = ((uint32_t)cs_value(env, "rows") + inserts->batch - 1) / inserts->batch;
    inserts->rows = batches * inserts->batch;
    inserts->pool = cs_windows(env, &inserts->next, LEAST_POOL, inserts->rows);
    inserts->users = cs_answer(env, "user", inserts->rows, uint32_t);
    inserts->statuses = cs_answer(env, "status", inserts->rows, uint32_t);
    inserts->totals = cs_answer(env, "total", inserts->rows, int64_t);
    inserts->lengths = cs_answer(env, "bytes of the address", inserts->rows, uint32_t);
    cs_output(env, "rows", &inserts->found, 1);
    cs_run_error(env, &inserts->error);
    inserts->first = inserts->after = KEPT + 1;
    cs_work(env, inserts->rows, 0);
    return make_shop(env, inserts);
}

/* The table as setup made it; the next id is the one after KEPT again. */
static int delete_inserted(struct inserts *inserts) {
    char sql[128];
    snprintf(sql, sizeof sql, "DELETE FROM orders WHERE id > %d; ALTER TABLE orders ALTER id RESTART WITH %d",
             KEPT, KEPT + 1);
    return pg_execute(&inserts->pg, sql);
}

static void reset(void *state) {
    struct inserts *inserts = state;
    inserts->error = delete_inserted(inserts);
    inserts->first = inserts->after = KEPT + 1;
}

/* The answer is in the table: what no run writes is not there. */
static int poison(void *state, size_t variant) {
    return delete_inserted(state);
}

static int read_back(struct inserts *inserts) {
    char sql[160];
    snprintf(sql, sizeof sql,
             "SELECT user_id, status, total, length(address) FROM orders WHERE id >= %" PRIu64 " ORDER BY id",
             inserts->first);
    PGresult *rows = PQexecParams(inserts->pg.connection, sql, 0, NULL, NULL, NULL, NULL, 1);
    int status = PQresultStatus(rows) == PGRES_TUPLES_OK ? 0 : -EIO;
    inserts->found = (uint64_t)PQntuples(rows);
    for (int i = 0; i < PQntuples(rows) && i < (int)inserts->rows; i++) {
        inserts->users[i] = pg_get_int4(rows, i, 0);
        inserts->statuses[i] = pg_get_int4(rows, i, 1);
        inserts->totals[i] = pg_get_int8(rows, i, 2);
        inserts->lengths[i] = pg_get_int4(rows, i, 3);
    }
    PQclear(rows);
    return status;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    return read_back(state);
}

/* What came in, held against what is in the table. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct inserts *inserts = state;
    const struct shop_order *orders =
        inserts->orders + KEPT + cs_last_window(inserts->next, inserts->rows, inserts->pool);
    cs_expect(mismatch, "rows", 0, inserts->found, inserts->rows);
    for (uint32_t i = 0; i < inserts->rows; i++) {
        cs_expect(mismatch, "user", i, inserts->users[i], orders[i].user);
        cs_expect(mismatch, "status", i, inserts->statuses[i], orders[i].status);
        cs_expect(mismatch, "total", i, inserts->totals[i], orders[i].total);
        cs_expect(mismatch, "bytes of the address", i, inserts->lengths[i],
                  (uint32_t)shop_address_length(&orders[i]));
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct inserts *inserts = state;
    values[0] = inserts->pg.round_trips;
    values[1] = pg_count_syncs(&inserts->pg);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("pg-batch-insert", "row", "write orders to a table with an index, in PostgreSQL"),
    .parameters = {CS_NUMBER("batch", "rows", 1, 256, 4, "rows a transaction; per-row does not look at it"),
                   CS_NUMBER("rows", "rows", 1, 256, 16, "rows of one run, rounded up to whole batches")},
    .variants = {CS_VARIANT("per-row", run_per_row, "a transaction a row, prepared once", .flags = CS_IO,
                            .prepare = prepare_per_row),
                 CS_VARIANT("batched", run_batched, "a transaction a batch, a statement a row",
                            .flags = CS_IO, .prepare = prepare_batched),
                 CS_VARIANT("multi-row", run_multi_row, "a statement a batch: INSERT ... VALUES (...), (...)",
                            .flags = CS_IO, .prepare = prepare_multi_row),
                 CS_VARIANT("copy", run_copy, "COPY, one a batch", .flags = CS_IO)},
    .counters = {CS_COUNTER("round-trips", "round trip"), CS_COUNTER("fsyncs", "call")},
    CS_STATE(struct inserts, setup),
    .reset = reset,
    .poison = poison,
    .outputs = outputs,
    .check = check,
    .count = count,
    .teardown = pg_teardown,
    .scale = "rows",
    .services = {POSTGRES_SERVICE},
};
