/* A statement a batch, which commits by itself: INSERT … VALUES (…), (…), … */
#include "batch-insert.h"

#define COLUMNS 4 /* parameters a row */

void run_multi_row(void *state) {
    struct inserts *inserts = state;
    const struct shop_order *orders = shop_inserts_take(&inserts->in);
    for (uint32_t i = 0; i < inserts->in.rows; i += inserts->in.batch) {
        for (uint32_t j = 0; j < inserts->in.batch; j++)
            shop_bind_order(inserts->rows_of_batch, (int)j * COLUMNS + 1, &orders[i + j]);
        if (!run_well(inserts, inserts->rows_of_batch))
            return;
    }
}

int prepare_multi_row(const struct cs_env *env, void *state) {
    static const char more[] = ", (NULL, ?, ?, ?, ?)";
    struct inserts *inserts = state;
    char *sql = cs_array(env, "text of the statement",
                         sizeof SHOP_INSERT_ORDER + inserts->in.batch * sizeof more, char);
    char *end = stpcpy(sql, SHOP_INSERT_ORDER);
    for (uint32_t i = 1; i < inserts->in.batch; i++)
        end = stpcpy(end, more);
    int status = shop_prepare(env, &inserts->shop, sql, &inserts->rows_of_batch);
    cs_free(env, sql);
    return status;
}

void release_multi_row(void *state) {
    struct inserts *inserts = state;
    sqlite3_finalize(inserts->rows_of_batch);
}
