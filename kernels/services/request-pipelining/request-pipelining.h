/* What the variants of `request-pipelining` share: values that a program wants of Redis, known some at a time. */
#ifndef REQUEST_PIPELINING_H
#define REQUEST_PIPELINING_H

#include "../redis.h"

struct requests {
    redisContext *context;
    struct redis_key *keys;
    uint64_t seed;
    uint32_t words;        /**< of a value, 8 bytes each */
    uint32_t batch, count; /**< requests that are known together, and those of a run: whole batches */
    size_t next, pool;     /**< request that comes next, of `pool`: a run's more each run, and round again */
    uint32_t *asked;       /**< `pool` numbers of keys */
    uint64_t *answers;     /**< sums of the values of the last run */
    struct cs_recorder *recorder;
    uint64_t *begun;      /**< of pipelined: when each request of a batch was made */
    const char **command; /**< of multi-key: MGET and `batch` keys */
    size_t *lengths;      /**< of multi-key: of these */
    uint64_t commands, round_trips;
    int error; /**< 0, or -EIO since a reply was not what was asked for, until the next reset */
};

/** The keys of this run. */
static inline const uint32_t *take_requests(struct requests *requests) {
    return requests->asked + cs_window(&requests->next, requests->count, requests->pool);
}

void run_round_trip(void *state);
void run_pipelined(void *state);
int prepare_pipelined(const struct cs_env *env, void *state);
void run_multi_key(void *state);
int prepare_multi_key(const struct cs_env *env, void *state);

#endif
