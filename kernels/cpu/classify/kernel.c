/* Letter, digit, blank or what? The class of each byte of a text, as scanners ask it. */
#include "classify.h"

#include <string.h>

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
    classify->n = cs_size(env, "n") / 2 * 2;
    classify->pool_size = cs_windows(env, &classify->next, LEAST_POOL, classify->n);
    classify->pool = cs_array(env, "text", classify->pool_size, uint8_t);
    classify->classes = cs_answer(env, "class", classify->n, uint8_t);
    for (size_t i = 0; i < classify->pool_size; i++)
        classify->pool[i] = draw_byte(&random, (unsigned)cs_value(env, "lower"));
    cs_work(env, classify->n, 2 * classify->n);
    return 0;
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
    const uint8_t *window = classify->pool + cs_last_window(classify->next, classify->n, classify->pool_size);
    uint8_t expected[256];
    for (unsigned byte = 0; byte < 256; byte++)
        expected[byte] = listed_class((uint8_t)byte);
    for (size_t i = 0; i < classify->n; i++)
        cs_expect(mismatch, "class", i, classify->classes[i], expected[window[i]]);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("classify", "byte", "the class of each byte of a text"),
    .parameters = {CS_NUMBER("lower", "%", 0, 100, 75,
                             "lower-case letters, at random places; the other classes share the rest"),
                   CS_NUMBER("n", "bytes", 2, 1 << 20, 4096, "bytes of one run, an even number")},
    .variants = {CS_VARIANT("chain", run_chain, "a chain of ifs, the frequent classes first"),
                 CS_VARIANT("table", run_table, "256 classes", .prepare = prepare_table),
                 CS_VARIANT("pairs", run_pairs, "65536 pairs of classes, 128 KiB", .prepare = prepare_pairs)},
    CS_STATE(struct classify, setup),
    .check = check,
    .scale = "n",
};
