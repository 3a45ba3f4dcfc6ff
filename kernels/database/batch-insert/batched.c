/* A transaction a batch. */
#include "batch-insert.h"

static int insert_batch(struct inserts *inserts, const struct shop_order *orders) {
    if (!run_well(inserts, inserts->begin))
        return 0;
    for (uint32_t i = 0; i < inserts->in.batch; i++) {
        shop_bind_order(inserts->add, 1, &orders[i]);
        if (!run_well(inserts, inserts->add))
            return 0;
    }
    return run_well(inserts, inserts->commit);
}

void run_batched(void *state) {
    struct inserts *inserts = state;
    const struct shop_order *orders = shop_inserts_take(&inserts->in);
    for (uint32_t i = 0; i < inserts->in.rows; i += inserts->in.batch)
        if (!insert_batch(inserts, orders + i)) {
            give_up(inserts);
            return;
        }
}

int prepare_batched(const struct cs_env *env, void *state) {
    struct inserts *inserts = state;
    int status = shop_prepare(env, &inserts->shop, "BEGIN IMMEDIATE", &inserts->begin);
    if (status == 0)
        status = shop_prepare(env, &inserts->shop, SHOP_INSERT_ORDER, &inserts->add);
    if (status == 0)
        status = shop_prepare(env, &inserts->shop, "COMMIT", &inserts->commit);
    if (status)
        release_batched(state);
    return status;
}

void release_batched(void *state) {
    struct inserts *inserts = state;
    sqlite3_finalize(inserts->begin);
    sqlite3_finalize(inserts->add);
    sqlite3_finalize(inserts->commit);
}
