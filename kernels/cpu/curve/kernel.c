/* A function of each number of an array: one source, and what flags make of it. */
#include "curve.h"

enum { PARAMETER_N };

static int setup(const struct cs_env *env, void *state) {
    struct curve *curve = state;
    struct cs_random random = cs_random_seed(env->seed);
    curve->seed = env->seed;
    curve->n = (size_t)env->value[PARAMETER_N];
    uint32_t *numbers = cs_array(env, "numbers", curve->n, uint32_t);
    curve->values = cs_array(env, "values", curve->n, uint32_t);
    for (size_t i = 0; i < curve->n; i++)
        numbers[i] = (uint32_t)cs_random_u64(&random);
    curve->numbers = numbers;
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct curve *curve = state;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "value", .data = curve->values, .count = curve->n, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct curve *curve = state;
    *work =
        (struct cs_work){.items = (double)curve->n, .bytes = (double)(2 * curve->n * sizeof *curve->numbers)};
}

/* The numbers are drawn again; 77x² + 1031x in 64 bits, cut to 32 in the end. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct curve *curve = state;
    struct cs_random random = cs_random_seed(curve->seed);
    (void)variant;
    for (size_t i = 0; i < curve->n; i++) {
        uint64_t x = cs_random_u64(&random) & UINT32_MAX;
        uint32_t expected = (uint32_t)(((77 * (x * x) + 1031 * x) & UINT32_MAX) / 256 ^ x);
        if (curve->values[i] != expected)
            return cs_wrong(mismatch, "value", i, "%u", curve->values[i], expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "curve",
    .summary = "a function of each number: one source, compiled in several ways",
    .item = "number",
    .parameters =
        {{.name = "n", .unit = "numbers", .min = 1, .max = 1 << 26, .def = 4096, .summary = "numbers"}},
    .variants = {{.name = "o2", .run = run_o2, .summary = "-O2, registers of 128 bits"},
                 {.name = "o3", .run = run_o3, .summary = "-O3, registers of 128 bits"},
                 {.name = "wide", .run = run_wide, .summary = "-O3, and all that the processor has"},
                 {.name = "separate",
                  .run = run_separate,
                  .summary = "as wide, and the function in another translation unit"}},
    .state_size = sizeof(struct curve),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "n",
};
