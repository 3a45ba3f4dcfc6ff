/* pg-batch-insert: orders written to a table of PostgreSQL that lasts, with a transaction a row or one a batch. */
#include "pg-batch-insert.h"

#include <inttypes.h>

enum { PARAMETER_BATCH, PARAMETER_ROWS };

/* Orders that come in before the first comes again: more runs than any loop remembers. */
#define LEAST_POOL 4096

static void teardown(void *state) {
    struct inserts *inserts = state;
    pg_close(&inserts->pg);
}

static int make_shop(const struct cs_env *env, struct inserts *inserts) {
    struct shop_sizes sizes = {.users = KEPT / 4, .orders = KEPT + (uint32_t)inserts->pool, .skewed = 1};
    inserts->orders = cs_array(env, "orders", sizes.orders, struct shop_order);
    shop_draw(env, &sizes, inserts->orders, NULL);
    sizes.orders = KEPT;
    return pg_fill(env, &inserts->pg, &sizes, inserts->orders);
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
    inserts->first = inserts->after = KEPT + 1;
    int status = pg_open(env, &inserts->pg);
    if (status)
        return status;
    status = make_shop(env, inserts);
    if (status)
        teardown(state);
    return status;
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
    inserts->next = 0;
    inserts->first = inserts->after = KEPT + 1;
}

/* The answer is in the table: what no run writes is not there. */
static int poison(void *state, size_t variant) {
    (void)variant;
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
    struct inserts *inserts = state;
    (void)variant;
    int status = read_back(inserts);
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
        return cs_wrong(mismatch, "rows", 0, "%" PRIu64, inserts->found, (uint64_t)inserts->rows);
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
    values[0] = inserts->pg.round_trips;
    values[1] = pg_count_syncs(&inserts->pg);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "pg-batch-insert",
    .summary = "write orders to a table with an index, in PostgreSQL",
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
                    .summary = "rows of one run, rounded up to whole batches"}},
    .variants = {{.name = "per-row",
                  .prepare = prepare_per_row,
                  .run = run_per_row,
                  .flags = CS_IO,
                  .summary = "a transaction a row, prepared once"},
                 {.name = "batched",
                  .prepare = prepare_batched,
                  .run = run_batched,
                  .flags = CS_IO,
                  .summary = "a transaction a batch, a statement a row"},
                 {.name = "multi-row",
                  .prepare = prepare_multi_row,
                  .run = run_multi_row,
                  .flags = CS_IO,
                  .summary = "a statement a batch: INSERT ... VALUES (...), (...)"},
                 {.name = "copy", .run = run_copy, .flags = CS_IO, .summary = "COPY, one a batch"}},
    .counters = {{.name = "round-trips", .unit = "round trip"}, {.name = "fsyncs", .unit = "call"}},
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
    .services = {POSTGRES_SERVICE},
};
