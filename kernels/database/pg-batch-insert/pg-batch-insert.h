/* What the variants of `pg-batch-insert` share: orders that come in, and the table that they go to. */
#ifndef PG_BATCH_INSERT_H
#define PG_BATCH_INSERT_H

#include "../postgres.h"
#include "../shop-inserts.h"

/** Orders that the shop has already. */
#define KEPT 2000

#define COLUMNS 4
#define INSERT_ORDER "INSERT INTO orders (user_id, status, total, address) VALUES ($1, $2, $3, $4)"

/** The parameters of some rows as the wire has them. */
struct parameters {
    uint32_t *numbers; /**< two a row: user, status */
    uint64_t *totals;  /**< one a row */
    const char **values;
    int *lengths, *formats; /**< COLUMNS a row */
};

struct inserts {
    struct pg pg;
    struct shop_inserts in;
    struct parameters per_row, batched, multi_row; /**< of the variants */
    int error; /**< 0, or why a run gave up, as -errno; it stays until the next reset */
};

/** Room for the parameters of so many rows, in prepare. */
static inline void make_parameters(const struct cs_env *env, struct parameters *parameters, uint32_t rows) {
    parameters->numbers = cs_array(env, "users and statuses", 2 * rows, uint32_t);
    parameters->totals = cs_array(env, "totals", rows, uint64_t);
    parameters->values = cs_array(env, "values", COLUMNS * rows, const char *);
    parameters->lengths = cs_array(env, "lengths", COLUMNS * rows, int);
    parameters->formats = cs_array(env, "formats", COLUMNS * rows, int);
    for (uint32_t i = 0; i < COLUMNS * rows; i++)
        parameters->formats[i] = 1;
}

/** An order as the parameters of row `i`. */
static inline void bind_order(struct parameters *parameters, uint32_t i, const struct shop_order *order) {
    uint32_t *numbers = parameters->numbers + (size_t)2 * i;
    const char **values = parameters->values + (size_t)COLUMNS * i;
    numbers[0] = pg_int4(order->user);
    numbers[1] = pg_int4(order->status);
    parameters->totals[i] = htobe64((uint64_t)order->total);
    values[0] = (const char *)&numbers[0];
    values[1] = (const char *)&numbers[1];
    values[2] = (const char *)&parameters->totals[i];
    values[3] = SHOP_ADDRESS;
    memcpy(parameters->lengths + (size_t)COLUMNS * i, (const int[]){4, 4, 8, shop_address_length(order)},
           COLUMNS * sizeof(int));
}

/** Runs a prepared statement for the rows that are bound. Returns whether that went well. */
static inline int insert_rows(struct inserts *inserts, const char *name, const struct parameters *parameters,
                              uint32_t rows) {
    PGresult *result = PQexecPrepared(inserts->pg.connection, name, (int)(COLUMNS * rows), parameters->values,
                                      parameters->lengths, parameters->formats, 1);
    int well = PQresultStatus(result) == PGRES_COMMAND_OK;
    inserts->pg.round_trips++;
    PQclear(result);
    if (!well)
        inserts->error = -EIO;
    return well;
}

/** Prepares an insert of one row. */
static inline int prepare_insert(const struct cs_env *env, struct inserts *inserts, const char *name) {
    return pg_prepare(env, &inserts->pg, name, INSERT_ORDER, COLUMNS,
                      (const Oid[]){PG_INT4, PG_INT4, PG_INT8, PG_TEXT});
}

void run_per_row(void *state);
int prepare_per_row(const struct cs_env *env, void *state);
void run_batched(void *state);
int prepare_batched(const struct cs_env *env, void *state);
void run_multi_row(void *state);
int prepare_multi_row(const struct cs_env *env, void *state);
void run_copy(void *state);

#endif
