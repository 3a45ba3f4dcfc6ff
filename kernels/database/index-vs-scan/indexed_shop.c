/* A variant's own copy of the shop, and what all variants do with it: they differ by their index alone. */
#include "index-vs-scan.h"

static int copy_shop(const struct cs_env *env, const struct shop *from, struct shop *to) {
    int status = shop_open(env, to);
    if (status)
        return status;
    sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", from->db, "main");
    if (backup) {
        sqlite3_backup_step(backup, -1);
        sqlite3_backup_finish(backup);
    }
    return sqlite3_errcode(to->db) == SQLITE_OK ? 0 : shop_fail(env, to, "copy the shop to");
}

/*
 * All pages of the table and of the index are in the connection's cache from the beginning: else it grows by those that a run
 * is the first to change, which looks as if memory leaked.
 */
#define WARM_TABLE "SELECT sum(total), sum(user_id) FROM orders NOT INDEXED"
#define WARM_INDEX "SELECT count(*) FROM orders INDEXED BY by_user WHERE status = 0"

static int warm_cache(const struct cs_env *env, struct shop *shop, int indexed) {
    if (shop_execute(shop->db, WARM_TABLE) || (indexed && shop_execute(shop->db, WARM_INDEX)))
        return shop_fail(env, shop, "read");
    return 0;
}

/* Statistics are made, as in a program that cares for its plans. */
static int make_index(const struct cs_env *env, struct shop *shop, const char *index) {
    if ((index && shop_execute(shop->db, index)) || shop_execute(shop->db, "ANALYZE"))
        return shop_fail(env, shop, "index");
    int status = shop_set_journal(env, shop, SHOP_WAL_NORMAL);
    return status ? status : warm_cache(env, shop, index != NULL);
}

static uint64_t file_size(sqlite3 *db) {
    sqlite3_stmt *query = NULL;
    uint64_t bytes = 0;
    if (sqlite3_prepare_v2(db, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size", -1,
                           &query, NULL) == SQLITE_OK &&
        sqlite3_step(query) == SQLITE_ROW)
        bytes = (uint64_t)sqlite3_column_int64(query, 0);
    sqlite3_finalize(query);
    return bytes;
}

static int prepare_statements(const struct cs_env *env, struct indexed_shop *own) {
    int status = shop_prepare(env, &own->shop, READ_QUERY, &own->read);
    if (status == 0)
        status = shop_prepare(env, &own->shop, WRITE_QUERY, &own->write);
    if (status == 0)
        status = shop_prepare(env, &own->shop, "BEGIN IMMEDIATE", &own->begin);
    if (status == 0)
        status = shop_prepare(env, &own->shop, "COMMIT", &own->commit);
    return status;
}

int open_indexed(const struct cs_env *env, struct searches *searches, enum variant variant,
                 const char *index) {
    struct indexed_shop *own = &searches->shops[variant];
    int status = copy_shop(env, &searches->shop, &own->shop);
    if (status == 0)
        status = make_index(env, &own->shop, index);
    if (status == 0)
        status = prepare_statements(env, own);
    own->bytes = file_size(own->shop.db);
    if (status)
        close_indexed(searches, variant);
    return status;
}

void close_indexed(struct searches *searches, enum variant variant) {
    struct indexed_shop *own = &searches->shops[variant];
    sqlite3_finalize(own->read);
    sqlite3_finalize(own->write);
    sqlite3_finalize(own->begin);
    sqlite3_finalize(own->commit);
    shop_close(&own->shop);
    *own = (struct indexed_shop){0};
}

static int read_orders(struct searches *searches, sqlite3_stmt *read, const uint32_t *users) {
    for (uint32_t i = 0; i < searches->queries; i++) {
        sqlite3_bind_int64(read, 1, users[i]);
        if (sqlite3_step(read) != SQLITE_ROW)
            return shop_error(sqlite3_db_handle(read));
        searches->counts[i] = (uint32_t)sqlite3_column_int64(read, 0);
        searches->totals[i] = sqlite3_column_int64(read, 1);
        sqlite3_reset(read);
    }
    return 0;
}

/* In one transaction: this is about the index and not about commits. */
static int write_orders(struct searches *searches, struct indexed_shop *own, const uint32_t *orders) {
    int status = shop_run(own->begin);
    for (uint32_t i = 0; i < searches->queries && status == 0; i++) {
        uint32_t order = orders[i];
        sqlite3_bind_int64(own->write, 1, order);
        sqlite3_bind_int64(own->write, 2,
                           own->last_moved ? moved_user(searches, order) : searches->orders[order - 1].user);
        status = shop_run(own->write);
    }
    if (status == 0)
        status = shop_run(own->commit);
    if (!sqlite3_get_autocommit(own->shop.db))
        shop_execute(own->shop.db, "ROLLBACK");
    return status;
}

void run_indexed(struct searches *searches, enum variant variant) {
    struct indexed_shop *own = &searches->shops[variant];
    own->last_moved = own->moved;
    own->last = cs_window(&own->next, searches->queries, searches->pool);
    if (own->next == 0)
        own->moved = !own->moved;
    const uint32_t *subjects = searches->subjects + own->last;
    int reads = searches->operation == READ;
    int status = reads ? read_orders(searches, own->read, subjects) : write_orders(searches, own, subjects);
    if (status)
        searches->error = status;
    shop_take_counts(&searches->counted, reads ? own->read : own->write);
    searches->file_bytes += own->bytes * searches->queries;
}

void tell_indexed(struct searches *searches, enum variant variant, char *text, size_t size) {
    shop_tell_plan(searches->shops[variant].shop.db, searches->operation == READ ? READ_QUERY : WRITE_QUERY,
                   text, size);
}
