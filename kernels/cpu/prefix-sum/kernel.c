/* The sum of all numbers up to each: every sum is the one before and a number more. */
#include "prefix-sum.h"

static int setup(const struct cs_env *env, void *state) {
    struct prefix_sum *prefix = state;
    struct cs_random random = cs_random_seed(env->seed);
    prefix->threads = env->threads;
    prefix->n = cs_size(env, "n");
    prefix->numbers = cs_array(env, "numbers", prefix->n, uint32_t);
    prefix->sums = cs_answer(env, "sum", prefix->n, uint32_t);
    cs_random_fill(&random, prefix->numbers, prefix->n);
    cs_work(env, prefix->n, 2 * prefix->n * sizeof *prefix->sums);
    return 0;
}

/* By differences: each sum takes back to its number. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct prefix_sum *prefix = state;
    for (size_t i = 0; i < prefix->n; i++) {
        uint32_t difference = prefix->sums[i] - (i ? prefix->sums[i - 1] : 0);
        cs_expect(mismatch, "sum, less the one before", i, difference, prefix->numbers[i]);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("prefix-sum", "number", "the sum of all numbers up to each"),
    .parameters = {CS_NUMBER("n", "numbers", 1, 1 << 26, 4096, "numbers")},
    .variants = {CS_VARIANT("sequential", run_sequential, "one addition after the other"),
                 CS_VARIANT("vector", run_vector, "eight at a time, added up within a register"),
                 CS_VARIANT("threads", run_threads, "each thread adds up its part, then scans it",
                            .flags = CS_PARALLEL, .prepare = prepare_threads)},
    CS_STATE(struct prefix_sum, setup),
    .check = check,
    .scale = "n",
};
