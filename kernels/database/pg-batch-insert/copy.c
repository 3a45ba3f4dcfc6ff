/* COPY: lines of text without a statement each, and one commit a batch. */
#include "pg-batch-insert.h"

void run_copy(void *state) {
    struct inserts *inserts = state;
    const struct shop_order *orders = take_orders(inserts);
    for (uint32_t i = 0; i < inserts->rows && inserts->error == 0; i += inserts->batch)
        inserts->error = pg_copy_orders(&inserts->pg, "orders", orders + i, inserts->batch);
}
