/* What the variants of `n-plus-one` share: a page of users, and what is to be shown of each. */
#ifndef N_PLUS_ONE_H
#define N_PLUS_ONE_H

#include "../shop-page.h"
#include "../shop.h"

/** The page that all variants show: users by id, from `first` on. */
#define PAGE_QUERY "SELECT id, name FROM users WHERE id >= ?1 AND id < ?2 ORDER BY id"

struct pages {
    struct shop shop;
    struct shop_page shown;
    sqlite3_stmt *page_query, *orders_query; /**< of per-user: the page, and one user's orders */
    sqlite3_stmt *join;
    sqlite3_stmt *list_page, *list; /**< of in-list: the page, and the orders of all its users */
    struct shop_counts counts;
    int error; /**< 0, or why a run gave up, as -errno; it stays until the next reset */
};

/** Binds the next page to a statement. Returns the id of its first user. */
static inline int64_t bind_page(struct pages *pages, sqlite3_stmt *statement) {
    int64_t first = shop_page_take(&pages->shown);
    sqlite3_bind_int64(statement, 1, first);
    sqlite3_bind_int64(statement, 2, first + pages->shown.users);
    return first;
}

/** A user of the page without orders so far. */
static inline void begin_user(struct pages *pages, size_t i, sqlite3_stmt *statement, int name_column) {
    shop_page_begin(&pages->shown, i, (const char *)sqlite3_column_text(statement, name_column));
}

/** A statement came to its end, or failed with `status`. */
static inline void end_query(struct pages *pages, sqlite3_stmt *statement, int status) {
    if (status != SQLITE_DONE)
        pages->error = shop_error(pages->shop.db);
    sqlite3_reset(statement);
    shop_take_counts(&pages->counts, statement);
}

void run_per_user(void *state);
int prepare_per_user(const struct cs_env *env, void *state);
void release_per_user(void *state);
void tell_per_user(void *state, char *text, size_t size);
void run_join(void *state);
int prepare_join(const struct cs_env *env, void *state);
void release_join(void *state);
void tell_join(void *state, char *text, size_t size);
void run_in_list(void *state);
int prepare_in_list(const struct cs_env *env, void *state);
void release_in_list(void *state);
void tell_in_list(void *state, char *text, size_t size);

#endif
