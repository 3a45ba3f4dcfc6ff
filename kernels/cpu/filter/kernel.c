/*
 * Which of these values are below a bound? They are copied one behind the other. The test is a store or none,
 * which compilers leave a branch; a conditional sum they turn into masks by themselves.
 */
#include "filter.h"

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
    filter->n = cs_size(env, "n");
    filter->share = filter->n * cs_size(env, "kept") / 100;
    filter->pool_size = cs_windows(env, &filter->next, LEAST_POOL, filter->n);
    filter->pool = cs_array(env, "values", filter->pool_size, uint32_t);
    filter->kept = cs_array(env, "kept", filter->n + 1, uint32_t);
    for (size_t start = 0; start < filter->pool_size; start += filter->n)
        draw_window(filter, &random, filter->pool + start, cs_value(env, "order"));
    cs_output(env, "count", &filter->count, 1);
    cs_output(env, "kept", filter->kept, filter->share);
    cs_work(env, filter->n, (filter->n + filter->share) * sizeof *filter->kept);
    return 0;
}

/* From the last value to the first, against what setup knows that every window keeps. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct filter *filter = state;
    const uint32_t *window = filter->pool + cs_last_window(filter->next, filter->n, filter->pool_size);
    cs_expect(mismatch, "count", 0, filter->count, filter->share);
    size_t left = filter->share;
    for (size_t i = filter->n; i-- > 0;)
        if (window[i] / filter->bound == 0) {
            left--;
            cs_expect(mismatch, "kept", left, filter->kept[left], window[i]);
        }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("filter", "value", "copy the values below a bound, one behind the other"),
    .parameters = {CS_NUMBER("kept", "%", 0, 100, 50, "values below the bound"),
                   CS_CHOICE("order", RANDOM, "sorted: those below the bound first", "random", "sorted"),
                   CS_NUMBER("n", "values", 1, 1 << 20, 4096, "values of one run")},
    .variants = {CS_VARIANT("branch", run_branch, "if it is below: store, count"),
                 CS_VARIANT("branchless", run_branchless, "store, add the comparison")},
    CS_STATE(struct filter, setup),
    .check = check,
    .scale = "n",
};
