#include "bounded-cache.h"

static inline void take_out(struct lru *lru, uint32_t entry) {
    lru->older[lru->newer[entry]] = lru->older[entry];
    lru->newer[lru->older[entry]] = lru->newer[entry];
}

static inline void make_newest(struct lru *lru, uint32_t entry) {
    lru->newer[entry] = 0;
    lru->older[entry] = lru->older[0];
    lru->newer[lru->older[0]] = entry;
    lru->older[0] = entry;
}

/* A place for another entry: the one whose last use is longest ago. */
static inline uint32_t make_room(struct lru *lru) {
    if (lru->table.count < lru->table.capacity)
        return ++lru->table.count;
    uint32_t oldest = lru->newer[0];
    table_remove(&lru->table, oldest);
    take_out(lru, oldest);
    return oldest;
}

static inline uint32_t ask(struct cache *cache, uint32_t key) {
    struct lru *lru = &cache->lru;
    uint32_t entry = table_find(&lru->table, key);
    if (entry) {
        take_out(lru, entry);
    } else {
        entry = make_room(lru);
        compute_value(cache, &lru->table.entries[entry], key);
        table_insert(&lru->table, entry);
    }
    make_newest(lru, entry);
    return entry;
}

void run_lru(void *state) {
    struct cache *cache = state;
    cache_run(cache, &cache->lru.table, ask);
}

int prepare_lru(const struct cs_env *env, void *state) {
    struct cache *cache = state;
    table_make(env, &cache->lru.table, cache->capacity);
    cache->lru.newer = cs_array(env, "newer entries", cache->capacity + 1, uint32_t);
    cache->lru.older = cs_array(env, "older entries", cache->capacity + 1, uint32_t);
    cache_warm(cache, cache_turnover(cache), run_lru);
    return 0;
}
