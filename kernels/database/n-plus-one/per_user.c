/* One query for the page and one more for each user on it: n + 1. */
#include "n-plus-one.h"

#define ORDERS_QUERY "SELECT total FROM orders WHERE user_id = ?1"

static void add_orders_of(struct pages *pages, size_t i, int64_t user) {
    int status;
    sqlite3_bind_int64(pages->orders_query, 1, user);
    while ((status = sqlite3_step(pages->orders_query)) == SQLITE_ROW)
        shop_page_add(&pages->shown, i, sqlite3_column_int64(pages->orders_query, 0));
    if (status != SQLITE_DONE)
        pages->error = shop_error(pages->shop.db);
    sqlite3_reset(pages->orders_query);
}

void run_per_user(void *state) {
    struct pages *pages = state;
    int status;
    bind_page(pages, pages->page_query);
    for (size_t i = 0; (status = sqlite3_step(pages->page_query)) == SQLITE_ROW; i++) {
        begin_user(pages, i, pages->page_query, 1);
        add_orders_of(pages, i, sqlite3_column_int64(pages->page_query, 0));
    }
    end_query(pages, pages->page_query, status);
    shop_take_counts(&pages->counts, pages->orders_query);
}

int prepare_per_user(const struct cs_env *env, void *state) {
    struct pages *pages = state;
    int status = shop_prepare(env, &pages->shop, PAGE_QUERY, &pages->page_query);
    if (status)
        return status;
    status = shop_prepare(env, &pages->shop, ORDERS_QUERY, &pages->orders_query);
    if (status)
        sqlite3_finalize(pages->page_query);
    return status;
}

void release_per_user(void *state) {
    struct pages *pages = state;
    sqlite3_finalize(pages->page_query);
    sqlite3_finalize(pages->orders_query);
}

void tell_per_user(void *state, char *text, size_t size) {
    struct pages *pages = state;
    shop_tell_plan(pages->shop.db, PAGE_QUERY, text, size);
    shop_tell_plan(pages->shop.db, ORDERS_QUERY, text, size);
}
