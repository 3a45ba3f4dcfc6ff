/* What the variants of `pg-n-plus-one` share: a page of users, and what is to be shown of each. */
#ifndef PG_N_PLUS_ONE_H
#define PG_N_PLUS_ONE_H

#include "../postgres.h"
#include "../shop-page.h"

/** The page that all variants show: users by id, from $1 on. */
#define PAGE_QUERY "SELECT id, name FROM users WHERE id >= $1 AND id < $2 ORDER BY id"
#define ORDERS_QUERY "SELECT total FROM orders WHERE user_id = $1"

struct pages {
    struct pg pg;
    struct shop_page shown;
    uint32_t *list; /**< of any: an array of ids as the wire has it */
    int error;      /**< 0, or why a run gave up, as -errno; it stays until the next reset */
};

/** All orders of the page's user `i`. */
static inline void add_orders(struct pages *pages, size_t i, const PGresult *orders) {
    for (int row = 0; row < PQntuples(orders); row++)
        shop_page_add(&pages->shown, i, pg_get_int8(orders, row, 0));
}

/** Asks for the page that begins at user `first` by the prepared statement `name`, and begins its users. NULL: an error. */
static inline PGresult *ask_for_page(struct pages *pages, const char *name, uint32_t first) {
    PGresult *page = pg_query(&pages->pg, name, 2, (const uint32_t[]){first, first + pages->shown.users});
    if (PQresultStatus(page) != PGRES_TUPLES_OK || PQntuples(page) != (int)pages->shown.users) {
        pages->error = -EIO;
        PQclear(page);
        return NULL;
    }
    for (uint32_t i = 0; i < pages->shown.users; i++)
        shop_page_begin(&pages->shown, i, PQgetvalue(page, (int)i, 1));
    return page;
}

/** Prepares the statement for a page, and another of so many parameters, under names that are the variant's own. */
static inline int prepare_two(const struct cs_env *env, struct pages *pages, const char *page,
                              const char *other, const char *sql, const Oid *type) {
    static const Oid numbers[] = {PG_INT4, PG_INT4};
    int status = pg_prepare(env, &pages->pg, page, PAGE_QUERY, 2, numbers);
    return status ? status : pg_prepare(env, &pages->pg, other, sql, 1, type);
}

void run_per_user(void *state);
int prepare_per_user(const struct cs_env *env, void *state);
void tell_per_user(void *state, char *text, size_t size);
void run_join(void *state);
int prepare_join(const struct cs_env *env, void *state);
void tell_join(void *state, char *text, size_t size);
void run_any(void *state);
int prepare_any(const struct cs_env *env, void *state);
void tell_any(void *state, char *text, size_t size);
void run_pipelined(void *state);
int prepare_pipelined(const struct cs_env *env, void *state);

#endif
