/* A transaction a batch: one commit, and as many round trips as rows and two more. */
#include "pg-batch-insert.h"

static int insert_batch(struct inserts *inserts, const struct shop_order *orders) {
    int well = pg_execute(&inserts->pg, "BEGIN") == 0;
    for (uint32_t i = 0; well && i < inserts->in.batch; i++) {
        bind_order(&inserts->batched, 0, &orders[i]);
        well = insert_rows(inserts, "batched", &inserts->batched, 1);
    }
    if (well && pg_execute(&inserts->pg, "COMMIT") == 0)
        return 1;
    pg_execute(&inserts->pg, "ROLLBACK"); /* what failed leaves no transaction behind */
    inserts->error = -EIO;
    return 0;
}

void run_batched(void *state) {
    struct inserts *inserts = state;
    const struct shop_order *orders = shop_inserts_take(&inserts->in);
    for (uint32_t i = 0; i < inserts->in.rows; i += inserts->in.batch)
        if (!insert_batch(inserts, orders + i))
            return;
}

int prepare_batched(const struct cs_env *env, void *state) {
    struct inserts *inserts = state;
    make_parameters(env, &inserts->batched, 1);
    return prepare_insert(env, inserts, "batched");
}
