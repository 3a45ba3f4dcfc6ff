/* Records as long as a cache line, read in no order; what differs is where in a line they begin. */
#include "aligned-records.h"

/* The one value of record `i` that others do not have. */
static uint32_t own_value(const struct aligned_records *all, size_t i) {
    return (all->key ^ (uint32_t)i) * 0x9e3779b1u;
}

static void fill_lines(struct aligned_records *all, struct cs_random *random) {
    uint32_t *lines = all->lines;
    for (size_t k = 0; k < RECORD_VALUES - 1; k++)
        all->common += lines[k] = (uint32_t)cs_random_u64(random);
    for (size_t i = 0; i <= all->n; i++) {
        for (size_t k = 0; k < RECORD_VALUES - 1; k++)
            lines[i * RECORD_VALUES + k] = lines[k];
        lines[i * RECORD_VALUES + RECORD_VALUES - 1] = own_value(all, i);
    }
}

static int setup(const struct cs_env *env, void *state) {
    struct aligned_records *all = state;
    struct cs_random random = cs_random_seed(env->seed);
    all->n = cs_size(env, "n");
    all->offset = cs_size(env, "offset") / sizeof *all->lines;
    all->queries = cs_size(env, "queries");
    all->pool_size = cs_windows(env, &all->next, RECORDS_POOL, all->queries);
    all->key = (uint32_t)cs_random_u64(&random);
    all->lines = cs_array(env, "records", (all->n + 1) * RECORD_VALUES, uint32_t);
    all->pool = cs_array(env, "queries", all->pool_size, uint32_t);
    all->answers = cs_answer(env, "sum", all->queries, uint32_t);
    fill_lines(all, &random);
    for (size_t i = 0; i < all->pool_size; i++)
        all->pool[i] = cs_random_below(&random, (uint32_t)all->n);
    double queries = (double)all->queries;
    cs_work(env, queries, queries * CS_LINE);
    cs_count(env, "split-records", &all->split);
    return 0;
}

/* From the indices alone: no record is read. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct aligned_records *all = state;
    size_t begin = cs_last_window(all->next, all->queries, all->pool_size);
    for (size_t i = 0; i < all->queries; i++)
        cs_expect(mismatch, "sum", i, all->answers[i], all->common + own_value(all, all->pool[begin + i]));
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("aligned-records", "record", "read records of 64 bytes in no order"),
    .parameters = {CS_NUMBER("n", "records", 1, 1 << 22, 256, "records of 64 bytes"),
                   CS_NUMBER("offset", "bytes", 0, 60, 16,
                             "from a line's beginning to the first of `shifted`, whole values"),
                   CS_NUMBER("queries", "records", 1, 65536, 4096, "read in a run")},
    .variants = {CS_VARIANT("shifted", run_shifted, "records that lie in two lines each"),
                 CS_VARIANT("aligned", run_aligned, "each in a line of its own")},
    .counters = {CS_COUNTER("split-records", "record")},
    CS_STATE(struct aligned_records, setup),
    .check = check,
    .scale = "queries",
};
