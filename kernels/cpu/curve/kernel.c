/* A function of each number of an array: one source, and what flags make of it. */
#include "curve.h"

static int setup(const struct cs_env *env, void *state) {
    struct curve *curve = state;
    struct cs_random random = cs_random_seed(env->seed);
    curve->seed = env->seed;
    curve->n = cs_size(env, "n");
    uint32_t *numbers = cs_array(env, "numbers", curve->n, uint32_t);
    curve->values = cs_answer(env, "value", curve->n, uint32_t);
    cs_random_fill(&random, numbers, curve->n);
    curve->numbers = numbers;
    cs_work(env, curve->n, 2 * curve->n * sizeof *curve->numbers);
    return 0;
}

/* The numbers are drawn again; 77x² + 1031x in 64 bits, cut to 32 in the end. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct curve *curve = state;
    struct cs_random random = cs_random_seed(curve->seed);
    for (size_t i = 0; i < curve->n; i++) {
        uint64_t x = cs_random_u64(&random) & UINT32_MAX;
        uint32_t expected = (uint32_t)(((77 * (x * x) + 1031 * x) & UINT32_MAX) / 256 ^ x);
        cs_expect(mismatch, "value", i, curve->values[i], expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("curve", "number", "a function of each number: one source, compiled in several ways"),
    .parameters = {CS_NUMBER("n", "numbers", 1, 1 << 26, 4096, "numbers")},
    .variants = {CS_VARIANT("o2", run_o2, "-O2, registers of 128 bits"),
                 CS_VARIANT("o3", run_o3, "-O3, registers of 128 bits"),
                 CS_VARIANT("wide", run_wide, "-O3, and all that the processor has"),
                 CS_VARIANT("separate", run_separate,
                            "as wide, and the function in another translation unit")},
    CS_STATE(struct curve, setup),
    .check = check,
    .scale = "n",
};
