/* A GET, and its reply is waited for, before the next one. */
#include "request-pipelining.h"

void run_round_trip(void *state) {
    struct requests *requests = state;
    const uint32_t *asked = take_requests(requests);
    for (uint32_t i = 0; i < requests->count; i++) {
        uint64_t begun = cs_begin(requests->recorder);
        requests->answers[i] =
            redis_get_sum(requests->context, &requests->keys[asked[i]], requests->words, &requests->error);
        cs_end(requests->recorder, begun);
    }
    requests->commands += requests->count;
    requests->round_trips += requests->count;
}
