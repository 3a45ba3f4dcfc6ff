/* An array is read from its beginning to its end, as nearly all are. */
#include "linear-prefetch.h"

#include <inttypes.h>

enum { PARAMETER_N };

static int setup(const struct cs_env *env, void *state) {
    struct walk *walk = state;
    struct cs_random random = cs_random_seed(env->seed);
    walk->seed = env->seed;
    walk->n = (size_t)env->value[PARAMETER_N];
    walk->numbers = cs_array(env, "numbers", walk->n, uint64_t);
    for (size_t i = 0; i < walk->n; i++)
        walk->numbers[i] = cs_random_u64(&random);
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct walk *walk = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "total", .data = &walk->total, .count = 1, .type = CS_U64};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct walk *walk = state;
    *work = (struct cs_work){.items = (double)walk->n, .bytes = (double)(walk->n * sizeof *walk->numbers)};
}

/* Drawn again, the halves of the numbers apart. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct walk *walk = state;
    (void)variant;
    struct cs_random random = cs_random_seed(walk->seed);
    uint64_t low = 0, high = 0;
    for (size_t i = 0; i < walk->n; i++) {
        uint64_t number = cs_random_u64(&random);
        low += number & UINT32_MAX;
        high += number >> 32;
    }
    uint64_t expected = (high << 32) + low;
    if (walk->total == expected)
        return 0;
    return cs_wrong(mismatch, "total", 0, "%" PRIu64, walk->total, expected);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "linear-prefetch",
    .summary = "add up an array, with and without prefetch hints",
    .item = "number",
    .parameters =
        {{.name = "n", .unit = "numbers", .min = 1, .max = 1 << 26, .def = 4096, .summary = "numbers"}},
    .variants = {{.name = "plain", .run = run_plain, .summary = "no hint"},
                 {.name = "line",
                  .run = run_line,
                  .summary = "a hint a cache line, for the next sixteen lines"},
                 {.name = "each", .run = run_each, .summary = "a hint a number, sixteen lines ahead"}},
    .state_size = sizeof(struct walk),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "n",
};
