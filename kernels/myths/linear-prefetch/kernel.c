/* An array is read from its beginning to its end, as nearly all are. */
#include "linear-prefetch.h"

static int setup(const struct cs_env *env, void *state) {
    struct walk *walk = state;
    struct cs_random random = cs_random_seed(env->seed);
    walk->seed = env->seed;
    walk->n = cs_size(env, "n");
    walk->numbers = cs_array(env, "numbers", walk->n, uint64_t);
    cs_random_fill(&random, walk->numbers, walk->n);
    cs_output(env, "total", &walk->total, 1);
    cs_work(env, walk->n, walk->n * sizeof *walk->numbers);
    return 0;
}

/* Drawn again, the halves of the numbers apart. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct walk *walk = state;
    struct cs_random random = cs_random_seed(walk->seed);
    uint64_t low = 0, high = 0;
    for (size_t i = 0; i < walk->n; i++) {
        uint64_t number = cs_random_u64(&random);
        low += number & UINT32_MAX;
        high += number >> 32;
    }
    uint64_t expected = (high << 32) + low;
    cs_expect(mismatch, "total", 0, walk->total, expected);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("linear-prefetch", "number", "add up an array, with and without prefetch hints"),
    .parameters = {CS_NUMBER("n", "numbers", 1, 1 << 26, 4096, "numbers")},
    .variants = {CS_VARIANT("plain", run_plain, "no hint"),
                 CS_VARIANT("line", run_line, "a hint a cache line, for the next sixteen lines"),
                 CS_VARIANT("each", run_each, "a hint a number, sixteen lines ahead"),
                 CS_VARIANT("blocks", run_blocks, "the loops of line without its hints")},
    CS_STATE(struct walk, setup),
    .check = check,
    .scale = "n",
};
