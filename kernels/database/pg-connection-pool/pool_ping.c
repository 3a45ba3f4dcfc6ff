/* A pool that asks the server whether it is there, by a statement that is none: "test on borrow" of many pools. */
#include "pg-connection-pool.h"

static inline int answers_nothing(struct sessions *sessions, PGconn *connection) {
    return obeys(sessions, connection, "");
}

void run_pool_ping(void *state) {
    struct sessions *sessions = state;
    run_pooled(sessions, &sessions->pinged, answers_nothing);
}

int prepare_pool_ping(const struct cs_env *env, void *state) {
    struct sessions *sessions = state;
    return pool_open(env, &sessions->pinged);
}

void release_pool_ping(void *state) {
    struct sessions *sessions = state;
    pool_close(&sessions->pinged);
}
