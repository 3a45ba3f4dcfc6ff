/* A connection a session, closed at its end. */
#include "connection-reuse.h"

void run_connect_each(void *state) {
    struct sessions *sessions = state;
    const uint32_t *asked = take_requests(sessions);
    for (uint32_t i = 0; i < sessions->count; i += sessions->requests) {
        redisContext *context = connect_now(sessions);
        ask(sessions, context, asked + i, sessions->answers + i);
        redisFree(context);
    }
}
