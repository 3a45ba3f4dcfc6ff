/* The sum of an array, by a loop, and by the same loop unrolled by hand. */
#include "manual-unroll.h"

static int setup(const struct cs_env *env, void *state) {
    struct unroll *unroll = state;
    struct cs_random random = cs_random_seed(env->seed);
    unroll->seed = env->seed;
    unroll->n = cs_size(env, "n");
    unroll->numbers = cs_array(env, "numbers", unroll->n, uint32_t);
    cs_random_fill(&random, unroll->numbers, unroll->n);
    cs_output(env, "total", &unroll->total, 1);
    cs_work(env, unroll->n, unroll->n * sizeof *unroll->numbers);
    return 0;
}

/* The numbers are drawn again, and added up in 64 bits, which all of them fit into. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct unroll *unroll = state;
    struct cs_random random = cs_random_seed(unroll->seed);
    uint64_t expected = 0;
    for (size_t i = 0; i < unroll->n; i++)
        expected += cs_random_u64(&random) & UINT32_MAX;
    cs_expect(mismatch, "total", 0, unroll->total, (uint32_t)expected);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("manual-unroll", "number", "add up an array, unrolled by the compiler or by hand"),
    .parameters = {CS_NUMBER("n", "numbers", 1, 1 << 26, 4096, "numbers")},
    .variants = {CS_VARIANT("plain", run_plain, "a number a turn"),
                 CS_VARIANT("eight", run_eight, "eight numbers a turn, written out"),
                 CS_VARIANT("duff", run_duff, "eight numbers a turn, and a switch into the first")},
    CS_STATE(struct unroll, setup),
    .check = check,
    .scale = "n",
};
