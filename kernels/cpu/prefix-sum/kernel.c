/* The sum of all numbers up to each: every sum is the one before and a number more. */
#include "prefix-sum.h"

enum { PARAMETER_N };

static int setup(const struct cs_env *env, void *state) {
    struct prefix_sum *prefix = state;
    struct cs_random random = cs_random_seed(env->seed);
    prefix->threads = env->threads;
    prefix->n = (size_t)env->value[PARAMETER_N];
    prefix->numbers = cs_array(env, "numbers", prefix->n, uint32_t);
    prefix->sums = cs_array(env, "sums", prefix->n, uint32_t);
    for (size_t i = 0; i < prefix->n; i++)
        prefix->numbers[i] = (uint32_t)cs_random_u64(&random);
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct prefix_sum *prefix = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "sum", .data = prefix->sums, .count = prefix->n, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct prefix_sum *prefix = state;
    *work =
        (struct cs_work){.items = (double)prefix->n, .bytes = (double)(2 * prefix->n * sizeof *prefix->sums)};
}

/* By differences: each sum takes back to its number. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct prefix_sum *prefix = state;
    (void)variant;
    for (size_t i = 0; i < prefix->n; i++) {
        uint32_t difference = prefix->sums[i] - (i ? prefix->sums[i - 1] : 0);
        if (difference != prefix->numbers[i]) {
            return cs_wrong(mismatch, "sum, less the one before", i, "%u", difference, prefix->numbers[i]);
        }
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "prefix-sum",
    .summary = "the sum of all numbers up to each",
    .item = "number",
    .parameters =
        {{.name = "n", .unit = "numbers", .min = 1, .max = 1 << 26, .def = 4096, .summary = "numbers"}},
    .variants =
        {
            {.name = "sequential", .run = run_sequential, .summary = "one addition after the other"},
            {.name = "vector", .run = run_vector, .summary = "eight at a time, added up within a register"},
            {.name = "threads",
             .prepare = prepare_threads,
             .run = run_threads,
             .flags = CS_PARALLEL,
             .summary = "each thread adds up its part, then scans it"},
        },
    .state_size = sizeof(struct prefix_sum),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "n",
};
