/* Work that needs a block of memory each time: zeros at first, of which it uses the first part. */
#include "first-touch.h"

#include <string.h>

enum { PARAMETER_BYTES, PARAMETER_USED };

static int setup(const struct cs_env *env, void *state) {
    struct first_touch *all = state;
    struct cs_random random = cs_random_seed(env->seed);
    size_t pages = (size_t)env->value[PARAMETER_BYTES] / PAGE;
    size_t used = pages * (size_t)env->value[PARAMETER_USED] / 100;
    all->bytes = pages * PAGE;
    all->words = (used ? used : 1) * (PAGE / sizeof(uint32_t));
    all->key = (uint32_t)cs_random_u64(&random);
    all->step = (uint32_t)cs_random_u64(&random);
    return 0;
}

/* The block that is kept is as the run before left it: what is forgotten to be cleared shows in the verified run. */
static void reset(void *state) {
    struct first_touch *all = state;
    if (all->reused)
        memset(all->reused, 0xa5, all->bytes);
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct first_touch *all = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "total", .data = &all->total, .count = 1, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct first_touch *all = state;
    double bytes = (double)(all->words * sizeof(uint32_t));
    *work = (struct cs_work){.items = bytes / PAGE, .bytes = bytes};
}

/* By the formula of an arithmetic series, twice. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct first_touch *all = state;
    (void)variant;
    uint64_t n = all->words, indices = n * (n - 1) / 2;
    uint32_t expected = (uint32_t)(2 * (n * all->key + indices * all->step));
    if (all->total == expected)
        return 0;
    return cs_wrong(mismatch, "total", 0, "%u", all->total, expected);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "first-touch",
    .summary = "use a block of memory that begins as zeros",
    .item = "page",
    .parameters =
        {
            {.name = "bytes",
             .unit = "bytes",
             .min = PAGE,
             .max = 1 << 28,
             .def = 1 << 18,
             .summary = "of the block"},
            {.name = "used",
             .unit = "%",
             .min = 1,
             .max = 100,
             .def = 100,
             .summary = "of the block that is used"},
        },
    .variants =
        {
            {.name = "mapped",
             .run = run_mapped,
             .summary = "a mapping each time, whose pages come when touched"},
            {.name = "calloc", .run = run_calloc, .summary = "a block of the C library, each time"},
            {.name = "populated",
             .run = run_populated,
             .summary = "a mapping each time, with all its pages from the start"},
            {.name = "reused",
             .prepare = prepare_reused,
             .run = run_reused,
             .summary = "the block of the time before, cleared"},
        },
    .state_size = sizeof(struct first_touch),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
};
