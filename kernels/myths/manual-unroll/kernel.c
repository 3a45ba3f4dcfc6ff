/* The sum of an array, by a loop, and by the same loop unrolled by hand. */
#include "manual-unroll.h"

enum { PARAMETER_N };

static int setup(const struct cs_env *env, void *state) {
    struct unroll *unroll = state;
    struct cs_random random = cs_random_seed(env->seed);
    unroll->seed = env->seed;
    unroll->n = (size_t)env->value[PARAMETER_N];
    unroll->numbers = cs_array(env, "numbers", unroll->n, uint32_t);
    for (size_t i = 0; i < unroll->n; i++)
        unroll->numbers[i] = (uint32_t)cs_random_u64(&random);
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct unroll *unroll = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "total", .data = &unroll->total, .count = 1, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct unroll *unroll = state;
    *work =
        (struct cs_work){.items = (double)unroll->n, .bytes = (double)(unroll->n * sizeof *unroll->numbers)};
}

/* The numbers are drawn again, and added up in 64 bits, which all of them fit into. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct unroll *unroll = state;
    struct cs_random random = cs_random_seed(unroll->seed);
    uint64_t expected = 0;
    (void)variant;
    for (size_t i = 0; i < unroll->n; i++)
        expected += cs_random_u64(&random) & UINT32_MAX;
    if (unroll->total == (expected & UINT32_MAX))
        return 0;
    return cs_wrong(mismatch, "total", 0, "%u", unroll->total, (uint32_t)expected);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "manual-unroll",
    .summary = "add up an array, unrolled by the compiler or by hand",
    .item = "number",
    .parameters =
        {{.name = "n", .unit = "numbers", .min = 1, .max = 1 << 26, .def = 4096, .summary = "numbers"}},
    .variants = {{.name = "plain", .run = run_plain, .summary = "a number a turn"},
                 {.name = "eight", .run = run_eight, .summary = "eight numbers a turn, written out"},
                 {.name = "duff",
                  .run = run_duff,
                  .summary = "eight numbers a turn, and a switch into the first"}},
    .state_size = sizeof(struct unroll),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "n",
};
