/* One query for the page and one more for each user on it, each waited for: n + 1 round trips. */
#include "pg-n-plus-one.h"

void run_per_user(void *state) {
    struct pages *pages = state;
    PGresult *page = ask_for_page(pages, "per-user page", shop_page_take(&pages->shown));
    for (uint32_t i = 0; page && i < pages->shown.users && pages->error == 0; i++) {
        uint32_t user = pg_get_int4(page, (int)i, 0);
        PGresult *orders = pg_query(&pages->pg, "per-user orders", 1, &user);
        if (PQresultStatus(orders) != PGRES_TUPLES_OK)
            pages->error = -EIO;
        add_orders(pages, i, orders);
        PQclear(orders);
    }
    PQclear(page);
}

int prepare_per_user(const struct cs_env *env, void *state) {
    return prepare_two(env, state, "per-user page", "per-user orders", ORDERS_QUERY, (const Oid[]){PG_INT4});
}

void tell_per_user(void *state, char *text, size_t size) {
    struct pages *pages = state;
    pg_tell_plan(&pages->pg, "EXECUTE \"per-user page\" (1, 3)", text, size);
    pg_tell_plan(&pages->pg, "EXECUTE \"per-user orders\" (1)", text, size);
}
