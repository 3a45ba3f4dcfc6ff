/* What the kernels over SQLite share: the shop of shop-data.h in a file. */
#ifndef SHOP_H
#define SHOP_H

#include "shop-data.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** How a transaction becomes lasting: choices of a parameter `journal`. */
enum shop_journal {
    SHOP_WAL_NORMAL, /**< a write-ahead log, synced at checkpoints alone: power failures take commits back */
    SHOP_WAL,        /**< a write-ahead log that is synced at each commit, synchronous=FULL */
    SHOP_ROLLBACK    /**< a rollback journal, synchronous=FULL: SQLite's default */
};
#define SHOP_JOURNALS ((const char *const[]){"wal-normal", "wal", "rollback", NULL})

/** A database file and a connection to it. */
struct shop {
    sqlite3 *db;
    const char *vfs; /**< what SQLite reaches files through; NULL: its own */
    char path[4096];
};

/** Ids follow each other. */
#define SHOP_INSERT_ORDER "INSERT INTO orders VALUES (NULL, ?, ?, ?, ?)"

/** What statements did, as SQLite counts it; the first counters of a kernel. */
struct shop_counts {
    uint64_t statements, vm_steps, scan_steps;
};
#define SHOP_COUNTERS                                                                                        \
    {.name = "statements", .unit = "statement"}, {.name = "vm-steps", .unit = "step"}, {                     \
        .name = "full-scan-steps", .unit = "step"                                                            \
    }

/** In setup: where SHOP_COUNTERS lie. */
static inline void shop_count(const struct cs_env *env, const struct shop_counts *counts) {
    cs_count(env, "statements", &counts->statements);
    cs_count(env, "vm-steps", &counts->vm_steps);
    cs_count(env, "full-scan-steps", &counts->scan_steps);
}

/** Takes over what `statement` counted since the last time; after a run, since the counters are 32 bits wide. */
static inline void shop_take_counts(struct shop_counts *counts, sqlite3_stmt *statement) {
    counts->statements += (unsigned)sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_RUN, 1);
    counts->vm_steps += (unsigned)sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
    counts->scan_steps += (unsigned)sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);
}

/** What SQLite last complained of, as -errno. */
static inline int shop_error(sqlite3 *db) {
    int system = db ? sqlite3_system_errno(db) : 0;
    switch (db ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM) {
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EUCLEAN;
    case SQLITE_NOMEM:
        return -ENOMEM;
    default:
        return system ? -system : -EIO;
    }
}

/** Why setup or prepare failed, in SQLite's words. */
static inline int shop_fail(const struct cs_env *env, const struct shop *shop, const char *what) {
    int error = shop_error(shop->db);
    return cs_fail(env, -error, "cannot %s %s: %s (%s); %s", what, shop->path, sqlite3_errmsg(shop->db),
                   strerror(-error),
                   error == -EUCLEAN ? "its file was damaged" : "make room or choose another scratch folder");
}

/** Runs statements that give no rows. Returns 0 or -errno. */
static inline int shop_execute(sqlite3 *db, const char *sql) {
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : shop_error(db);
}

/** Runs a bound statement that gives no rows to its end, and resets it. Returns 0 or -errno. */
static inline int shop_run(sqlite3_stmt *statement) {
    int status = sqlite3_step(statement);
    int error = status == SQLITE_DONE || status == SQLITE_ROW ? 0 : shop_error(sqlite3_db_handle(statement));
    sqlite3_reset(statement);
    return error;
}

/** Prepares a statement that is kept. Returns 0, or -errno with the reason. */
static inline int shop_prepare(const struct cs_env *env, const struct shop *shop, const char *sql,
                               sqlite3_stmt **statement) {
    return sqlite3_prepare_v3(shop->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) == SQLITE_OK
               ? 0
               : shop_fail(env, shop, sql);
}

/** Closes the connection, whose statements are finalized, and removes the file. */
static inline void shop_close(struct shop *shop) {
    sqlite3_close(shop->db);
    shop->db = NULL;
    static const char *const endings[] = {"", "-journal", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings && shop->path[0]; i++) {
        char path[sizeof shop->path + 16];
        snprintf(path, sizeof path, "%s%s", shop->path, endings[i]);
        unlink(path);
    }
    shop->path[0] = '\0';
}

/** Opens a connection to the file. */
static inline int shop_connect(struct shop *shop) {
    int status =
        sqlite3_open_v2(shop->path, &shop->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, shop->vfs);
    return status == SQLITE_OK ? 0 : shop_error(shop->db);
}

/** While it is filled nothing waits for the disk. Sorting stays in memory: the file is what the case is about. */
#define SHOP_FILLING "PRAGMA temp_store = MEMORY; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"

/** Makes an empty database in the scratch folder. Returns 0, or -errno with the reason and nothing left. */
static inline int shop_open(const struct cs_env *env, struct shop *shop) {
    int length = snprintf(shop->path, sizeof shop->path, "%s/shop.XXXXXX", env->scratch);
    if (length >= (int)sizeof shop->path)
        return cs_fail(env, ENAMETOOLONG, "the name of the scratch folder %s is too long", env->scratch);
    int descriptor = mkstemp(shop->path);
    if (descriptor < 0)
        return cs_fail(env, errno, "cannot make a file in %s: %s; choose another scratch folder",
                       env->scratch, strerror(errno));
    close(descriptor);
    if (shop_connect(shop) == 0 && shop_execute(shop->db, SHOP_FILLING) == 0)
        return 0;
    int error = shop_fail(env, shop, "open");
    shop_close(shop);
    return error;
}

static inline int shop_fill_users(const struct cs_env *env, struct shop *shop,
                                  const struct shop_sizes *sizes) {
    sqlite3_stmt *insert = NULL;
    int status = shop_prepare(env, shop, "INSERT INTO users VALUES (?1, ?2, ?2 || '@example.org')", &insert);
    for (uint32_t user = 1; user <= sizes->users && status == 0; user++) {
        char name[24];
        int length = shop_user_name(env->seed, user, name);
        sqlite3_bind_int64(insert, 1, user);
        sqlite3_bind_text(insert, 2, name, length, SQLITE_STATIC);
        status = shop_run(insert);
    }
    sqlite3_finalize(insert);
    return status;
}

/** Binds all columns of an order but its id, from parameter `first` on; 20 to 59 bytes are the address. */
static inline void shop_bind_order(sqlite3_stmt *insert, int first, const struct shop_order *order) {
    sqlite3_bind_int64(insert, first, order->user);
    sqlite3_bind_int64(insert, first + 1, order->status);
    sqlite3_bind_int64(insert, first + 2, order->total);
    sqlite3_bind_text(insert, first + 3, SHOP_ADDRESS, shop_address_length(order), SQLITE_STATIC);
}

static inline int shop_fill_orders(const struct cs_env *env, struct shop *shop,
                                   const struct shop_order *orders, uint32_t count) {
    sqlite3_stmt *insert = NULL;
    int status = shop_prepare(env, shop, SHOP_INSERT_ORDER, &insert);
    for (uint32_t i = 0; i < count && status == 0; i++) {
        shop_bind_order(insert, 1, &orders[i]);
        status = shop_run(insert);
    }
    sqlite3_finalize(insert);
    return status;
}

static inline int shop_fill_items(const struct cs_env *env, struct shop *shop, const struct shop_item *items,
                                  const struct shop_sizes *sizes) {
    sqlite3_stmt *insert = NULL;
    int status = shop_prepare(env, shop, "INSERT INTO items VALUES (?, ?, ?, ?)", &insert);
    for (uint32_t i = 0; i < sizes->orders * sizes->items_an_order && status == 0; i++) {
        sqlite3_bind_int64(insert, 1, i + 1);
        sqlite3_bind_int64(insert, 2, i / sizes->items_an_order + 1);
        sqlite3_bind_int64(insert, 3, items[i].quantity);
        sqlite3_bind_int64(insert, 4, items[i].price);
        status = shop_run(insert);
    }
    sqlite3_finalize(insert);
    return status;
}

/**
 * Fills an empty database with what was drawn: as many orders and items as `sizes` says. No index is made. Returns 0, or -errno with the reason; the shop stays open.
 */
static inline int shop_fill(const struct cs_env *env, struct shop *shop, const struct shop_sizes *sizes,
                            const struct shop_order *orders, const struct shop_item *items) {
    int status = shop_execute(
        shop->db,
        "BEGIN;"
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL);"
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, status INTEGER NOT NULL,"
        " total INTEGER NOT NULL, address TEXT NOT NULL);"
        "CREATE TABLE items (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, quantity INTEGER NOT NULL,"
        " price INTEGER NOT NULL);");
    if (status == 0)
        status = shop_fill_users(env, shop, sizes);
    if (status == 0)
        status = shop_fill_orders(env, shop, orders, sizes->orders);
    if (status == 0)
        status = shop_fill_items(env, shop, items, sizes);
    if (status == 0)
        status = shop_execute(shop->db, "COMMIT");
    return status ? shop_fail(env, shop, "fill") : 0;
}

/** Journal and durability of a connection from now on. Returns 0, or -errno with the reason. */
static inline int shop_set_journal(const struct cs_env *env, struct shop *shop, enum shop_journal journal) {
    static const char *const pragmas[] = {
        [SHOP_ROLLBACK] = "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL",
        [SHOP_WAL] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
        [SHOP_WAL_NORMAL] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"};
    return shop_execute(shop->db, pragmas[journal]) ? shop_fail(env, shop, "set the journal of") : 0;
}

/** Appends the plan of a statement, as EXPLAIN QUERY PLAN tells it, a line a step: evidence. */
static inline void shop_tell_plan(sqlite3 *db, const char *sql, char *text, size_t size) {
    sqlite3_stmt *explain = NULL;
    char *question = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
    if (question && sqlite3_prepare_v2(db, question, -1, &explain, NULL) == SQLITE_OK)
        while (sqlite3_step(explain) == SQLITE_ROW) {
            size_t used = strlen(text);
            snprintf(text + used, size - used, "%s\n", (const char *)sqlite3_column_text(explain, 3));
        }
    sqlite3_finalize(explain);
    sqlite3_free(question);
}

#endif
