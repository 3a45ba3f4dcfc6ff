/* A pool that trusts its connections. */
#include "pg-connection-pool.h"

static inline int is_trusted(struct sessions *sessions, PGconn *connection) {
    (void)sessions, (void)connection;
    return 1;
}

void run_pool(void *state) {
    struct sessions *sessions = state;
    run_pooled(sessions, &sessions->unchecked, is_trusted);
}

int prepare_pool(const struct cs_env *env, void *state) {
    struct sessions *sessions = state;
    return pool_open(env, &sessions->unchecked);
}

void release_pool(void *state) {
    struct sessions *sessions = state;
    pool_close(&sessions->unchecked);
}
