/* What the variants of `pg-connection-pool` share: sessions of queries, over connections made or kept. */
#ifndef PG_CONNECTION_POOL_H
#define PG_CONNECTION_POOL_H

#include "../postgres.h"

/** Connections that wait to be taken, the last one that came back first. */
#define POOLED 4
struct pool {
    struct pooled {
        PGconn *connection;
        uint32_t served; /**< sessions */
    } free[POOLED];
    unsigned count;
};

struct sessions {
    struct pg pg; /**< of setup, which makes the table and drops it */
    char *path;   /**< of the server's socket */
    char query[96];
    uint32_t requests, count; /**< of a session, and of a run */
    uint32_t lifetime;        /**< sessions that a connection of a pool serves */
    size_t next, size;        /**< query that comes next, of `size`: a run's more each run, and round again */
    struct shop_order *orders;
    uint32_t *asked;                                  /**< `size` ids of orders */
    int64_t *answers;                                 /**< totals of the orders of the last run */
    struct pool unchecked, peeked, pinged, discarded; /**< a variant's each */
    uint64_t connects, round_trips;
    int error; /**< 0, or why a run gave up, as -errno; it stays until the next reset */
};

/** A connection that is made now; one that failed answers no query. PQfinish ends it. */
static inline PGconn *connect_now(struct sessions *sessions) {
    sessions->connects++;
    sessions->round_trips++;
    return pg_dial(sessions->path);
}

/** The queries of a session, one by one, over a connection. */
static inline void ask(struct sessions *sessions, PGconn *connection, const uint32_t *asked,
                       int64_t *answers) {
    static const Oid type = PG_INT4;
    static const int length = 4, format = 1;
    for (uint32_t i = 0; i < sessions->requests; i++) {
        uint32_t id = pg_int4(asked[i]);
        const char *value = (const char *)&id;
        PGresult *result =
            PQexecParams(connection, sessions->query, 1, &type, &value, &length, &format, format);
        if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1)
            answers[i] = pg_get_int8(result, 0, 0);
        else
            sessions->error = -EIO;
        PQclear(result);
    }
    sessions->round_trips += sessions->requests;
}

/** The queries of this run. */
static inline const uint32_t *take_queries(struct sessions *sessions) {
    return sessions->asked + cs_window(&sessions->next, sessions->count, sessions->size);
}

static inline void pool_close(struct pool *pool) {
    while (pool->count)
        PQfinish(pool->free[--pool->count].connection);
}

/** Fills a pool; 0, or -errno with the reason and nothing left open. */
static inline int pool_open(const struct cs_env *env, struct pool *pool) {
    for (pool->count = 0; pool->count < POOLED; pool->count++) {
        struct pg pg = {0};
        int status = pg_open(env, &pg);
        if (status) {
            pool_close(pool);
            return status;
        }
        pool->free[pool->count] = (struct pooled){pg.connection, 0};
    }
    return 0;
}

/** Whether a connection that lay in a pool still leads to the server, and is as a session wants it. */
typedef int is_fit(struct sessions *sessions, PGconn *connection);

/** Whether the server does what it is told. */
static inline int obeys(struct sessions *sessions, PGconn *connection, const char *sql) {
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    sessions->round_trips++;
    PQclear(result);
    return status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;
}

/** Another connection in the place of one that is ended. */
static inline struct pooled renew(struct sessions *sessions, struct pooled old) {
    PQfinish(old.connection);
    return (struct pooled){connect_now(sessions), 0};
}

/** A run whose sessions each take a connection of a pool and give it back. `fit` is given by name: it is no call. */
__attribute__((always_inline)) static inline void run_pooled(struct sessions *sessions, struct pool *pool,
                                                             is_fit *fit) {
    const uint32_t *asked = take_queries(sessions);
    for (uint32_t i = 0; i < sessions->count; i += sessions->requests) {
        struct pooled taken = pool->free[--pool->count];
        if (!fit(sessions, taken.connection))
            taken = renew(sessions, taken);
        ask(sessions, taken.connection, asked + i, sessions->answers + i);
        if (++taken.served == sessions->lifetime)
            taken = renew(sessions, taken);
        pool->free[pool->count++] = taken;
    }
}

void run_connect_each(void *state);
void run_pool(void *state);
int prepare_pool(const struct cs_env *env, void *state);
void release_pool(void *state);
void run_pool_peek(void *state);
int prepare_pool_peek(const struct cs_env *env, void *state);
void release_pool_peek(void *state);
void run_pool_ping(void *state);
int prepare_pool_ping(const struct cs_env *env, void *state);
void release_pool_ping(void *state);
void run_pool_discard(void *state);
int prepare_pool_discard(const struct cs_env *env, void *state);
void release_pool_discard(void *state);

#endif
