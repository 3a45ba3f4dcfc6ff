/* A batch of GETs goes out in one write, and their replies come in order. */
#include "request-pipelining.h"

static void ask_batch(struct requests *requests, const uint32_t *asked, uint64_t *answers) {
    for (uint32_t j = 0; j < requests->batch; j++) {
        requests->begun[j] = cs_begin(requests->recorder);
        if (redis_add_get(requests->context, &requests->keys[asked[j]]))
            requests->error = -EIO;
    }
    for (uint32_t j = 0; j < requests->batch; j++) {
        redisReply *reply = redis_next(requests->context); /* the first sends the batch */
        answers[j] = redis_sum(reply, requests->words, &requests->error);
        freeReplyObject(reply);
        cs_end(requests->recorder, requests->begun[j]);
    }
}

void run_pipelined(void *state) {
    struct requests *requests = state;
    const uint32_t *asked = take_requests(requests);
    for (uint32_t i = 0; i < requests->count; i += requests->batch) {
        ask_batch(requests, asked + i, requests->answers + i);
        requests->round_trips++;
    }
    requests->commands += requests->count;
}

int prepare_pipelined(const struct cs_env *env, void *state) {
    struct requests *requests = state;
    requests->begun = cs_array(env, "begun", requests->batch, uint64_t);
    return 0;
}
