/* State of the bloom-filter kernel: a set of keys with their values, filters before it, and queries. */
#ifndef BLOOM_FILTER_H
#define BLOOM_FILTER_H

#include <countersign.h>

/** Answer of a query whose key is not in the set. */
#define BLOOM_NONE 0

/** A slot of the set; empty where the value is BLOOM_NONE. 64 bytes, as an entry with some data beside it has. */
struct bloom_slot {
    uint64_t key, value;
    uint64_t data[6];
};

/** Bits of a filter that a key sets: the best for ten bits a key is 10 ln 2, about seven. */
#define BLOOM_HASHES 6

struct bloom {
    struct bloom_slot
        *slots; /**< the set: open addressing, 2^(64 - slot_shift) slots, half of them taken at most */
    unsigned slot_shift;
    size_t n;            /**< keys of the set */
    unsigned bits_a_key; /**< of a filter */
    uint64_t key_seed;   /**< of bloom_key */

    uint64_t *spread; /**< spread: spread_bits bits */
    uint64_t spread_bits;
    uint64_t *blocked; /**< blocked: blocked_words words, one for all bits of a key */
    uint64_t blocked_words;

    uint64_t *pool;     /**< pool_size keys to ask for, a whole number of windows */
    uint64_t *expected; /**< for check: the value of each */
    size_t pool_size;
    size_t window_size; /**< queries of one run */
    size_t next;        /**< where in the pool the next run's window starts */
    uint64_t *answers;  /**< values, or BLOOM_NONE, of the last run's window */

    uint64_t asked;   /**< queries that reached the set */
    uint64_t in_vain; /**< of these, queries whose key was not there */
};

/**
 * The key with this index: different for different indices, all bits mixed (the finalizer of SplitMix64), so that
 * any of them serve as a hash. Those below n are in the set, and key i has value i + 1.
 */
static inline uint64_t bloom_key(const struct bloom *bloom, uint64_t index) {
    uint64_t x = index ^ bloom->key_seed;
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/** A number below `bound` for 32 bits of a hash, without a division (Lemire, ACM TOMACS 29(1), 2019). */
static inline uint64_t bloom_below(uint32_t hash, uint64_t bound) {
    return hash * bound >> 32;
}

/** Slot at which the search for a key starts: Fibonacci hashing, Knuth, TAOCP volume 3, section 6.4. */
static inline size_t bloom_home(const struct bloom *bloom, uint64_t key) {
    return (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> bloom->slot_shift);
}

/** The value of a key, or BLOOM_NONE. */
static inline uint64_t bloom_ask_set(const struct bloom *bloom, uint64_t key) {
    size_t mask = SIZE_MAX >> bloom->slot_shift, slot = bloom_home(bloom, key);
    while (bloom->slots[slot].value != BLOOM_NONE && bloom->slots[slot].key != key)
        slot = (slot + 1) & mask;
    return bloom->slots[slot].value;
}

/** May the key be in the set? 0 is certain. */
typedef int bloom_test(const struct bloom *bloom, uint64_t key);

/**
 * The queries of this run, other ones each time. `test` is given by name to an inlined function, so that no call
 * through a pointer is left.
 */
__attribute__((always_inline)) static inline void bloom_run(struct bloom *bloom, bloom_test *test) {
    const uint64_t *queries = bloom->pool + cs_window(&bloom->next, bloom->window_size, bloom->pool_size);
    uint64_t asked = 0, found = 0;
    for (size_t i = 0; i < bloom->window_size; i++) {
        uint64_t value = BLOOM_NONE;
        if (test(bloom, queries[i])) {
            value = bloom_ask_set(bloom, queries[i]);
            asked++;
            found += value != BLOOM_NONE;
        }
        bloom->answers[i] = value;
    }
    bloom->asked += asked;
    bloom->in_vain += asked - found;
}

void run_exact(void *state);
int prepare_spread(const struct cs_env *env, void *state);
void run_spread(void *state);
int prepare_blocked(const struct cs_env *env, void *state);
void run_blocked(void *state);

#endif
