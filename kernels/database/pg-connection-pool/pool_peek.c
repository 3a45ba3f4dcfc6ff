/* A pool that asks the system whether the other end of a connection was closed: nobody waits. */
#include "pg-connection-pool.h"

#include <sys/socket.h>

/* There is nothing to read, not even an end. */
static inline int is_open(struct sessions *sessions, PGconn *connection) {
    char byte;
    (void)sessions;
    return recv(PQsocket(connection), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

void run_pool_peek(void *state) {
    struct sessions *sessions = state;
    run_pooled(sessions, &sessions->peeked, is_open);
}

int prepare_pool_peek(const struct cs_env *env, void *state) {
    struct sessions *sessions = state;
    return pool_open(env, &sessions->peeked);
}

void release_pool_peek(void *state) {
    struct sessions *sessions = state;
    pool_close(&sessions->peeked);
}
