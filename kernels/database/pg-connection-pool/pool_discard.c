/* A pool that has the server forget what the last session left: settings, temporary tables, prepared statements. */
#include "pg-connection-pool.h"

static inline int forgets(struct sessions *sessions, PGconn *connection) {
    return obeys(sessions, connection, "DISCARD ALL");
}

void run_pool_discard(void *state) {
    struct sessions *sessions = state;
    run_pooled(sessions, &sessions->discarded, forgets);
}

int prepare_pool_discard(const struct cs_env *env, void *state) {
    struct sessions *sessions = state;
    return pool_open(env, &sessions->discarded);
}

void release_pool_discard(void *state) {
    struct sessions *sessions = state;
    pool_close(&sessions->discarded);
}
