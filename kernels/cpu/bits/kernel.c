/* How many bits of a bitmap are set? */
#include "bits.h"

#include <inttypes.h>

enum { PARAMETER_DENSITY, PARAMETER_N };

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
    bits->n = (size_t)env->value[PARAMETER_N];
    bits->pool_size = (LEAST_POOL + bits->n - 1) / bits->n * bits->n;
    bits->pool = cs_array(env, "words", bits->pool_size, uint64_t);
    for (size_t i = 0; i < bits->pool_size; i++)
        bits->pool[i] = draw_word(&random, (unsigned)env->value[PARAMETER_DENSITY]);
    return 0;
}

static void reset(void *state) {
    struct bits *bits = state;
    bits->next = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct bits *bits = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "total", .data = &bits->total, .count = 1, .type = CS_U64};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct bits *bits = state;
    *work = (struct cs_work){.items = (double)bits->n, .bytes = (double)(bits->n * sizeof *bits->pool)};
}

/* A bit of all words at a time, from the last word to the first. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct bits *bits = state;
    (void)variant;
    const uint64_t *window = bits->pool + cs_last_window(bits->next, bits->n, bits->pool_size);
    uint64_t expected = 0;
    for (unsigned bit = 0; bit < 64; bit++)
        for (size_t i = bits->n; i-- > 0;)
            if (window[i] & UINT64_C(1) << bit)
                expected++;
    if (bits->total == expected)
        return 0;
    return cs_wrong(mismatch, "total", 0, "%" PRIu64, bits->total, expected);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "bits",
    .summary = "count the bits that are set in the words of a bitmap",
    .item = "word",
    .parameters =
        {
            {.name = "density",
             .unit = "%",
             .min = 0,
             .max = 100,
             .def = 50,
             .summary = "bits that are set, at random places"},
            {.name = "n",
             .unit = "words",
             .min = 1,
             .max = 1 << 20,
             .def = 1024,
             .summary = "words of one run"},
        },
    .variants =
        {
            {.name = "shift", .run = run_shift, .summary = "a bit at a time, to the highest that is set"},
            {.name = "clear", .run = run_clear, .summary = "clears the lowest bit until none is left"},
            {.name = "table",
             .prepare = prepare_table,
             .run = run_table,
             .summary = "a byte at a time, by a table"},
            {.name = "parallel", .run = run_parallel, .summary = "sums of pairs, fours, bytes"},
            {.name = "popcount", .run = run_popcount, .summary = "the compiler's builtin"},
        },
    .state_size = sizeof(struct bits),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "n",
};
