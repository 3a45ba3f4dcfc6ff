/* What the variants of `statement-reuse` share: a query that a program asks again and again with other values. */
#ifndef STATEMENT_REUSE_H
#define STATEMENT_REUSE_H

#include "../shop.h"

/** What was sold in so many orders, but for those that were cancelled. */
#define SALES_QUERY                                                                                           \
    "SELECT count(*), sum(items.quantity * items.price) FROM orders JOIN items ON items.order_id = orders.id" \
    " WHERE orders.id >= ?1 AND orders.id < ?2 AND orders.status < 9"

struct cached_statement {
    const char *sql;
    sqlite3_stmt *statement;
};
/** Statements that a connection remembers, as drivers do. */
#define CACHED 16

struct sales {
    struct shop shop;
    struct shop_sizes sizes;
    struct shop_order *orders;
    struct shop_item *items;
    uint32_t rows, queries; /**< orders a query, and queries a run */
    size_t next, pool;      /**< query that comes next, of `pool`: a run's more each run, and round again */
    uint32_t *firsts;       /**< `pool` ids, at which a query begins */
    uint32_t *counts;       /**< the answer: items sold, a query */
    int64_t *totals;        /**< the answer: cents */
    struct cached_statement cache[CACHED]; /**< of cached */
    sqlite3_stmt *kept;
    struct shop_counts counted;
    uint64_t prepared; /**< statements that were parsed and planned */
    int error;         /**< 0, or why a run gave up, as -errno; it stays until the next reset */
};

/** Parses and plans the query; NULL where that fails. */
static inline sqlite3_stmt *prepare_sales(struct sales *sales, sqlite3 *db) {
    sqlite3_stmt *statement = NULL;
    sales->prepared++;
    if (sqlite3_prepare_v2(db, SALES_QUERY, -1, &statement, NULL) != SQLITE_OK)
        sales->error = shop_error(db);
    return statement;
}

/** Asks query i, from order `first` on, by a prepared statement, and resets that. */
static inline void ask(struct sales *sales, uint32_t i, sqlite3_stmt *statement, uint32_t first) {
    sqlite3_bind_int64(statement, 1, first);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)first + sales->rows);
    if (sqlite3_step(statement) != SQLITE_ROW)
        sales->error = shop_error(sqlite3_db_handle(statement));
    sales->counts[i] = (uint32_t)sqlite3_column_int64(statement, 0);
    sales->totals[i] = sqlite3_column_int64(statement, 1);
    sqlite3_reset(statement);
    shop_take_counts(&sales->counted, statement);
}

/** The queries of this run. */
static inline const uint32_t *take_queries(struct sales *sales) {
    return sales->firsts + cs_window(&sales->next, sales->queries, sales->pool);
}

void run_open_each(void *state);
void run_prepare_each(void *state);
void run_cached(void *state);
int prepare_cached(const struct cs_env *env, void *state);
void release_cached(void *state);
void run_kept(void *state);
int prepare_kept(const struct cs_env *env, void *state);
void release_kept(void *state);

#endif
