/* Two queries: the page, and the orders of all users in an array, which is one parameter however long it is. */
#include "pg-n-plus-one.h"

#define ANY_QUERY "SELECT user_id, total FROM orders WHERE user_id = ANY ($1)"

/* An array of the binary format: its dimensions, whether there are NULLs, the type; length and first index; elements. */
#define ARRAY_HEADER 5

static PGresult *ask_for_orders(struct pages *pages, const PGresult *page) {
    uint32_t *word = pages->list + ARRAY_HEADER;
    for (uint32_t i = 0; i < pages->shown.users; i++) {
        *word++ = pg_int4(sizeof(uint32_t));
        memcpy(word++, PQgetvalue(page, (int)i, 0), sizeof *word);
    }
    const char *value = (const char *)pages->list;
    int length = (int)((word - pages->list) * (ptrdiff_t)sizeof *word);
    pages->pg.round_trips++;
    return PQexecPrepared(pages->pg.connection, "any orders", 1, &value, &length, (const int[]){1}, 1);
}

void run_any(void *state) {
    struct pages *pages = state;
    uint32_t first = shop_page_take(&pages->shown);
    PGresult *page = ask_for_page(pages, "any page", first);
    if (!page)
        return;
    PGresult *orders = ask_for_orders(pages, page);
    if (PQresultStatus(orders) != PGRES_TUPLES_OK)
        pages->error = -EIO;
    for (int row = 0; row < PQntuples(orders); row++)
        shop_page_add(&pages->shown, pg_get_int4(orders, row, 0) - first, pg_get_int8(orders, row, 1));
    PQclear(orders);
    PQclear(page);
}

int prepare_any(const struct cs_env *env, void *state) {
    struct pages *pages = state;
    const uint32_t header[ARRAY_HEADER] = {1, 0, PG_INT4, pages->shown.users, 1};
    pages->list = cs_array(env, "ids", ARRAY_HEADER + 2 * pages->shown.users, uint32_t);
    for (size_t i = 0; i < ARRAY_HEADER; i++)
        pages->list[i] = pg_int4(header[i]);
    return prepare_two(env, pages, "any page", "any orders", ANY_QUERY, (const Oid[]){PG_INT4_ARRAY});
}

/* Of the prepared statement: of an array that is written out the server knows the length, and plans otherwise. */
void tell_any(void *state, char *text, size_t size) {
    struct pages *pages = state;
    char statement[64];
    snprintf(statement, sizeof statement, "EXECUTE \"any orders\" (array_fill(1, ARRAY[%u]))",
             pages->shown.users);
    pg_tell_plan(&pages->pg, statement, text, size);
}
