/* One query: the page, joined with the orders of its users. */
#include "n-plus-one.h"

#define JOIN_QUERY                                                                                           \
    "SELECT users.id, users.name, orders.total FROM users LEFT JOIN orders ON orders.user_id = users.id"     \
    " WHERE users.id >= ?1 AND users.id < ?2 ORDER BY users.id"

void run_join(void *state) {
    struct pages *pages = state;
    sqlite3_stmt *join = pages->join;
    int64_t user = 0;
    size_t i = 0;
    int status;
    bind_page(pages, join);
    while ((status = sqlite3_step(join)) == SQLITE_ROW) {
        if (sqlite3_column_int64(join, 0) != user) {
            user = sqlite3_column_int64(join, 0);
            begin_user(pages, i++, join, 1);
        }
        if (sqlite3_column_type(join, 2) != SQLITE_NULL)
            shop_page_add(&pages->shown, i - 1, sqlite3_column_int64(join, 2));
    }
    end_query(pages, join, status);
}

int prepare_join(const struct cs_env *env, void *state) {
    struct pages *pages = state;
    return shop_prepare(env, &pages->shop, JOIN_QUERY, &pages->join);
}

void release_join(void *state) {
    struct pages *pages = state;
    sqlite3_finalize(pages->join);
}

void tell_join(void *state, char *text, size_t size) {
    struct pages *pages = state;
    shop_tell_plan(pages->shop.db, JOIN_QUERY, text, size);
}
