/* Letter, digit, blank or what? The class of each byte of a text, as scanners ask it. */
#include "classify.h"

#include <string.h>

enum { PARAMETER_LOWER, PARAMETER_N };

/* Bytes before the first comes again: fewer, and the branch predictor knows the text by heart. */
#define LEAST_POOL 262144

/* Lower-case letters as often as asked, every other class as often as the next, and bytes of a class alike. */
static uint8_t draw_byte(struct cs_random *random, unsigned lower_percent) {
    if (cs_random_below(random, 100) < lower_percent)
        return (uint8_t)('a' + cs_random_below(random, 26));
    switch (1 + cs_random_below(random, CLASSES - 1)) {
    case SPACE:
        return (uint8_t) " \n\t"[cs_random_below(random, 3)];
    case UPPER:
        return (uint8_t)('A' + cs_random_below(random, 26));
    case DIGIT:
        return (uint8_t)('0' + cs_random_below(random, 10));
    case CONTROL:
        return (uint8_t)cs_random_below(random, 9);
    case PUNCTUATION:
        return (uint8_t)('!' + cs_random_below(random, 15));
    default:
        return (uint8_t)(128 + cs_random_below(random, 128));
    }
}

static int setup(const struct cs_env *env, void *state) {
    struct classify *classify = state;
    struct cs_random random = cs_random_seed(env->seed);
    classify->n = (size_t)env->value[PARAMETER_N] / 2 * 2;
    classify->pool_size = (LEAST_POOL + classify->n - 1) / classify->n * classify->n;
    classify->pool = cs_array(env, "text", classify->pool_size, uint8_t);
    classify->classes = cs_array(env, "classes", classify->n, uint8_t);
    for (size_t i = 0; i < classify->pool_size; i++)
        classify->pool[i] = draw_byte(&random, (unsigned)env->value[PARAMETER_LOWER]);
    return 0;
}

static void reset(void *state) {
    struct classify *classify = state;
    classify->next = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct classify *classify = state;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "class", .data = classify->classes, .count = classify->n, .type = CS_U8};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct classify *classify = state;
    *work = (struct cs_work){.items = (double)classify->n, .bytes = (double)(2 * classify->n)};
}

/* By lists of the members of each class, not by their limits. */
static uint8_t listed_class(uint8_t byte) {
    static const char *const members[] = {[LOWER] = "abcdefghijklmnopqrstuvwxyz",
                                          [SPACE] = " \n\t",
                                          [UPPER] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                                          [DIGIT] = "0123456789",
                                          [PUNCTUATION] = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"};
    for (uint8_t class = 0; class < CLASSES; class ++)
        if (byte && class != CONTROL && class != OTHER && strchr(members[class], byte))
            return class;
    return byte > 127 ? OTHER : CONTROL;
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct classify *classify = state;
    (void)variant;
    const uint8_t *window = classify->pool + cs_last_window(classify->next, classify->n, classify->pool_size);
    uint8_t expected[256];
    for (unsigned byte = 0; byte < 256; byte++)
        expected[byte] = listed_class((uint8_t)byte);
    for (size_t i = 0; i < classify->n; i++)
        if (classify->classes[i] != expected[window[i]]) {
            *mismatch = (struct cs_mismatch){.output = "class", .index = i};
            snprintf(mismatch->got, sizeof mismatch->got, "%d", classify->classes[i]);
            snprintf(mismatch->expected, sizeof mismatch->expected, "%d of byte %d", expected[window[i]],
                     window[i]);
            return CS_WRONG;
        }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "classify",
    .summary = "the class of each byte of a text",
    .item = "byte",
    .parameters =
        {
            {.name = "lower",
             .unit = "%",
             .min = 0,
             .max = 100,
             .def = 75,
             .summary = "lower-case letters, at random places; the other classes share the rest"},
            {.name = "n",
             .unit = "bytes",
             .min = 2,
             .max = 1 << 20,
             .def = 4096,
             .summary = "bytes of one run, an even number"},
        },
    .variants =
        {
            {.name = "chain", .run = run_chain, .summary = "a chain of ifs, the frequent classes first"},
            {.name = "table", .prepare = prepare_table, .run = run_table, .summary = "256 classes"},
            {.name = "pairs",
             .prepare = prepare_pairs,
             .run = run_pairs,
             .summary = "65536 pairs of classes, 128 KiB"},
        },
    .state_size = sizeof(struct classify),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "n",
};
