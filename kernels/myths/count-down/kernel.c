/* A loop over an array, counted up or down. */
#include "count-down.h"

enum { PARAMETER_N };

static int setup(const struct cs_env *env, void *state) {
    struct count_down *sum = state;
    struct cs_random random = cs_random_seed(env->seed);
    sum->seed = env->seed;
    sum->n = (size_t)env->value[PARAMETER_N];
    sum->numbers = cs_array(env, "numbers", sum->n, uint32_t);
    for (size_t i = 0; i < sum->n; i++)
        sum->numbers[i] = (uint32_t)cs_random_u64(&random);
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct count_down *sum = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "total", .data = &sum->total, .count = 1, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct count_down *sum = state;
    *work = (struct cs_work){.items = (double)sum->n, .bytes = (double)(sum->n * sizeof *sum->numbers)};
}

/* Drawn again, the halves of the numbers apart. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct count_down *sum = state;
    (void)variant;
    struct cs_random random = cs_random_seed(sum->seed);
    uint64_t low = 0, high = 0;
    for (size_t i = 0; i < sum->n; i++) {
        uint32_t number = (uint32_t)cs_random_u64(&random);
        low += number & 0xffff;
        high += number >> 16;
    }
    uint32_t expected = (uint32_t)((high << 16) + low);
    if (sum->total == expected)
        return 0;
    return cs_wrong(mismatch, "total", 0, "%u", sum->total, expected);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "count-down",
    .summary = "add up an array, counting up or down",
    .item = "number",
    .parameters =
        {{.name = "n", .unit = "numbers", .min = 1, .max = 1 << 24, .def = 4096, .summary = "numbers"}},
    .variants = {{.name = "up", .run = run_up, .summary = "from the first to the last"},
                 {.name = "down", .run = run_down, .summary = "from the last to the first"},
                 {.name = "left",
                  .run = run_left,
                  .summary = "from the first to the last, counting what is left"}},
    .state_size = sizeof(struct count_down),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "n",
};
