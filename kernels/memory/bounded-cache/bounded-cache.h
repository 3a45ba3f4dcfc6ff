/* State of the bounded-cache kernel: values that take long to compute, and caches of them in front. */
#ifndef BOUNDED_CACHE_H
#define BOUNDED_CACHE_H

#include <countersign.h>

#define VALUE_WORDS 7

/** A value and its key, one cache line; in the chain of its bucket. */
struct entry {
    uint32_t key;
    uint32_t next; /**< number of an entry; 0 ends a chain */
    uint64_t value[VALUE_WORDS];
};

/** Entries by key: a hash table with chains. Entry 0 is none. */
struct table {
    uint32_t *heads; /**< 2^(32 - shift) of them */
    unsigned shift;
    struct entry *entries;
    uint32_t count, capacity; /**< entries that are taken, and at the most */
};

/** Entries in a ring by their last use: 0, then the newest to the oldest, then 0 again. */
struct lru {
    struct table table;
    uint32_t *newer, *older;
};

struct clock {
    struct table table;
    uint8_t *used; /**< entries that were asked for since the hand came by */
    uint32_t hand;
};

struct cache {
    uint32_t *pool; /**< keys that are asked for, a whole number of windows */
    size_t pool_size;
    size_t window;        /**< requests of a run */
    size_t next;          /**< where in the pool the next run's window starts */
    uint64_t *answers;    /**< first and last word of the value, added up, of the last run's window */
    uint32_t capacity;    /**< entries of a bounded cache */
    uint32_t different;   /**< keys in the pool that are different from each other */
    uint64_t factor, sum; /**< of compute_value */
    uint64_t cost;        /**< rounds that a value takes, but for its last words */
    uint64_t computed;    /**< values, by runs */

    /** Of a variant each. */
    struct table grown;
    struct lru lru;
    struct clock clock;
};

/** A value that takes `cost` rounds: numbers of a linear congruential generator that begins with the key. */
static inline void compute_value(struct cache *cache, struct entry *entry, uint32_t key) {
    uint64_t x = key;
    for (uint64_t round = 0; round < cache->cost; round++)
        x = x * cache->factor + cache->sum;
    entry->key = key;
    for (unsigned word = 0; word < VALUE_WORDS; word++) {
        entry->value[word] = x;
        x = x * cache->factor + cache->sum;
    }
    cache->computed++;
}

/** The head of a key's chain: Fibonacci hashing, Knuth, TAOCP volume 3, section 6.4. */
static inline uint32_t *table_head(const struct table *table, uint32_t key) {
    return &table->heads[key * UINT32_C(0x9e3779b1) >> table->shift];
}

/** The entry with this key, or 0. */
static inline uint32_t table_find(const struct table *table, uint32_t key) {
    uint32_t entry = *table_head(table, key);
    while (entry && table->entries[entry].key != key)
        entry = table->entries[entry].next;
    return entry;
}

/** Puts an entry, with its key and value, into the table. */
static inline void table_insert(struct table *table, uint32_t entry) {
    uint32_t *head = table_head(table, table->entries[entry].key);
    table->entries[entry].next = *head;
    *head = entry;
}

/** Takes an entry, which is there, out of the table. */
static inline void table_remove(struct table *table, uint32_t entry) {
    uint32_t *link = table_head(table, table->entries[entry].key);
    while (*link != entry)
        link = &table->entries[*link].next;
    *link = table->entries[entry].next;
}

/** Makes a table with room for `capacity` entries. */
void table_make(const struct cs_env *env, struct table *table, uint32_t capacity);

/** The number of the entry with this key, which is computed if it is not there. */
typedef uint32_t ask_cache(struct cache *cache, uint32_t key);

/** The requests of a run, other ones each time. `ask` is given by name, so that no call through a pointer is left. */
__attribute__((always_inline)) static inline void cache_run(struct cache *cache, const struct table *table,
                                                            ask_cache *ask) {
    const uint32_t *keys = cache->pool + cs_window(&cache->next, cache->window, cache->pool_size);
    for (size_t i = 0; i < cache->window; i++) {
        const struct entry *entry = &table->entries[ask(cache, keys[i])];
        cache->answers[i] = entry->value[0] + entry->value[VALUE_WORDS - 1];
    }
}

/** The last `requests` of the pool, or all: a cache then holds what it holds that has been in use. For prepare. */
void cache_warm(struct cache *cache, size_t requests, void (*run)(void *state));

/** Requests after which it does not matter what a bounded cache held before. */
static inline size_t cache_turnover(const struct cache *cache) {
    return 16 * (size_t)cache->capacity;
}

void run_grow(void *state);
int prepare_grow(const struct cs_env *env, void *state);
void run_lru(void *state);
int prepare_lru(const struct cs_env *env, void *state);
void run_clock(void *state);
int prepare_clock(const struct cs_env *env, void *state);

#endif
