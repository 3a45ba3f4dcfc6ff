/* A statement a batch, which commits by itself: INSERT … VALUES (…), (…), … */
#include "pg-batch-insert.h"

#define MOST_ROW sizeof ", ($1000, $1000, $1000, $1000)"

void run_multi_row(void *state) {
    struct inserts *inserts = state;
    const struct shop_order *orders = shop_inserts_take(&inserts->in);
    for (uint32_t i = 0; i < inserts->in.rows; i += inserts->in.batch) {
        for (uint32_t j = 0; j < inserts->in.batch; j++)
            bind_order(&inserts->multi_row, j, &orders[i + j]);
        if (!insert_rows(inserts, "multi-row", &inserts->multi_row, inserts->in.batch))
            return;
    }
}

int prepare_multi_row(const struct cs_env *env, void *state) {
    static const Oid row[] = {PG_INT4, PG_INT4, PG_INT8, PG_TEXT};
    struct inserts *inserts = state;
    make_parameters(env, &inserts->multi_row, inserts->in.batch);
    char *sql =
        cs_array(env, "text of the statement", sizeof INSERT_ORDER + inserts->in.batch * MOST_ROW, char);
    Oid *types = cs_array(env, "types", COLUMNS * inserts->in.batch, Oid);
    char *end = stpcpy(sql, INSERT_ORDER);
    for (unsigned i = 1, next = COLUMNS + 1; i < inserts->in.batch; i++, next += COLUMNS)
        end += sprintf(end, ", ($%u, $%u, $%u, $%u)", next, next + 1, next + 2, next + 3);
    for (uint32_t i = 0; i < inserts->in.batch; i++)
        memcpy(types + (size_t)COLUMNS * i, row, sizeof row);
    int status = pg_prepare(env, &inserts->pg, "multi-row", sql, (int)(COLUMNS * inserts->in.batch), types);
    cs_free(env, types);
    cs_free(env, sql);
    return status;
}
