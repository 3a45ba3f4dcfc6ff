/* One connection for all sessions. */
#include "pg-connection-pool.h"

void run_kept(void *state) {
    struct sessions *sessions = state;
    const uint32_t *asked = take_queries(sessions);
    for (uint32_t i = 0; i < sessions->count; i += sessions->requests)
        ask(sessions, sessions->kept, asked + i, sessions->answers + i);
}

int prepare_kept(const struct cs_env *env, void *state) {
    struct sessions *sessions = state;
    struct pg pg = {0};
    int status = pg_open(env, &pg);
    sessions->kept = pg.connection;
    return status;
}

void release_kept(void *state) {
    struct sessions *sessions = state;
    PQfinish(sessions->kept);
}
