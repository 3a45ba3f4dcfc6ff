/* Lookups in a hash table with chains: two or three loads a key, each waiting for the one before. */
#include "probe.h"

enum { PARAMETER_N, PARAMETER_LOAD, PARAMETER_QUERIES };

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
    probe->n = (size_t)env->value[PARAMETER_N];
    size_t buckets = probe->n / (size_t)env->value[PARAMETER_LOAD];
    for (probe->shift = 63; (UINT64_C(1) << (64 - probe->shift)) < buckets;)
        probe->shift--;
    probe->queries = (size_t)(env->value[PARAMETER_QUERIES] + PROBE_BATCH - 1) / PROBE_BATCH * PROBE_BATCH;
    size_t pool = probe->n < LEAST_POOL ? LEAST_POOL : probe->n < MOST_POOL ? probe->n : MOST_POOL;
    probe->pool_size = (pool + probe->queries - 1) / probe->queries * probe->queries;
    probe->heads = cs_aligned_array(env, "buckets", (size_t)1 << (64 - probe->shift), uint32_t, CS_HUGE_PAGE);
    probe->nodes = cs_aligned_array(env, "nodes", probe->n + 1, struct probe_node, CS_HUGE_PAGE);
    probe->pool = cs_array(env, "keys", probe->pool_size, uint32_t);
    probe->values = cs_array(env, "values", probe->queries, uint32_t);
    fill_table(probe, seed);
    for (size_t i = 0; i < probe->pool_size; i++)
        probe->pool[i] = node_key(seed, 1 + cs_random_below(&random, (uint32_t)probe->n));
    return 0;
}

static void reset(void *state) {
    struct probe *probe = state;
    probe->next = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct probe *probe = state;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "value", .data = probe->values, .count = probe->queries, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct probe *probe = state;
    *work = (struct cs_work){.items = (double)probe->queries};
}

/* Values follow from keys: no table is asked. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct probe *probe = state;
    (void)variant;
    const uint32_t *keys = probe->pool + cs_last_window(probe->next, probe->queries, probe->pool_size);
    for (size_t i = 0; i < probe->queries; i++)
        if (probe->values[i] != probe_value(probe, keys[i])) {
            return cs_wrong(mismatch, "value", i, "%u", probe->values[i], probe_value(probe, keys[i]));
        }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "probe",
    .summary = "look up keys in a hash table with chains",
    .item = "lookup",
    .parameters =
        {
            {.name = "n",
             .unit = "keys",
             .min = 16,
             .max = 1 << 26,
             .def = 1 << 20,
             .summary = "keys in the table, 16 bytes each and 4 a bucket"},
            {.name = "load",
             .unit = "keys",
             .min = 1,
             .max = 16,
             .def = 4,
             .summary = "keys a bucket, at the most; half of it at the least"},
            {.name = "queries",
             .unit = "lookups",
             .min = 1,
             .max = 65536,
             .def = 1024,
             .summary = "lookups of one run, rounded up to batches of 16"},
        },
    .variants =
        {
            {.name = "single", .run = run_single, .summary = "one lookup after the other"},
            {.name = "batched", .run = run_batched, .summary = "sixteen in step, nothing prefetched"},
            {.name = "prefetched",
             .run = run_prefetched,
             .summary = "sixteen in step, each step's lines prefetched"},
        },
    .state_size = sizeof(struct probe),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "queries",
};
