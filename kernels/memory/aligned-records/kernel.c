/* Records as long as a cache line, read in no order; what differs is where in a line they begin. */
#include "aligned-records.h"

enum { PARAMETER_N, PARAMETER_OFFSET, PARAMETER_QUERIES };

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
    all->n = (size_t)env->value[PARAMETER_N];
    all->offset = (size_t)env->value[PARAMETER_OFFSET] / sizeof *all->lines;
    all->queries = (size_t)env->value[PARAMETER_QUERIES];
    all->pool_size = (RECORDS_POOL + all->queries - 1) / all->queries * all->queries;
    all->key = (uint32_t)cs_random_u64(&random);
    all->lines = cs_array(env, "records", (all->n + 1) * RECORD_VALUES, uint32_t);
    all->pool = cs_array(env, "queries", all->pool_size, uint32_t);
    all->answers = cs_array(env, "answers", all->queries, uint32_t);
    fill_lines(all, &random);
    for (size_t i = 0; i < all->pool_size; i++)
        all->pool[i] = cs_random_below(&random, (uint32_t)all->n);
    return 0;
}

static void reset(void *state) {
    struct aligned_records *all = state;
    all->next = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct aligned_records *all = state;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "sum", .data = all->answers, .count = all->queries, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct aligned_records *all = state;
    double queries = (double)all->queries;
    *work = (struct cs_work){.items = queries, .bytes = queries * CS_LINE};
}

/* From the indices alone: no record is read. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct aligned_records *all = state;
    (void)variant;
    size_t begin = cs_last_window(all->next, all->queries, all->pool_size);
    for (size_t i = 0; i < all->queries; i++) {
        uint32_t expected = all->common + own_value(all, all->pool[begin + i]);
        if (all->answers[i] != expected)
            return cs_wrong(mismatch, "sum", i, "%u", all->answers[i], expected);
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct aligned_records *all = state;
    values[0] = all->split;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "aligned-records",
    .summary = "read records of 64 bytes in no order",
    .item = "record",
    .parameters =
        {
            {.name = "n",
             .unit = "records",
             .min = 1,
             .max = 1 << 22,
             .def = 256,
             .summary = "records of 64 bytes"},
            {.name = "offset",
             .unit = "bytes",
             .min = 0,
             .max = 60,
             .def = 16,
             .summary = "from a line's beginning to the first of `shifted`, whole values"},
            {.name = "queries",
             .unit = "records",
             .min = 1,
             .max = 65536,
             .def = 4096,
             .summary = "read in a run"},
        },
    .variants = {{.name = "shifted", .run = run_shifted, .summary = "records that lie in two lines each"},
                 {.name = "aligned", .run = run_aligned, .summary = "each in a line of its own"}},
    .counters = {{.name = "split-records", .unit = "record"}},
    .state_size = sizeof(struct aligned_records),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .scale = "queries",
};
