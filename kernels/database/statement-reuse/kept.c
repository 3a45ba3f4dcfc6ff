/* One connection and one statement, which the caller keeps. */
#include "statement-reuse.h"

void run_kept(void *state) {
    struct sales *sales = state;
    const uint32_t *firsts = take_queries(sales);
    for (uint32_t i = 0; i < sales->queries; i++)
        ask(sales, i, sales->kept, firsts[i]);
}

int prepare_kept(const struct cs_env *env, void *state) {
    struct sales *sales = state;
    return shop_prepare(env, &sales->shop, SALES_QUERY, &sales->kept);
}

void release_kept(void *state) {
    struct sales *sales = state;
    sqlite3_finalize(sales->kept);
}
