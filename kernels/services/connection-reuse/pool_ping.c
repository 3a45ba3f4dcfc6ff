/* A pool that asks the server whether it is there: "test on borrow" of many pools. */
#include "connection-reuse.h"

static inline int answers_ping(struct sessions *sessions, redisContext *context) {
    redisReply *reply =
        redis_add(context, 1, (const char *[]){"PING"}, (const size_t[]){4}) ? NULL : redis_next(context);
    int well = reply && reply->type == REDIS_REPLY_STATUS;
    freeReplyObject(reply);
    sessions->round_trips++;
    return well;
}

void run_pool_ping(void *state) {
    struct sessions *sessions = state;
    run_pooled(sessions, &sessions->pinged, answers_ping);
}

int prepare_pool_ping(const struct cs_env *env, void *state) {
    struct sessions *sessions = state;
    return pool_open(env, &sessions->pinged, sessions->transport);
}

void release_pool_ping(void *state) {
    struct sessions *sessions = state;
    pool_close(&sessions->pinged);
}
