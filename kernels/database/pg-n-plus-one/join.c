/* One query: users joined with orders, a row an order. */
#include "pg-n-plus-one.h"

#define JOIN_QUERY                                                                                           \
    "SELECT users.id, users.name, orders.total FROM users LEFT JOIN orders ON orders.user_id = users.id"     \
    " WHERE users.id >= $1 AND users.id < $2 ORDER BY users.id"

void run_join(void *state) {
    struct pages *pages = state;
    uint32_t first = shop_page_take(&pages->shown), last = 0;
    PGresult *rows = pg_query(&pages->pg, "join", 2, (const uint32_t[]){first, first + pages->shown.users});
    if (PQresultStatus(rows) != PGRES_TUPLES_OK)
        pages->error = -EIO;
    for (int row = 0; row < PQntuples(rows); row++) {
        uint32_t user = pg_get_int4(rows, row, 0);
        if (user != last)
            shop_page_begin(&pages->shown, user - first, PQgetvalue(rows, row, 1));
        last = user;
        if (!PQgetisnull(rows, row, 2))
            shop_page_add(&pages->shown, user - first, pg_get_int8(rows, row, 2));
    }
    PQclear(rows);
}

int prepare_join(const struct cs_env *env, void *state) {
    struct pages *pages = state;
    return pg_prepare(env, &pages->pg, "join", JOIN_QUERY, 2, (const Oid[]){PG_INT4, PG_INT4});
}

void tell_join(void *state, char *text, size_t size) {
    struct pages *pages = state;
    char statement[64];
    snprintf(statement, sizeof statement, "EXECUTE \"join\" (1, %u)", pages->shown.users + 1);
    pg_tell_plan(&pages->pg, statement, text, size);
}
