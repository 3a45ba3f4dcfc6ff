/* One MGET for the keys of a batch, and one reply with all values. */
#include "request-pipelining.h"

static void ask_batch(struct requests *requests, const uint32_t *asked, uint64_t *answers) {
    uint64_t begun = cs_begin(requests->recorder);
    for (uint32_t j = 0; j < requests->batch; j++)
        requests->command[j + 1] = requests->keys[asked[j]].text;
    redisReply *reply =
        redis_add(requests->context, (int)requests->batch + 1, requests->command, requests->lengths)
            ? NULL
            : redis_next(requests->context);
    int whole = reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == requests->batch;
    for (uint32_t j = 0; j < requests->batch; j++) {
        answers[j] = redis_sum(whole ? reply->element[j] : NULL, requests->words, &requests->error);
        cs_end(requests->recorder, begun);
    }
    freeReplyObject(reply);
}

void run_multi_key(void *state) {
    struct requests *requests = state;
    const uint32_t *asked = take_requests(requests);
    for (uint32_t i = 0; i < requests->count; i += requests->batch) {
        ask_batch(requests, asked + i, requests->answers + i);
        requests->round_trips++;
        requests->commands++;
    }
}

int prepare_multi_key(const struct cs_env *env, void *state) {
    struct requests *requests = state;
    requests->command = cs_array(env, "command", requests->batch + 1, const char *);
    requests->lengths = cs_array(env, "lengths", requests->batch + 1, size_t);
    requests->command[0] = "MGET";
    requests->lengths[0] = 4;
    for (uint32_t j = 1; j <= requests->batch; j++)
        requests->lengths[j] = REDIS_KEY;
    return 0;
}
