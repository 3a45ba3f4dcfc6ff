/* One connection that remembers its statements by their text: callers hand texts over, as before. */
#include "statement-reuse.h"

/* Among others that the program uses, so that the text has to be looked for. */
static const char *const others[] = {"SELECT name FROM users WHERE id = ?1",
                                     "SELECT status FROM orders WHERE id = ?1",
                                     "SELECT count(*) FROM orders WHERE user_id = ?1",
                                     "SELECT quantity, price FROM items WHERE order_id = ?1"};

static sqlite3_stmt *look_up(struct sales *sales, const char *sql) {
    struct cached_statement *entry = sales->cache;
    while (entry < sales->cache + CACHED - 1 && entry->sql && strcmp(entry->sql, sql) != 0)
        entry++;
    if (!entry->statement) {
        entry->sql = sql;
        sales->prepared++;
        if (sqlite3_prepare_v3(sales->shop.db, sql, -1, SQLITE_PREPARE_PERSISTENT, &entry->statement, NULL) !=
            SQLITE_OK)
            sales->error = shop_error(sales->shop.db);
    }
    return entry->statement;
}

void run_cached(void *state) {
    struct sales *sales = state;
    const uint32_t *firsts = take_queries(sales);
    for (uint32_t i = 0; i < sales->queries; i++) {
        sqlite3_stmt *statement = look_up(sales, SALES_QUERY);
        if (!statement)
            return;
        ask(sales, i, statement, firsts[i]);
    }
}

int prepare_cached(const struct cs_env *env, void *state) {
    struct sales *sales = state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!look_up(sales, others[i])) {
            int status = shop_fail(env, &sales->shop, others[i]);
            release_cached(state);
            return status;
        }
    return 0;
}

void release_cached(void *state) {
    struct sales *sales = state;
    for (size_t i = 0; i < CACHED; i++)
        sqlite3_finalize(sales->cache[i].statement);
    memset(sales->cache, 0, sizeof sales->cache);
}
