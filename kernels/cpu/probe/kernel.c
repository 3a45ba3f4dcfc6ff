/* Lookups in a hash table with chains: two or three loads a key, each waiting for the one before. */
#include "probe.h"

/* Keys before the first comes again: as many as there are, so that the whole table is asked for. */
#define LEAST_POOL 262144
#define MOST_POOL 1048576

/* The key of a node: MurmurHash3's finalizer (Appleby, public domain) is a bijection, so no two are the same. */
static uint32_t node_key(uint32_t seed, size_t node) {
    uint32_t key = (uint32_t)node ^ seed;
    key = (key ^ key >> 16) * UINT32_C(0x85ebca6b);
    key = (key ^ key >> 13) * UINT32_C(0xc2b2ae35);
    return key ^ key >> 16;
}

static uint32_t probe_value(const struct probe *probe, uint32_t key) {
    return (key ^ probe->secret) * UINT32_C(0x9e3779b1);
}

/* Keys are in no order, so that neighbours in a chain lie anywhere, and chains are as long as chance has it. */
static void fill_table(struct probe *probe, uint32_t seed) {
    for (uint32_t node = 1; node <= probe->n; node++) {
        uint32_t key = node_key(seed, node), *head = &probe->heads[probe_bucket(key, probe->shift)];
        probe->nodes[node] = (struct probe_node){.key = key, .value = probe_value(probe, key), .next = *head};
        *head = node;
    }
}

static int setup(const struct cs_env *env, void *state) {
    struct probe *probe = state;
    struct cs_random random = cs_random_seed(env->seed);
    uint32_t seed = (uint32_t)cs_random_u64(&random);
    probe->secret = (uint32_t)cs_random_u64(&random);
    probe->n = cs_size(env, "n");
    probe->shift = (unsigned)__builtin_clzll((probe->n / cs_size(env, "load") - 1) | 1); /* rounded up */
    probe->queries = (size_t)(cs_value(env, "queries") + PROBE_BATCH - 1) / PROBE_BATCH * PROBE_BATCH;
    size_t pool = probe->n < LEAST_POOL ? LEAST_POOL : probe->n < MOST_POOL ? probe->n : MOST_POOL;
    probe->pool_size = cs_windows(env, &probe->next, pool, probe->queries);
    probe->heads = cs_aligned_array(env, "buckets", (size_t)1 << (64 - probe->shift), uint32_t, CS_HUGE_PAGE);
    probe->nodes = cs_aligned_array(env, "nodes", probe->n + 1, struct probe_node, CS_HUGE_PAGE);
    probe->pool = cs_array(env, "keys", probe->pool_size, uint32_t);
    probe->values = cs_answer(env, "value", probe->queries, uint32_t);
    fill_table(probe, seed);
    for (size_t i = 0; i < probe->pool_size; i++)
        probe->pool[i] = node_key(seed, 1 + cs_random_below(&random, (uint32_t)probe->n));
    cs_work(env, probe->queries, 0);
    return 0;
}

/* Values follow from keys: no table is asked. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct probe *probe = state;
    const uint32_t *keys = probe->pool + cs_last_window(probe->next, probe->queries, probe->pool_size);
    for (size_t i = 0; i < probe->queries; i++)
        cs_expect(mismatch, "value", i, probe->values[i], probe_value(probe, keys[i]));
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("probe", "lookup", "look up keys in a hash table with chains"),
    .parameters = {CS_NUMBER("n", "keys", 16, 1 << 26, 1 << 20,
                             "keys in the table, 16 bytes each and 4 a bucket"),
                   CS_NUMBER("load", "keys", 1, 16, 4, "keys a bucket, at the most; half of it at the least"),
                   CS_NUMBER("queries", "lookups", 1, 65536, 1024,
                             "lookups of one run, rounded up to batches of 16")},
    .variants = {CS_VARIANT("single", run_single, "one lookup after the other"),
                 CS_VARIANT("batched", run_batched, "sixteen in step, nothing prefetched"),
                 CS_VARIANT("prefetched", run_prefetched, "sixteen in step, each step's lines prefetched")},
    CS_STATE(struct probe, setup),
    .check = check,
    .scale = "queries",
};
