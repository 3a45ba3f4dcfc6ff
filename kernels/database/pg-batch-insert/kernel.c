/* pg-batch-insert: orders written to a table of PostgreSQL that lasts, with a transaction a row or one a batch. */
#include "pg-batch-insert.h"

#include <inttypes.h>

static int setup(const struct cs_env *env, void *state) {
    struct inserts *inserts = state;
    struct shop_sizes sizes = shop_inserts_open(env, &inserts->in, KEPT);
    cs_run_error(env, &inserts->error);
    shop_inserts_rewind(&inserts->in);
    return pg_open_shop(env, &inserts->pg, &sizes, inserts->in.orders);
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
    shop_inserts_rewind(&inserts->in);
}

/* The answer is in the table: what no run writes is not there. */
static int poison(void *state, size_t variant) {
    return delete_inserted(state);
}

static int read_back(struct inserts *inserts) {
    char sql[160];
    snprintf(sql, sizeof sql,
             "SELECT user_id, status, total, length(address) FROM orders WHERE id >= %" PRIu64 " ORDER BY id",
             inserts->in.first);
    PGresult *rows = PQexecParams(inserts->pg.connection, sql, 0, NULL, NULL, NULL, NULL, 1);
    int status = PQresultStatus(rows) == PGRES_TUPLES_OK ? 0 : -EIO;
    inserts->in.found = (uint64_t)PQntuples(rows);
    for (int i = 0; i < PQntuples(rows) && i < (int)inserts->in.rows; i++) {
        inserts->in.users[i] = pg_get_int4(rows, i, 0);
        inserts->in.statuses[i] = pg_get_int4(rows, i, 1);
        inserts->in.totals[i] = pg_get_int8(rows, i, 2);
        inserts->in.lengths[i] = pg_get_int4(rows, i, 3);
    }
    PQclear(rows);
    return status;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    return read_back(state);
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    return shop_inserts_check(&((const struct inserts *)state)->in, mismatch);
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
