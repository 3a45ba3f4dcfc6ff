/* One connection for all sessions. */
#include "connection-reuse.h"

void run_kept(void *state) {
    struct sessions *sessions = state;
    const uint32_t *asked = take_requests(sessions);
    for (uint32_t i = 0; i < sessions->count; i += sessions->requests)
        ask(sessions, sessions->kept, asked + i, sessions->answers + i);
}

int prepare_kept(const struct cs_env *env, void *state) {
    struct sessions *sessions = state;
    sessions->kept = redis_open_by(env, sessions->transport);
    return sessions->kept ? 0 : -ECONNREFUSED;
}

void release_kept(void *state) {
    struct sessions *sessions = state;
    redisFree(sessions->kept);
}
