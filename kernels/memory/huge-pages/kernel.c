/* Numbers are read at random places; what differs is the size of the pages that they lie in. */
#include "huge-pages.h"

#include <inttypes.h>

enum { PARAMETER_BYTES, PARAMETER_READS };

static int setup(const struct cs_env *env, void *state) {
    struct huge_pages *all = state;
    struct cs_random random = cs_random_seed(env->seed);
    all->n = (size_t)env->value[PARAMETER_BYTES] / sizeof(uint64_t);
    all->reads = (size_t)env->value[PARAMETER_READS];
    all->key = cs_random_u64(&random);
    return 0;
}

static void reset(void *state) {
    struct huge_pages *all = state;
    all->runs = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct huge_pages *all = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "total", .data = &all->total, .count = 1, .type = CS_U64};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct huge_pages *all = state;
    *work = (struct cs_work){.items = (double)all->reads};
}

/* From the places alone: no number is read. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct huge_pages *all = state;
    (void)variant;
    uint64_t seed = huge_pages_seed(all, all->runs - 1), expected = 0;
    for (size_t i = 0; i < all->reads; i++)
        expected += huge_pages_number(all, huge_pages_place(&seed, all->n));
    if (all->total == expected)
        return 0;
    return cs_wrong(mismatch, "total", 0, "%" PRIu64, all->total, expected);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "huge-pages",
    .summary = "read numbers at random places",
    .item = "read",
    .parameters =
        {{.name = "bytes",
          .unit = "bytes",
          .min = 4096,
          .max = 1 << 30,
          .def = 1 << 22,
          .summary = "of all numbers"},
         {.name = "reads", .unit = "reads", .min = 1, .max = 1 << 20, .def = 16384, .summary = "of a run"}},
    .variants = {{.name = "small",
                  .prepare = prepare_small,
                  .run = run_small,
                  .evidence = tell_small,
                  .summary = "in pages of the usual size"},
                 {.name = "huge",
                  .supported = support_huge,
                  .prepare = prepare_huge,
                  .run = run_huge,
                  .evidence = tell_huge,
                  .summary = "in pages of 2 MiB, asked for by madvise"}},
    .state_size = sizeof(struct huge_pages),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "reads",
};
