/* A connection and a statement a query, as a script that answers one request has them. */
#include "statement-reuse.h"

static void ask_anew(struct sales *sales, uint32_t i, uint32_t first) {
    struct shop own = sales->shop;
    if (shop_connect(&own)) {
        sales->error = shop_error(own.db);
    } else {
        sqlite3_stmt *statement = prepare_sales(sales, own.db);
        if (statement)
            ask(sales, i, statement, first);
        sqlite3_finalize(statement);
    }
    sqlite3_close(own.db);
}

void run_open_each(void *state) {
    struct sales *sales = state;
    const uint32_t *firsts = take_queries(sales);
    for (uint32_t i = 0; i < sales->queries; i++)
        ask_anew(sales, i, firsts[i]);
}
