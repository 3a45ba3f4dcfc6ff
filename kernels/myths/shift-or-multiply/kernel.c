/* Products, quotients and remainders by powers of two that the compiler knows. */
#include "shift-or-multiply.h"

static int setup(const struct cs_env *env, void *state) {
    struct scale *scale = state;
    struct cs_random random = cs_random_seed(env->seed);
    scale->n = (ptrdiff_t)cs_value(env, "n");
    scale->numbers = cs_array(env, "numbers", (size_t)scale->n, uint32_t);
    scale->scaled = cs_answer(env, "scaled", (size_t)scale->n, uint32_t);
    for (ptrdiff_t i = 0; i < scale->n; i++)
        scale->numbers[i] = (uint32_t)cs_random_u64(&random);
    cs_work(env, scale->n, 2 * (size_t)scale->n * sizeof *scale->numbers);
    return 0;
}

/* By additions and by division in floating point, which is exact for powers of two. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct scale *scale = state;
    for (ptrdiff_t i = 0; i < scale->n; i++) {
        uint32_t number = scale->numbers[i], expected = 0;
        for (int k = 0; k < 8; k++)
            expected += number;
        expected += (uint32_t)((double)number * 0.25);
        uint32_t sixteenth = (uint32_t)((double)number * 0.0625);
        for (int k = 0; k < 16; k++)
            expected += sixteenth;
        expected -= number;
        cs_expect(mismatch, "scaled", (size_t)i, scale->scaled[i], expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("shift-or-multiply", "number", "multiply and divide by powers of two"),
    .parameters = {CS_NUMBER("n", "numbers", 1, 1 << 22, 4096, "numbers")},
    .variants = {CS_VARIANT("operators", run_operators, "times 8, by 4, modulo 16"),
                 CS_VARIANT("shifts", run_shifts, "shifted by 3, by 2, masked by 15")},
    CS_STATE(struct scale, setup),
    .check = check,
    .scale = "n",
};
