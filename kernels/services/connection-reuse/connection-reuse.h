/* What the variants of `connection-reuse` share: sessions of requests, over connections made or kept. */
#ifndef CONNECTION_REUSE_H
#define CONNECTION_REUSE_H

#include "../redis.h"

#define WORDS 8 /* of a value */

/** Connections that wait to be taken, the last one that came back first. */
#define POOLED 4
struct pool {
    redisContext *free[POOLED];
    unsigned count;
};

struct sessions {
    struct redis_key *keys;
    char *path; /**< of the server's socket */
    int port;   /**< of the server at loopback */
    enum redis_transport transport;
    uint64_t seed;
    uint32_t requests, count; /**< of a session, and of a run */
    size_t next, size; /**< request that comes next, of `size`: a run's more each run, and round again */
    uint32_t *asked;   /**< `size` numbers of keys */
    uint64_t *answers; /**< sums of the values of the last run */
    redisContext *kept;
    struct pool peeked, pinged; /**< a variant's each */
    uint64_t connects, round_trips;
    int error; /**< 0, or why a run gave up, as -errno, until the next reset */
};

/** A connection that is made now; one that failed answers no request. */
static inline redisContext *connect_now(struct sessions *sessions) {
    sessions->connects++;
    return redis_connect(sessions->transport, sessions->path, sessions->port);
}

/** The requests of a session, one by one, over a connection. */
static inline void ask(struct sessions *sessions, redisContext *context, const uint32_t *asked,
                       uint64_t *answers) {
    for (uint32_t i = 0; i < sessions->requests; i++)
        answers[i] = redis_get_sum(context, &sessions->keys[asked[i]], WORDS, &sessions->error);
    sessions->round_trips += sessions->requests;
}

/** The requests of this run. */
static inline const uint32_t *take_requests(struct sessions *sessions) {
    return sessions->asked + cs_window(&sessions->next, sessions->count, sessions->size);
}

/** Fills a pool; 0 or -errno with nothing left open. */
static inline int pool_open(const struct cs_env *env, struct pool *pool, enum redis_transport transport) {
    for (pool->count = 0; pool->count < POOLED; pool->count++)
        if (!(pool->free[pool->count] = redis_open_by(env, transport))) {
            while (pool->count)
                redisFree(pool->free[--pool->count]);
            return -ECONNREFUSED;
        }
    return 0;
}

static inline void pool_close(struct pool *pool) {
    while (pool->count)
        redisFree(pool->free[--pool->count]);
}

/** Whether a connection that lay in a pool still leads to the server. */
typedef int is_alive(struct sessions *sessions, redisContext *context);

/** A run whose sessions each take a connection of a pool and give it back. `alive` is given by name: it is no call. */
__attribute__((always_inline)) static inline void run_pooled(struct sessions *sessions, struct pool *pool,
                                                             is_alive *alive) {
    const uint32_t *asked = take_requests(sessions);
    for (uint32_t i = 0; i < sessions->count; i += sessions->requests) {
        redisContext *context = pool->free[--pool->count];
        if (!alive(sessions, context)) {
            redisFree(context);
            context = connect_now(sessions);
        }
        ask(sessions, context, asked + i, sessions->answers + i);
        pool->free[pool->count++] = context;
    }
}

void run_connect_each(void *state);
void run_kept(void *state);
int prepare_kept(const struct cs_env *env, void *state);
void release_kept(void *state);
void run_pool_peek(void *state);
int prepare_pool_peek(const struct cs_env *env, void *state);
void release_pool_peek(void *state);
void run_pool_ping(void *state);
int prepare_pool_ping(const struct cs_env *env, void *state);
void release_pool_ping(void *state);

#endif
