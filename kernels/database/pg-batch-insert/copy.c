/* COPY: lines of text without a statement each, and one commit a batch. */
#include "pg-batch-insert.h"

void run_copy(void *state) {
    struct inserts *inserts = state;
    const struct shop_order *orders = shop_inserts_take(&inserts->in);
    for (uint32_t i = 0; i < inserts->in.rows && inserts->error == 0; i += inserts->in.batch)
        inserts->error = pg_copy_orders(&inserts->pg, "orders", orders + i, inserts->in.batch);
}
