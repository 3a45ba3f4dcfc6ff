/* The cache in front: least recently used goes first, and what is too old is asked for again. */
#include "two-level-cache.h"

#define BUCKETS(capacity) ((uint32_t)1 << (32 - __builtin_clz(capacity))) /* a power of two above it */

static inline uint32_t *head_of(const struct cache *cache, uint32_t key) {
    return &cache->heads[key * UINT32_C(0x9e3779b1) >> (__builtin_clz(cache->capacity))];
}

static inline uint32_t find(const struct cache *cache, uint32_t key) {
    uint32_t entry = *head_of(cache, key);
    while (entry && cache->keys[entry] != key)
        entry = cache->chain[entry];
    return entry;
}

static inline void take_out(struct cache *cache, uint32_t entry) {
    cache->older[cache->newer[entry]] = cache->older[entry];
    cache->newer[cache->older[entry]] = cache->newer[entry];
}

static inline void make_newest(struct cache *cache, uint32_t entry) {
    cache->newer[entry] = 0;
    cache->older[entry] = cache->older[0];
    cache->newer[cache->older[0]] = entry;
    cache->older[0] = entry;
}

/* A place for a key: a free one, or that of the entry whose last use is longest ago. */
static uint32_t make_room(struct cache *cache, uint32_t key) {
    uint32_t entry = cache->count < cache->capacity ? ++cache->count : cache->newer[0];
    if (cache->keys[entry] != NO_KEY) {
        uint32_t *link = head_of(cache, cache->keys[entry]);
        while (*link != entry)
            link = &cache->chain[*link];
        *link = cache->chain[entry];
        take_out(cache, entry);
    }
    cache->keys[entry] = key;
    cache->chain[entry] = *head_of(cache, key);
    *head_of(cache, key) = entry;
    return entry;
}

/* What read_value would read, without a round trip. */
static void recall_value(struct levels *levels, const struct side *side, uint32_t key, struct value *value) {
    redis_make_value(value->body, BODY, levels->seed, key);
    value->version = side->versions[key];
}

const struct value *cache_get(struct levels *levels, struct side *side, uint32_t key) {
    struct cache *cache = &side->cache;
    uint32_t entry = find(cache, key);
    if (entry)
        take_out(cache, entry);
    if (entry && cache->expires[entry] > side->now) {
        levels->hits++;
    } else {
        if (!entry)
            entry = make_room(cache, key);
        (levels->warming ? recall_value : read_value)(levels, side, key, &cache->values[entry]);
        cache->expires[entry] = cache->to_live == NEVER ? NEVER : side->now + cache->to_live;
    }
    make_newest(cache, entry);
    return &cache->values[entry];
}

void cache_make(const struct cs_env *env, struct cache *cache, uint32_t capacity, uint64_t to_live) {
    cache->capacity = capacity;
    cache->to_live = to_live;
    cache->values = cs_array(env, "values", capacity + 1, struct value);
    cache->keys = cs_array(env, "keys of entries", capacity + 1, uint32_t);
    cache->chain = cs_array(env, "chains", capacity + 1, uint32_t);
    cache->newer = cs_array(env, "newer entries", capacity + 1, uint32_t);
    cache->older = cs_array(env, "older entries", capacity + 1, uint32_t);
    cache->expires = cs_array(env, "ends of entries", capacity + 1, uint64_t);
    cache->heads = cs_array(env, "buckets", BUCKETS(capacity), uint32_t);
    memset(cache->keys, 0xff, (capacity + 1) * sizeof *cache->keys);
}

/* Requests after which it does not matter that it was empty: most of what it holds has been given up some times. */
void cache_warm(struct levels *levels, void (*run)(void *state)) {
    levels->warming = 1;
    for (uint64_t done = 0; done < 8 * (uint64_t)levels->capacity && levels->error == 0;
         done += levels->count)
        run(levels);
    levels->warming = 0;
    levels->next = 0;
}
