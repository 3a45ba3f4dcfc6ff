/* State of the probe kernel: a hash table with chains, and keys to look up. */
#ifndef PROBE_H
#define PROBE_H

#include <countersign.h>

/** A key and its value in the chain of its bucket; node 0 ends every chain. */
struct probe_node {
    uint32_t key, value, next, unused;
};

struct probe {
    uint32_t *heads;          /**< first node of each of 2^(64 - shift) buckets, 0 where it is empty */
    struct probe_node *nodes; /**< n and one, in random order of keys */
    size_t n;
    unsigned shift;

    uint32_t *pool; /**< pool_size keys to look up, all of them in the table, a whole number of windows */
    size_t pool_size;
    size_t queries;   /**< keys of one run: a window, a whole number of PROBE_BATCH */
    size_t next;      /**< where in the pool the next run's window starts */
    uint32_t *values; /**< answers of the last run */

    uint32_t secret; /**< of the values; see probe_value */
};

/** Keys whose steps are interleaved: as many misses as a core has under way at once, or a few more. */
#define PROBE_BATCH 16

/** Bucket of a key: Fibonacci hashing, Knuth, TAOCP volume 3, section 6.4. */
static inline size_t probe_bucket(uint32_t key, unsigned shift) {
    return (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> shift);
}

/** Walks a chain from `node` to the key, which is there. */
static inline uint32_t probe_walk(const struct probe_node *nodes, uint32_t node, uint32_t key) {
    while (nodes[node].key != key)
        node = nodes[node].next;
    return nodes[node].value;
}

/** The keys of this run. The window moves on, so that caches and predictors meet keys that they do not know. */
static inline const uint32_t *probe_take_window(struct probe *probe) {
    return probe->pool + cs_window(&probe->next, probe->queries, probe->pool_size);
}

void run_single(void *state);
void run_batched(void *state);
void run_prefetched(void *state);

#endif
