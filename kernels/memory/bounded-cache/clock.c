#include "bounded-cache.h"

/* A place for another entry: the next one that was not used since the hand came by. */
static inline uint32_t make_room(struct clock *clock) {
    if (clock->table.count < clock->table.capacity)
        return ++clock->table.count;
    for (;; clock->used[clock->hand] = 0) {
        clock->hand = clock->hand < clock->table.capacity ? clock->hand + 1 : 1;
        if (!clock->used[clock->hand])
            break;
    }
    table_remove(&clock->table, clock->hand);
    return clock->hand;
}

static inline uint32_t ask(struct cache *cache, uint32_t key) {
    struct clock *clock = &cache->clock;
    uint32_t entry = table_find(&clock->table, key);
    if (!entry) {
        entry = make_room(clock);
        compute_value(cache, &clock->table.entries[entry], key);
        table_insert(&clock->table, entry);
    }
    clock->used[entry] = 1;
    return entry;
}

void run_clock(void *state) {
    struct cache *cache = state;
    cache_run(cache, &cache->clock.table, ask);
}

int prepare_clock(const struct cs_env *env, void *state) {
    struct cache *cache = state;
    table_make(env, &cache->clock.table, cache->capacity);
    cache->clock.used = cs_array(env, "used entries", cache->capacity + 1, uint8_t);
    cache_warm(cache, cache_turnover(cache), run_clock);
    return 0;
}
