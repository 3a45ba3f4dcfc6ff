/* How many bits of a bitmap are set? */
#include "bits.h"

/* Words before the first comes again: fewer, and the branch predictor knows them by heart. */
#define LEAST_POOL 65536

static uint64_t draw_word(struct cs_random *random, unsigned density_percent) {
    uint64_t word = 0;
    for (unsigned bit = 0; bit < 64; bit++)
        word |= (uint64_t)(cs_random_below(random, 100) < density_percent) << bit;
    return word;
}

static int setup(const struct cs_env *env, void *state) {
    struct bits *bits = state;
    struct cs_random random = cs_random_seed(env->seed);
    bits->n = cs_size(env, "n");
    bits->pool_size = cs_windows(env, &bits->next, LEAST_POOL, bits->n);
    bits->pool = cs_array(env, "words", bits->pool_size, uint64_t);
    for (size_t i = 0; i < bits->pool_size; i++)
        bits->pool[i] = draw_word(&random, (unsigned)cs_value(env, "density"));
    cs_output(env, "total", &bits->total, 1);
    cs_work(env, bits->n, bits->n * sizeof *bits->pool);
    return 0;
}

/* A bit of all words at a time, from the last word to the first. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct bits *bits = state;
    const uint64_t *window = bits->pool + cs_last_window(bits->next, bits->n, bits->pool_size);
    uint64_t expected = 0;
    for (unsigned bit = 0; bit < 64; bit++)
        for (size_t i = bits->n; i-- > 0;)
            if (window[i] & UINT64_C(1) << bit)
                expected++;
    cs_expect(mismatch, "total", 0, bits->total, expected);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("bits", "word", "count the bits that are set in the words of a bitmap"),
    .parameters = {CS_NUMBER("density", "%", 0, 100, 50, "bits that are set, at random places"),
                   CS_NUMBER("n", "words", 1, 1 << 20, 1024, "words of one run")},
    .variants = {CS_VARIANT("shift", run_shift, "a bit at a time, to the highest that is set"),
                 CS_VARIANT("clear", run_clear, "clears the lowest bit until none is left"),
                 CS_VARIANT("table", run_table, "a byte at a time, by a table", .prepare = prepare_table),
                 CS_VARIANT("parallel", run_parallel, "sums of pairs, fours, bytes"),
                 CS_VARIANT("popcount", run_popcount, "the compiler's builtin")},
    CS_STATE(struct bits, setup),
    .check = check,
    .scale = "n",
};
