/* An array turned around in place: n / 2 times two numbers change places. */
#include "reverse.h"

#include <string.h>

enum { PARAMETER_N };

static int setup(const struct cs_env *env, void *state) {
    struct reverse *reverse = state;
    struct cs_random random = cs_random_seed(env->seed);
    reverse->n = (size_t)env->value[PARAMETER_N];
    reverse->numbers = cs_array(env, "numbers", reverse->n, uint32_t);
    reverse->first = cs_array(env, "numbers in their first order", reverse->n, uint32_t);
    for (size_t i = 0; i < reverse->n; i++)
        reverse->first[i] = reverse->numbers[i] = (uint32_t)cs_random_u64(&random);
    return 0;
}

static void reset(void *state) {
    struct reverse *reverse = state;
    memcpy(reverse->numbers, reverse->first, reverse->n * sizeof *reverse->numbers);
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct reverse *reverse = state;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "number", .data = reverse->numbers, .count = reverse->n, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct reverse *reverse = state;
    *work = (struct cs_work){.items = (double)reverse->n,
                             .bytes = (double)(2 * reverse->n * sizeof *reverse->numbers)};
}

/* Against the first order, read from its end: nothing is swapped. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct reverse *reverse = state;
    (void)variant;
    const uint32_t *expected = reverse->first + reverse->n;
    for (size_t i = 0; i < reverse->n; i++)
        if (reverse->numbers[i] != *--expected) {
            return cs_wrong(mismatch, "number", i, "%u", reverse->numbers[i], *expected);
        }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "reverse",
    .summary = "turn an array around in place",
    .item = "number",
    .parameters =
        {{.name = "n", .unit = "numbers", .min = 2, .max = 1 << 22, .def = 4096, .summary = "numbers"}},
    .variants = {{.name = "temporary", .run = run_temporary, .summary = "swaps by a temporary"},
                 {.name = "local", .run = run_local, .summary = "three exclusive ors of local variables"},
                 {.name = "exclusive-or",
                  .run = run_exclusive_or,
                  .summary = "three exclusive ors in memory"}},
    .state_size = sizeof(struct reverse),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "n",
};
