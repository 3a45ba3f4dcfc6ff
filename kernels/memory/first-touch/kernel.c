/* Work that needs a block of memory each time: zeros at first, of which it uses the first part. */
#include "first-touch.h"

#include <string.h>

static int setup(const struct cs_env *env, void *state) {
    struct first_touch *all = state;
    struct cs_random random = cs_random_seed(env->seed);
    size_t pages = cs_size(env, "bytes") / PAGE;
    size_t used = pages * cs_size(env, "used") / 100;
    all->bytes = pages * PAGE;
    all->words = (used ? used : 1) * (PAGE / sizeof(uint32_t));
    all->key = (uint32_t)cs_random_u64(&random);
    all->step = (uint32_t)cs_random_u64(&random);
    cs_output(env, "total", &all->total, 1);
    double bytes = (double)(all->words * sizeof(uint32_t));
    cs_work(env, bytes / PAGE, bytes);
    return 0;
}

/* The block that is kept is as the run before left it: what is forgotten to be cleared shows in the verified run. */
static void reset(void *state) {
    struct first_touch *all = state;
    if (all->reused)
        memset(all->reused, 0xa5, all->bytes);
}

/* By the formula of an arithmetic series, twice. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct first_touch *all = state;
    uint64_t n = all->words, indices = n * (n - 1) / 2;
    uint32_t expected = (uint32_t)(2 * (n * all->key + indices * all->step));
    cs_expect(mismatch, "total", 0, all->total, expected);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("first-touch", "page", "use a block of memory that begins as zeros"),
    .parameters = {CS_NUMBER("bytes", "bytes", PAGE, 1 << 28, 1 << 18, "of the block"),
                   CS_NUMBER("used", "%", 1, 100, 100, "of the block that is used")},
    .variants = {CS_VARIANT("mapped", run_mapped, "a mapping each time, whose pages come when touched"),
                 CS_VARIANT("calloc", run_calloc, "a block of the C library, each time"),
                 CS_VARIANT("populated", run_populated,
                            "a mapping each time, with all its pages from the start"),
                 CS_VARIANT("reused", run_reused, "the block of the time before, cleared",
                            .prepare = prepare_reused)},
    CS_STATE(struct first_touch, setup),
    .reset = reset,
    .check = check,
};
