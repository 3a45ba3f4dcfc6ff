/*
 * Which of these values are below a bound? They are copied one behind the other. The test is a store or none,
 * which compilers leave a branch; a conditional sum they turn into masks by themselves.
 */
#include "filter.h"

#include <inttypes.h>

enum { PARAMETER_KEPT, PARAMETER_ORDER, PARAMETER_N };
enum { RANDOM, SORTED };

/* Values before the first comes again: fewer, and the branch predictor knows them by heart. */
#define LEAST_POOL 262144

/* Every window keeps the same number, so that all runs do the same amount of work. */
static void draw_window(struct filter *filter, struct cs_random *random, uint32_t *window, int64_t order) {
    for (size_t i = 0; i < filter->n; i++)
        window[i] = cs_random_below(random, filter->bound) + (i < filter->share ? 0 : filter->bound);
    if (order == RANDOM)
        cs_random_shuffle(random, window, filter->n);
}

static int setup(const struct cs_env *env, void *state) {
    struct filter *filter = state;
    struct cs_random random = cs_random_seed(env->seed);
    filter->bound = 1u << 30 | cs_random_below(&random, 1u << 30);
    filter->n = (size_t)env->value[PARAMETER_N];
    filter->share = filter->n * (size_t)env->value[PARAMETER_KEPT] / 100;
    filter->pool_size = (LEAST_POOL + filter->n - 1) / filter->n * filter->n;
    filter->pool = cs_array(env, "values", filter->pool_size, uint32_t);
    filter->kept = cs_array(env, "kept", filter->n + 1, uint32_t);
    for (size_t start = 0; start < filter->pool_size; start += filter->n)
        draw_window(filter, &random, filter->pool + start, env->value[PARAMETER_ORDER]);
    return 0;
}

static void reset(void *state) {
    struct filter *filter = state;
    filter->next = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct filter *filter = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "count", .data = &filter->count, .count = 1, .type = CS_U64};
    outputs[1] =
        (struct cs_output){.name = "kept", .data = filter->kept, .count = filter->share, .type = CS_U32};
    *count = filter->share ? 2 : 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct filter *filter = state;
    *work = (struct cs_work){.items = (double)filter->n,
                             .bytes = (double)((filter->n + filter->share) * sizeof *filter->kept)};
}

static int report(struct cs_mismatch *mismatch, const char *output, size_t index, uint64_t got,
                  uint64_t expected) {
    return cs_wrong(mismatch, output, index, "%" PRIu64, got, expected);
}

/* From the last value to the first, against what setup knows that every window keeps. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct filter *filter = state;
    (void)variant;
    const uint32_t *window = filter->pool + cs_last_window(filter->next, filter->n, filter->pool_size);
    if (filter->count != filter->share)
        return report(mismatch, "count", 0, filter->count, filter->share);
    size_t left = filter->share;
    for (size_t i = filter->n; i-- > 0;)
        if (window[i] / filter->bound == 0 && filter->kept[--left] != window[i])
            return report(mismatch, "kept", left, filter->kept[left], window[i]);
    return 0;
}

static const char *const orders[] = {[RANDOM] = "random", [SORTED] = "sorted", NULL};

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "filter",
    .summary = "copy the values below a bound, one behind the other",
    .item = "value",
    .parameters =
        {
            {.name = "kept",
             .unit = "%",
             .min = 0,
             .max = 100,
             .def = 50,
             .summary = "values below the bound"},
            {.name = "order",
             .choices = orders,
             .def = RANDOM,
             .summary = "sorted: those below the bound first"},
            {.name = "n",
             .unit = "values",
             .min = 1,
             .max = 1 << 20,
             .def = 4096,
             .summary = "values of one run"},
        },
    .variants = {{.name = "branch", .run = run_branch, .summary = "if it is below: store, count"},
                 {.name = "branchless", .run = run_branchless, .summary = "store, add the comparison"}},
    .state_size = sizeof(struct filter),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "n",
};
