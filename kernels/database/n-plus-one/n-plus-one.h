/* What the variants of `n-plus-one` share: a page of users, and what is to be shown of each. */
#ifndef N_PLUS_ONE_H
#define N_PLUS_ONE_H

#include "../shop.h"

/** The page that all variants show: users by id, from `first` on. */
#define PAGE_QUERY "SELECT id, name FROM users WHERE id >= ?1 AND id < ?2 ORDER BY id"

struct pages {
    struct shop shop;
    struct shop_sizes sizes;
    uint64_t seed;
    uint32_t page; /**< users a run */
    size_t next;   /**< user before the page that comes next: a page more each run, and round again */
    struct shop_order *orders;               /**< sizes.orders */
    uint32_t *order_counts;                  /**< the answer: of each user of the page */
    int64_t *totals;                         /**< the answer: cents of all orders of each */
    uint64_t *names;                         /**< the answer: hash of the name of each */
    sqlite3_stmt *page_query, *orders_query; /**< of per-user: the page, and one user's orders */
    sqlite3_stmt *join;
    sqlite3_stmt *list_page, *list; /**< of in-list: the page, and the orders of all its users */
    struct shop_counts counts;
    int error; /**< 0, or why a run gave up, as -errno; it stays until the next reset */
};

/** FNV-1a: what reads every byte of a name. */
static inline uint64_t hash_name(const unsigned char *name) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    while (*name)
        hash = (hash ^ *name++) * UINT64_C(0x100000001b3);
    return hash;
}

/** Binds the next page to a statement. Returns the id of its first user. */
static inline int64_t bind_page(struct pages *pages, sqlite3_stmt *statement) {
    size_t whole = pages->sizes.users / pages->page * pages->page;
    int64_t first = (int64_t)cs_window(&pages->next, pages->page, whole) + 1;
    sqlite3_bind_int64(statement, 1, first);
    sqlite3_bind_int64(statement, 2, first + pages->page);
    return first;
}

/** A user of the page without orders so far. */
static inline void begin_user(struct pages *pages, size_t i, sqlite3_stmt *statement, int name_column) {
    pages->names[i] = hash_name(sqlite3_column_text(statement, name_column));
    pages->order_counts[i] = 0;
    pages->totals[i] = 0;
}

static inline void add_order(struct pages *pages, size_t i, int64_t total) {
    pages->order_counts[i]++;
    pages->totals[i] += total;
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
