/* Numbers are read at random places; what differs is the size of the pages that they lie in. */
#include "huge-pages.h"

static int setup(const struct cs_env *env, void *state) {
    struct huge_pages *all = state;
    struct cs_random random = cs_random_seed(env->seed);
    all->n = cs_size(env, "bytes") / sizeof(uint64_t);
    all->reads = cs_size(env, "reads");
    all->key = cs_random_u64(&random);
    cs_output(env, "total", &all->total, 1);
    cs_work(env, all->reads, 0);
    cs_rewind(env, &all->runs);
    return 0;
}

/* From the places alone: no number is read. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct huge_pages *all = state;
    uint64_t seed = huge_pages_seed(all, all->runs - 1), expected = 0;
    for (size_t i = 0; i < all->reads; i++)
        expected += huge_pages_number(all, huge_pages_place(&seed, all->n));
    cs_expect(mismatch, "total", 0, all->total, expected);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("huge-pages", "read", "read numbers at random places"),
    .parameters = {CS_NUMBER("bytes", "bytes", 4096, 1 << 30, 1 << 22, "of all numbers"),
                   CS_NUMBER("reads", "reads", 1, 1 << 20, 16384, "of a run")},
    .variants = {CS_VARIANT("small", run_small, "in pages of the usual size", .prepare = prepare_small,
                            .evidence = tell_small),
                 CS_VARIANT("huge", run_huge, "in pages of 2 MiB, asked for by madvise",
                            .supported = support_huge, .prepare = prepare_huge, .evidence = tell_huge)},
    CS_STATE(struct huge_pages, setup),
    .check = check,
    .scale = "reads",
};
