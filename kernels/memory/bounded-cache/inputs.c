/* Keys that are asked for, and tables before they are. */
#include "inputs.h"

/* MurmurHash3's finalizer (Appleby, public domain) is a bijection, so no two keys are the same. */
static uint32_t key_of(uint32_t seed, uint32_t rank) {
    uint32_t key = rank ^ seed;
    key = (key ^ key >> 16) * UINT32_C(0x85ebca6b);
    key = (key ^ key >> 13) * UINT32_C(0xc2b2ae35);
    return key ^ key >> 16;
}

/* Of ranks whose share is 1, 1/2, 1/3 …: the first at which the sum of shares is above `at` of the whole. */
static uint32_t find_rank(const double *sums, uint32_t keys, double at) {
    uint32_t low = 0;
    for (uint32_t length = keys; length > 1;) {
        uint32_t half = length / 2;
        low += sums[low + half - 1] <= at * sums[keys - 1] ? half : 0;
        length -= half;
    }
    return low;
}

static uint32_t draw_rank(struct cs_random *random, uint32_t keys, enum skew skew, const double *sums) {
    if (skew == SKEW_ZIPF)
        return find_rank(sums, keys, cs_random_unit(random));
    if (skew == SKEW_NINETY_TEN && cs_random_below(random, 10) > 0)
        return cs_random_below(random, (keys + 9) / 10);
    return cs_random_below(random, keys);
}

void draw_requests(const struct cs_env *env, struct cache *cache, struct cs_random *random, uint32_t keys,
                   enum skew skew) {
    double *sums = cs_array(env, "sums of shares", keys, double), sum = 0;
    uint8_t *seen = cs_array(env, "keys that were drawn", keys, uint8_t);
    uint32_t seed = (uint32_t)cs_random_u64(random);
    for (uint32_t rank = 0; rank < keys; rank++)
        sums[rank] = sum += 1.0 / (rank + 1);
    for (size_t i = 0; i < cache->pool_size; i++) {
        uint32_t rank = draw_rank(random, keys, skew, sums);
        cache->pool[i] = key_of(seed, rank);
        cache->different += !seen[rank];
        seen[rank] = 1;
    }
    cs_free(env, seen);
    cs_free(env, sums);
}

void table_make(const struct cs_env *env, struct table *table, uint32_t capacity) {
    table->capacity = capacity;
    for (table->shift = 31; (UINT64_C(1) << (32 - table->shift)) < capacity;)
        table->shift--;
    table->heads = cs_array(env, "buckets", (size_t)1 << (32 - table->shift), uint32_t);
    table->entries = cs_array(env, "entries", (size_t)capacity + 1, struct entry);
}

void cache_warm(struct cache *cache, size_t requests, void (*run)(void *state)) {
    size_t runs = (requests + cache->window - 1) / cache->window;
    if (runs * cache->window < cache->pool_size)
        cache->next = cache->pool_size - runs * cache->window;
    do
        run(cache);
    while (cache->next);
    cache->computed = 0;
}
