/* A connection a session, ended with it. */
#include "pg-connection-pool.h"

void run_connect_each(void *state) {
    struct sessions *sessions = state;
    const uint32_t *asked = take_queries(sessions);
    for (uint32_t i = 0; i < sessions->count; i += sessions->requests) {
        PGconn *connection = connect_now(sessions);
        ask(sessions, connection, asked + i, sessions->answers + i);
        PQfinish(connection);
    }
}
