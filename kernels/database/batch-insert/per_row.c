/* A transaction a row: the statement commits by itself. */
#include "batch-insert.h"

void run_per_row(void *state) {
    struct inserts *inserts = state;
    const struct shop_order *orders = shop_inserts_take(&inserts->in);
    for (uint32_t i = 0; i < inserts->in.rows; i++) {
        shop_bind_order(inserts->row, 1, &orders[i]);
        if (!run_well(inserts, inserts->row))
            return;
    }
}

int prepare_per_row(const struct cs_env *env, void *state) {
    struct inserts *inserts = state;
    return shop_prepare(env, &inserts->shop, SHOP_INSERT_ORDER, &inserts->row);
}

void release_per_row(void *state) {
    struct inserts *inserts = state;
    sqlite3_finalize(inserts->row);
}
