/* What the variants of `two-level-cache` share: values in Redis that are mostly read, and a bounded cache in front. */
#ifndef TWO_LEVEL_CACHE_H
#define TWO_LEVEL_CACHE_H

#include "../redis.h"

#define BODY 7 /* words of a value beside its version */
#define NEVER UINT64_MAX
#define NO_KEY UINT32_MAX

/** A value: what does not change, and a number that each write counts up. One cache line. */
struct value {
    uint64_t body[BODY], version;
};

/** Entries by key, and in a ring by their last use: 0, then the newest to the oldest, then 0 again. Entry 0 is none. */
struct cache {
    struct value *values;
    uint32_t *keys, *chain, *newer, *older;
    uint64_t *expires; /**< time from which on the entry is asked for anew */
    uint32_t *heads;   /**< of chains, by key */
    uint32_t count, capacity;
    uint64_t to_live; /**< NEVER, or as `now` */
};

/** A variant's own: its values in Redis, so that nobody else writes them, and what it knows of them. */
struct side {
    struct redis_key *keys;
    uint64_t *versions; /**< as Redis has them */
    struct cache cache;
    uint64_t now; /**< requests so far: a kernel reads no clock */
};
enum { SIDE_READ_EACH, SIDE_TIME_TO_LIVE, SIDE_FOREVER, SIDES };

struct request {
    uint32_t key;
    uint32_t is_write;
};

struct levels {
    redisContext *context;
    uint64_t seed;
    uint32_t keys, count; /**< values, and requests of a run */
    uint32_t capacity;
    uint64_t to_live;
    size_t next, pool; /**< request that comes next, of `pool`: a run's more each run, and round again */
    struct request *requests; /**< `pool` */
    uint64_t *answers;        /**< sums of the bodies; of a write 0 */
    struct side sides[SIDES];
    struct value value; /**< of read-each: the last one */
    int warming;        /**< 1: values come from the program's own knowledge, and none is waited for */
    uint64_t round_trips, hits, stale;
    int error; /**< 0, or -EIO since a reply was not what was asked for, until the next reset */
};

/** Reads a value from Redis. */
static inline void read_value(struct levels *levels, const struct side *side, uint32_t key,
                              struct value *value) {
    redisReply *reply = redis_add_get(levels->context, &side->keys[key]) ? NULL : redis_next(levels->context);
    if (redis_is_value(reply, 1 + BODY))
        memcpy(value, reply->str, sizeof *value);
    else
        levels->error = -EIO;
    freeReplyObject(reply);
    levels->round_trips++;
}

/** The next version of a value, written to Redis past every cache, as another program would. */
void write_value(struct levels *levels, struct side *side, uint32_t key);

/** The value of a key; valid until the next call. */
typedef const struct value *get_value(struct levels *levels, struct side *side, uint32_t key);

/** The requests of a run. `get` is given by name, so that no call through a pointer is left. */
__attribute__((always_inline)) static inline void serve(struct levels *levels, struct side *side,
                                                        get_value *get) {
    const struct request *requests = levels->requests + cs_window(&levels->next, levels->count, levels->pool);
    for (uint32_t i = 0; i < levels->count; i++) {
        uint32_t key = requests[i].key;
        uint64_t sum = 0;
        side->now++;
        if (requests[i].is_write) {
            write_value(levels, side, key);
        } else {
            const struct value *value = get(levels, side, key);
            levels->stale += value->version != side->versions[key];
            for (unsigned word = 0; word < BODY; word++)
                sum += value->body[word];
        }
        levels->answers[i] = sum;
    }
}

/** Makes an empty cache. */
void cache_make(const struct cs_env *env, struct cache *cache, uint32_t capacity, uint64_t to_live);

/** The value of a key from the side's cache, or from Redis and then kept. */
const struct value *cache_get(struct levels *levels, struct side *side, uint32_t key);

/** Runs until a cache holds what it holds that has been in use. For prepare. */
void cache_warm(struct levels *levels, void (*run)(void *state));

void run_read_each(void *state);
void run_time_to_live(void *state);
int prepare_time_to_live(const struct cs_env *env, void *state);
void run_forever(void *state);
int prepare_forever(const struct cs_env *env, void *state);

#endif
