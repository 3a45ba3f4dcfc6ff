/* A transaction a row: the statement commits by itself, and is waited for. */
#include "pg-batch-insert.h"

void run_per_row(void *state) {
    struct inserts *inserts = state;
    const struct shop_order *orders = shop_inserts_take(&inserts->in);
    for (uint32_t i = 0; i < inserts->in.rows; i++) {
        bind_order(&inserts->per_row, 0, &orders[i]);
        if (!insert_rows(inserts, "per-row", &inserts->per_row, 1))
            return;
    }
}

int prepare_per_row(const struct cs_env *env, void *state) {
    struct inserts *inserts = state;
    make_parameters(env, &inserts->per_row, 1);
    return prepare_insert(env, inserts, "per-row");
}
