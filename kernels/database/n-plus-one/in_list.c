/* Two queries: the page, and the orders of all users in a list. */
#include "n-plus-one.h"

#define LIST_BEGIN "SELECT user_id, total FROM orders WHERE user_id IN (?"

/* Text of the query for the orders of `users` users; to be freed. */
static char *make_list_query(const struct cs_env *env, uint32_t users) {
    char *sql = cs_array(env, "text of the query", sizeof LIST_BEGIN + 2 * users, char);
    char *end = stpcpy(sql, LIST_BEGIN);
    for (uint32_t i = 1; i < users; i++)
        end = stpcpy(end, ",?");
    stpcpy(end, ")");
    return sql;
}

/* Users are asked for by their ids, which are in order: where one stands on the page is the distance to the first. */
void run_in_list(void *state) {
    struct pages *pages = state;
    int64_t first = bind_page(pages, pages->list_page);
    int status;
    for (size_t i = 0; (status = sqlite3_step(pages->list_page)) == SQLITE_ROW; i++) {
        begin_user(pages, i, pages->list_page, 1);
        sqlite3_bind_int64(pages->list, (int)i + 1, sqlite3_column_int64(pages->list_page, 0));
    }
    end_query(pages, pages->list_page, status);
    while ((status = sqlite3_step(pages->list)) == SQLITE_ROW)
        shop_page_add(&pages->shown, (size_t)(sqlite3_column_int64(pages->list, 0) - first),
                      sqlite3_column_int64(pages->list, 1));
    end_query(pages, pages->list, status);
}

int prepare_in_list(const struct cs_env *env, void *state) {
    struct pages *pages = state;
    char *sql = make_list_query(env, pages->shown.users);
    int status = shop_prepare(env, &pages->shop, sql, &pages->list);
    cs_free(env, sql);
    if (status)
        return status;
    status = shop_prepare(env, &pages->shop, PAGE_QUERY, &pages->list_page);
    if (status)
        sqlite3_finalize(pages->list);
    return status;
}

void release_in_list(void *state) {
    struct pages *pages = state;
    sqlite3_finalize(pages->list);
    sqlite3_finalize(pages->list_page);
}

void tell_in_list(void *state, char *text, size_t size) {
    struct pages *pages = state;
    shop_tell_plan(pages->shop.db, PAGE_QUERY, text, size);
    shop_tell_plan(pages->shop.db, LIST_BEGIN ",?)", text, size);
}
