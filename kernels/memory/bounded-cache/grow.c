#include "bounded-cache.h"

static inline uint32_t ask(struct cache *cache, uint32_t key) {
    struct table *table = &cache->grown;
    uint32_t entry = table_find(table, key);
    if (!entry) {
        entry = ++table->count;
        compute_value(cache, &table->entries[entry], key);
        table_insert(table, entry);
    }
    return entry;
}

void run_grow(void *state) {
    struct cache *cache = state;
    cache_run(cache, &cache->grown, ask);
}

/* Room for what will be asked for: what it has come to when all has been asked for once. */
int prepare_grow(const struct cs_env *env, void *state) {
    struct cache *cache = state;
    table_make(env, &cache->grown, cache->different);
    cache_warm(cache, cache->pool_size, run_grow);
    return 0;
}
