/* A transaction a batch, and a text of SQL a row, which is parsed each time. */
#include "batch-insert.h"

/* Values are the program's own here; a text from outside would have to be quoted. */
static int insert_text(struct inserts *inserts, const struct shop_order *order) {
    char sql[256];
    sqlite3_stmt *insert = NULL;
    snprintf(sql, sizeof sql, "INSERT INTO orders VALUES (NULL, %u, %u, %lld, '%.*s')", order->user,
             order->status, (long long)order->total, shop_address_length(order), SHOP_ADDRESS);
    if (sqlite3_prepare_v2(inserts->shop.db, sql, -1, &insert, NULL) != SQLITE_OK) {
        inserts->error = shop_error(inserts->shop.db);
        return 0;
    }
    int well = run_well(inserts, insert);
    sqlite3_finalize(insert);
    return well;
}

static int insert_batch(struct inserts *inserts, const struct shop_order *orders) {
    if (!run_well(inserts, inserts->text_begin))
        return 0;
    for (uint32_t i = 0; i < inserts->in.batch; i++)
        if (!insert_text(inserts, &orders[i]))
            return 0;
    return run_well(inserts, inserts->text_commit);
}

void run_text(void *state) {
    struct inserts *inserts = state;
    const struct shop_order *orders = shop_inserts_take(&inserts->in);
    for (uint32_t i = 0; i < inserts->in.rows; i += inserts->in.batch)
        if (!insert_batch(inserts, orders + i)) {
            give_up(inserts);
            return;
        }
}

int prepare_text(const struct cs_env *env, void *state) {
    struct inserts *inserts = state;
    int status = shop_prepare(env, &inserts->shop, "BEGIN IMMEDIATE", &inserts->text_begin);
    if (status == 0)
        status = shop_prepare(env, &inserts->shop, "COMMIT", &inserts->text_commit);
    if (status)
        release_text(state);
    return status;
}

void release_text(void *state) {
    struct inserts *inserts = state;
    sqlite3_finalize(inserts->text_begin);
    sqlite3_finalize(inserts->text_commit);
}
