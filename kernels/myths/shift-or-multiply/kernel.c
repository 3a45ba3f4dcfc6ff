/* Products, quotients and remainders by powers of two that the compiler knows. */
#include "shift-or-multiply.h"

enum { PARAMETER_N };

static int setup(const struct cs_env *env, void *state) {
    struct scale *scale = state;
    struct cs_random random = cs_random_seed(env->seed);
    scale->n = (ptrdiff_t)env->value[PARAMETER_N];
    scale->numbers = cs_array(env, "numbers", (size_t)scale->n, uint32_t);
    scale->scaled = cs_array(env, "scaled", (size_t)scale->n, uint32_t);
    for (ptrdiff_t i = 0; i < scale->n; i++)
        scale->numbers[i] = (uint32_t)cs_random_u64(&random);
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct scale *scale = state;
    (void)variant;
    outputs[0] = (struct cs_output){
        .name = "scaled", .data = scale->scaled, .count = (size_t)scale->n, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct scale *scale = state;
    *work = (struct cs_work){.items = (double)scale->n,
                             .bytes = (double)(2 * (size_t)scale->n * sizeof *scale->numbers)};
}

/* By additions and by division in floating point, which is exact for powers of two. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct scale *scale = state;
    (void)variant;
    for (ptrdiff_t i = 0; i < scale->n; i++) {
        uint32_t number = scale->numbers[i], expected = 0;
        for (int k = 0; k < 8; k++)
            expected += number;
        expected += (uint32_t)((double)number * 0.25);
        uint32_t sixteenth = (uint32_t)((double)number * 0.0625);
        for (int k = 0; k < 16; k++)
            expected += sixteenth;
        expected -= number;
        if (scale->scaled[i] != expected) {
            return cs_wrong(mismatch, "scaled", (size_t)i, "%u", scale->scaled[i], expected);
        }
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "shift-or-multiply",
    .summary = "multiply and divide by powers of two",
    .item = "number",
    .parameters =
        {{.name = "n", .unit = "numbers", .min = 1, .max = 1 << 22, .def = 4096, .summary = "numbers"}},
    .variants = {{.name = "operators", .run = run_operators, .summary = "times 8, by 4, modulo 16"},
                 {.name = "shifts", .run = run_shifts, .summary = "shifted by 3, by 2, masked by 15"}},
    .state_size = sizeof(struct scale),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "n",
};
