/*
 * A batch in steps: buckets, heads, then a node of each chain a round. Each step asks for what the next one reads,
 * of all keys of the batch, before any of them is read (group prefetching: Chen, Ailamaki, Gibbons and Mowry,
 * "Improving Hash Join Performance through Prefetching", ICDE 2004). PREFETCH(address) asks, or does nothing.
 */
#include "probe.h"

/* A node of every chain that has not ended: those that match leave the batch, the others ask for their next one. */
static inline size_t probe_round(const struct probe *probe, const uint32_t *keys, uint32_t *values,
                                 uint32_t *nodes, uint8_t *active, size_t count) {
    for (size_t k = 0; k < count;) {
        size_t i = active[k];
        const struct probe_node *node = &probe->nodes[nodes[i]];
        if (node->key == keys[i]) {
            values[i] = node->value;
            active[k] = active[--count];
        } else {
            nodes[i] = node->next;
            PREFETCH(&probe->nodes[nodes[i]]);
            k++;
        }
    }
    return count;
}

static inline void probe_batch(const struct probe *probe, const uint32_t *keys, uint32_t *values) {
    const uint32_t *heads[PROBE_BATCH];
    uint32_t nodes[PROBE_BATCH];
    uint8_t active[PROBE_BATCH];
    for (size_t i = 0; i < PROBE_BATCH; i++) {
        heads[i] = &probe->heads[probe_bucket(keys[i], probe->shift)];
        PREFETCH(heads[i]);
        active[i] = (uint8_t)i;
    }
    for (size_t i = 0; i < PROBE_BATCH; i++) {
        nodes[i] = *heads[i];
        PREFETCH(&probe->nodes[nodes[i]]);
    }
    for (size_t count = PROBE_BATCH; count;)
        count = probe_round(probe, keys, values, nodes, active, count);
}

static inline void probe_batches(struct probe *probe) {
    const uint32_t *keys = probe_take_window(probe);
    for (size_t i = 0; i < probe->queries; i += PROBE_BATCH)
        probe_batch(probe, keys + i, probe->values + i);
}
