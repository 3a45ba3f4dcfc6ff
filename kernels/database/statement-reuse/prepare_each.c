/* One connection, a statement a query. */
#include "statement-reuse.h"

void run_prepare_each(void *state) {
    struct sales *sales = state;
    const uint32_t *firsts = take_queries(sales);
    for (uint32_t i = 0; i < sales->queries; i++) {
        sqlite3_stmt *statement = prepare_sales(sales, sales->shop.db);
        if (!statement)
            return;
        ask(sales, i, statement, firsts[i]);
        sqlite3_finalize(statement);
    }
}
