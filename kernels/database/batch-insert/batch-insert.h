/* What the variants of `batch-insert` share: orders that come in, and the table that they go to. */
#ifndef BATCH_INSERT_H
#define BATCH_INSERT_H

#include "../shop-inserts.h"
#include "../shop.h"
#include "counted_files.h"

/** Orders that the shop has already: the index on users is some levels of pages with them, not one page. */
#define KEPT 4000

struct inserts {
    struct shop shop;
    struct counted_files files;
    struct shop_inserts in;
    sqlite3_stmt *row;                  /**< of per-row */
    sqlite3_stmt *begin, *add, *commit; /**< of batched */
    sqlite3_stmt *rows_of_batch;        /**< of multi-row */
    sqlite3_stmt *text_begin, *text_commit;
    struct shop_counts counts;
    int error; /**< 0, or why a run gave up, as -errno; it stays until the next reset */
};

/** Runs a statement. Returns whether that went well. */
static inline int run_well(struct inserts *inserts, sqlite3_stmt *statement) {
    int status = shop_run(statement);
    shop_take_counts(&inserts->counts, statement);
    if (status)
        inserts->error = status;
    return status == 0;
}

/** What failed within a transaction leaves none behind. */
static inline void give_up(struct inserts *inserts) {
    if (!sqlite3_get_autocommit(inserts->shop.db))
        shop_execute(inserts->shop.db, "ROLLBACK");
}

void run_per_row(void *state);
int prepare_per_row(const struct cs_env *env, void *state);
void release_per_row(void *state);
void run_batched(void *state);
int prepare_batched(const struct cs_env *env, void *state);
void release_batched(void *state);
void run_multi_row(void *state);
int prepare_multi_row(const struct cs_env *env, void *state);
void release_multi_row(void *state);
void run_text(void *state);
int prepare_text(const struct cs_env *env, void *state);
void release_text(void *state);

#endif
