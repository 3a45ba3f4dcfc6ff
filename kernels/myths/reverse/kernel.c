/* An array turned around in place: n / 2 times two numbers change places. */
#include "reverse.h"

#include <string.h>

static int setup(const struct cs_env *env, void *state) {
    struct reverse *reverse = state;
    struct cs_random random = cs_random_seed(env->seed);
    reverse->n = cs_size(env, "n");
    reverse->numbers = cs_answer(env, "number", reverse->n, uint32_t);
    reverse->first = cs_array(env, "numbers in their first order", reverse->n, uint32_t);
    for (size_t i = 0; i < reverse->n; i++)
        reverse->first[i] = reverse->numbers[i] = (uint32_t)cs_random_u64(&random);
    cs_work(env, reverse->n, 2 * reverse->n * sizeof *reverse->numbers);
    return 0;
}

static void reset(void *state) {
    struct reverse *reverse = state;
    memcpy(reverse->numbers, reverse->first, reverse->n * sizeof *reverse->numbers);
}

/* Against the first order, read from its end: nothing is swapped. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct reverse *reverse = state;
    const uint32_t *expected = reverse->first + reverse->n;
    for (size_t i = 0; i < reverse->n; i++)
        cs_expect(mismatch, "number", i, reverse->numbers[i], *--expected);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("reverse", "number", "turn an array around in place"),
    .parameters = {CS_NUMBER("n", "numbers", 2, 1 << 22, 4096, "numbers")},
    .variants = {CS_VARIANT("temporary", run_temporary, "swaps by a temporary"),
                 CS_VARIANT("local", run_local, "three exclusive ors of local variables"),
                 CS_VARIANT("exclusive-or", run_exclusive_or, "three exclusive ors in memory")},
    CS_STATE(struct reverse, setup),
    .reset = reset,
    .check = check,
    .scale = "n",
};
