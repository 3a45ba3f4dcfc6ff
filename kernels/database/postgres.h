/* What the kernels over PostgreSQL share: a server of their own, the shop of shop-data.h in it, and round trips counted. */
#ifndef POSTGRES_H
#define POSTGRES_H

#include "shop-data.h"

#include <endian.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

/**
 * A cluster that initdb makes once a run, and a server at a Unix socket alone, as Debian configures one but for what is
 * named: nothing runs that its clients did not ask for (autovacuum), and nothing outlives it (shared memory in its folder).
 * It waits for the disk at each commit: fsync is on.
 */
#define POSTGRES_SERVICE                                                                                     \
    {                                                                                                        \
        .name = "postgres", .program = "postgres", .folders = "/usr/lib/postgresql/*/bin",                   \
        .socket = ".s.PGSQL.1", .ready = "ready to accept connections", .ready_s = 30, .refuses_root = 1,    \
        .make = (const char *const[]){"initdb", "-D",          "{folder}/data", "-U",                        \
                                      "shop",   "-A",          "trust",         "-E",                        \
                                      "UTF8",   "--no-locale", "--no-sync",     "--wal-segsize=4",           \
                                      NULL},                                                                 \
        .arguments = (const char *const[]) {                                                                 \
            "-D", "{folder}/data", "-k", "{folder}", "-h", "", "-p", "1", "--fsync=on",                      \
                "--synchronous_commit=on", "--full_page_writes=on", "--autovacuum=off",                      \
                "--dynamic_shared_memory_type=mmap", "--shared_buffers=32MB", "--max_connections=64", NULL   \
        }                                                                                                    \
    }

/** Types of parameters, as pg_type(5) numbers them. */
enum pg_type { PG_INT8 = 20, PG_INT4 = 23, PG_TEXT = 25, PG_INT4_ARRAY = 1007 };

/** A connection, and how often it waited for the server to answer. */
struct pg {
    PGconn *connection;
    uint64_t round_trips;
};

/** Why setup or prepare failed, in the server's words. */
static inline int pg_fail(const struct cs_env *env, PGconn *connection, const char *what) {
    char words[300];
    snprintf(words, sizeof words, "%s", connection ? PQerrorMessage(connection) : "no memory");
    words[strcspn(words, "\n")] = '\0';
    return cs_fail(env, EIO, "cannot %s: %s", what, words);
}

/** A connection to the server whose socket `path` is; PQfinish ends it. NULL: no memory; else look at PQstatus. */
static inline PGconn *pg_dial(const char *path) {
    char folder[200];
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    const char *const words[] = {"host", "port", "user", "dbname", NULL};
    const char *const values[] = {folder, "1", "shop", "postgres", NULL};
    return PQconnectdbParams(words, values, 0);
}

/** 0, or -errno with the reason and nothing open. */
static inline int pg_open(const struct cs_env *env, struct pg *pg) {
    pg->connection = pg_dial(env->service[0]);
    if (pg->connection && PQstatus(pg->connection) == CONNECTION_OK)
        return 0;
    int error = pg_fail(env, pg->connection, "connect to PostgreSQL");
    PQfinish(pg->connection);
    pg->connection = NULL;
    return error;
}

/** Whether a result is what was asked for; PQclear frees it in any case. */
static inline int pg_is_well(const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/** Runs commands that give no rows. 0 or -EIO. */
static inline int pg_execute(struct pg *pg, const char *sql) {
    PGresult *result = PQexec(pg->connection, sql);
    int status = pg_is_well(result) ? 0 : -EIO;
    pg->round_trips++;
    PQclear(result);
    return status;
}

/** Ends the connection; its schema goes, too. */
static inline void pg_close(struct pg *pg) {
    char sql[96];
    snprintf(sql, sizeof sql, "DROP SCHEMA IF EXISTS shop_%d CASCADE", PQbackendPID(pg->connection));
    pg_execute(pg, "SET client_min_messages = warning"); /* libpq would print what is dropped */
    pg_execute(pg, sql);
    PQfinish(pg->connection);
    pg->connection = NULL;
}

/** teardown of a kernel whose state begins with its connection. */
static inline void pg_teardown(void *state) {
    pg_close(state);
}

/** pg_open, and a schema for the tables of this connection, so that two states do not meet. */
static inline int pg_open_schema(const struct cs_env *env, struct pg *pg) {
    char sql[96];
    int status = pg_open(env, pg);
    if (status)
        return status;
    int own = PQbackendPID(pg->connection);
    snprintf(sql, sizeof sql, "CREATE SCHEMA shop_%d; SET search_path = shop_%d", own, own);
    if (pg_execute(pg, sql)) {
        status = pg_fail(env, pg->connection, "make a schema");
        pg_close(pg);
    }
    return status;
}

/** Prepares a statement by name. 0, or -errno with the reason. */
static inline int pg_prepare(const struct cs_env *env, struct pg *pg, const char *name, const char *sql,
                             int count, const Oid *types) {
    PGresult *result = PQprepare(pg->connection, name, sql, count, types);
    int status = pg_is_well(result) ? 0 : pg_fail(env, pg->connection, sql);
    PQclear(result);
    return status;
}

/** Numbers as the wire has them. */
static inline uint32_t pg_int4(uint32_t value) {
    return htobe32(value);
}

/** Columns of rows in the binary format. */
static inline uint32_t pg_get_int4(const PGresult *result, int row, int column) {
    uint32_t value = 0;
    if (PQgetlength(result, row, column) == sizeof value)
        memcpy(&value, PQgetvalue(result, row, column), sizeof value);
    return be32toh(value);
}

static inline int64_t pg_get_int8(const PGresult *result, int row, int column) {
    uint64_t value = 0;
    if (PQgetlength(result, row, column) == sizeof value)
        memcpy(&value, PQgetvalue(result, row, column), sizeof value);
    return (int64_t)be64toh(value);
}

/** Runs a prepared statement with `count` numbers, and waits for all its rows, which PQclear frees. */
static inline PGresult *pg_query(struct pg *pg, const char *name, int count, const uint32_t *numbers) {
    uint32_t wire[4];
    const char *values[4];
    static const int lengths[] = {4, 4, 4, 4}, formats[] = {1, 1, 1, 1};
    for (int i = 0; i < count; i++) {
        wire[i] = pg_int4(numbers[i]);
        values[i] = (const char *)&wire[i];
    }
    pg->round_trips++;
    return PQexecPrepared(pg->connection, name, count, values, lengths, formats, 1);
}

/** Ends a COPY of rows. 0 or -EIO. */
static inline int pg_end_copy(struct pg *pg) {
    int status = PQputCopyEnd(pg->connection, NULL) == 1 ? 0 : -EIO;
    for (PGresult *result; (result = PQgetResult(pg->connection));) {
        if (!pg_is_well(result))
            status = -EIO;
        PQclear(result);
    }
    pg->round_trips++;
    return status;
}

/** Begins a COPY of rows, `sql`; pg_end_copy ends it. 0 or -EIO. */
static inline int pg_begin_copy(struct pg *pg, const char *sql) {
    PGresult *result = PQexec(pg->connection, sql);
    int status = PQresultStatus(result) == PGRES_COPY_IN ? 0 : -EIO;
    pg->round_trips++;
    PQclear(result);
    return status;
}

/** An order as a line of COPY, without its id. Bytes that it has; `line` has room for PG_LINE. */
#define PG_LINE 128
static inline int pg_order_line(char *line, const struct shop_order *order) {
    return snprintf(line, PG_LINE, "%u\t%u\t%lld\t%.*s\n", order->user, order->status,
                    (long long)order->total, shop_address_length(order), SHOP_ADDRESS);
}

/** Adds orders to `table`, which numbers them. 0 or -EIO. */
static inline int pg_copy_orders(struct pg *pg, const char *table, const struct shop_order *orders,
                                 uint32_t count) {
    char sql[128], line[PG_LINE];
    snprintf(sql, sizeof sql, "COPY %.60s (user_id, status, total, address) FROM STDIN", table);
    int status = pg_begin_copy(pg, sql);
    for (uint32_t i = 0; status == 0 && i < count; i++)
        if (PQputCopyData(pg->connection, line, pg_order_line(line, &orders[i])) != 1)
            status = -EIO;
    int ended = pg_end_copy(pg);
    return status ? status : ended;
}

static inline int pg_copy_users(const struct cs_env *env, struct pg *pg, uint32_t count) {
    char line[PG_LINE], name[24];
    int status = pg_begin_copy(pg, "COPY users FROM STDIN");
    for (uint32_t user = 1; status == 0 && user <= count; user++) {
        shop_user_name(env->seed, user, name);
        int length = snprintf(line, sizeof line, "%u\t%s\t%s@example.org\n", user, name, name);
        if (PQputCopyData(pg->connection, line, length) != 1)
            status = -EIO;
    }
    int ended = pg_end_copy(pg);
    return status ? status : ended;
}

#define PG_ORDERS                                                                                            \
    "(id integer PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, user_id integer NOT NULL,"                    \
    " status integer NOT NULL, total bigint NOT NULL, address text NOT NULL)"

static inline int pg_fill(const struct cs_env *env, struct pg *pg, const struct shop_sizes *sizes,
                          const struct shop_order *orders) {
    int status =
        pg_execute(pg, "CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, email text NOT NULL);"
                       "CREATE TABLE orders " PG_ORDERS);
    if (status == 0)
        status = pg_copy_users(env, pg, sizes->users);
    if (status == 0)
        status = pg_copy_orders(pg, "orders", orders, sizes->orders);
    if (status == 0)
        status = pg_execute(pg, "CREATE INDEX orders_of_user ON orders (user_id)");
    if (status == 0)
        status = pg_execute(pg, "VACUUM ANALYZE users, orders");
    return status ? pg_fail(env, pg->connection, "fill PostgreSQL") : 0;
}

/**
 * pg_open_schema, and in it users and orders, with an index on the orders' users, as the planner likes them: counted and
 * vacuumed.
 */
static inline int pg_open_shop(const struct cs_env *env, struct pg *pg, const struct shop_sizes *sizes,
                               const struct shop_order *orders) {
    int status = pg_open_schema(env, pg);
    if (status)
        return status;
    status = pg_fill(env, pg, sizes, orders);
    if (status)
        pg_close(pg);
    return status;
}

/** Executions of a prepared statement that are planned for their own parameters, before one plan serves all. */
#define PG_PLANNED_ANEW 5

/**
 * Appends what EXPLAIN says of an EXECUTE, a line a step: evidence. It is asked so often that the plan is that of the timed
 * runs: a statement's first plans are for their parameters, and may be others.
 */
static inline void pg_tell_plan(struct pg *pg, const char *execute, char *text, size_t size) {
    char sql[512];
    snprintf(sql, sizeof sql, "EXPLAIN (COSTS OFF) %s", execute);
    for (int i = 0; i < PG_PLANNED_ANEW; i++)
        PQclear(PQexec(pg->connection, sql));
    PGresult *result = PQexec(pg->connection, sql);
    for (int row = 0; row < PQntuples(result); row++) {
        size_t used = strlen(text);
        snprintf(text + used, size - used, "%s\n", PQgetvalue(result, row, 0));
    }
    PQclear(result);
}

/** How often the server waited for its log to reach the disk, or 0 where it does not say. Untimed: two round trips. */
static inline uint64_t pg_count_syncs(const struct pg *pg) {
    PQclear(PQexec(pg->connection, "SELECT pg_stat_force_next_flush()")); /* else once a second at the most */
    PGresult *result = PQexec(pg->connection, "SELECT wal_sync FROM pg_stat_wal");
    uint64_t syncs = PQntuples(result) == 1 ? strtoull(PQgetvalue(result, 0, 0), NULL, 10) : 0;
    PQclear(result);
    return syncs;
}

#endif
