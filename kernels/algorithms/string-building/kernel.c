/*
 * One text of many pieces, put behind each other, as when a report, a query or a line of a log is written.
 */
#include "string-building.h"

/* Pieces before the first come again: more lengths than a predictor remembers. */
#define LEAST_POOL 65536

/* Lengths from 1 to twice the average, spread evenly: all texts of n pieces are as long. */
static size_t spread_lengths(uint32_t *lengths, size_t n, size_t average) {
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++) {
        lengths[i] = (uint32_t)(1 + i * (2 * average - 1) / n);
        bytes += lengths[i];
    }
    return bytes;
}

static int setup(const struct cs_env *env, void *state) {
    struct strings *strings = state;
    struct cs_random random = cs_random_seed(env->seed);
    size_t n = strings->n = cs_size(env, "n");
    strings->texts = cs_size(env, "pieces") / n;
    if (strings->texts == 0)
        strings->texts = 1;
    strings->windows = 1 + LEAST_POOL / (strings->texts * n);
    uint32_t *lengths = cs_array(env, "lengths", n, uint32_t);
    strings->bytes = spread_lengths(lengths, n, cs_size(env, "length"));

    size_t texts = strings->windows * strings->texts;
    strings->pieces = cs_array(env, "pieces", texts * n, const char *);
    strings->stored = cs_array(env, "text of pieces", texts * (strings->bytes + n), char);
    strings->handed = cs_answer(env, "text", strings->texts * (strings->bytes + 1), char);
    char *at = strings->stored;
    for (size_t text = 0; text < texts; text++) {
        cs_random_shuffle(&random, lengths, n);
        for (size_t i = 0; i < n; i++) {
            strings->pieces[text * n + i] = at;
            for (uint32_t length = lengths[i]; length > 0; length--)
                *at++ = (char)('a' + cs_random_below(&random, 26));
            *at++ = 0;
        }
    }
    cs_free(env, lengths);
    cs_work(env, strings->texts * strings->n, strings->texts * strings->bytes);
    cs_rewind(env, &strings->next);
    cs_count(env, "allocations", &strings->allocations);
    return 0;
}

/* The pieces were stored in the order in which they make texts: the texts are what is stored, without zeros. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct strings *strings = state;
    size_t window = cs_last_window(strings->next, 1, strings->windows), pieces = 0;
    const char *stored = strings->stored + window * strings->texts * (strings->bytes + strings->n);
    for (size_t i = 0; i < strings->texts * (strings->bytes + 1); stored++) {
        char expected = *stored;
        if (!expected && ++pieces % strings->n != 0)
            continue;
        cs_expect(mismatch, "text", i, strings->handed[i], expected);
        i++;
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("string-building", "piece", "put pieces of text behind each other"),
    .parameters = {CS_NUMBER("n", "pieces", 1, 65536, 64, "pieces of a text"),
                   CS_NUMBER("length", "bytes", 1, 4096, 8,
                             "of a piece on average: from 1 to nearly twice as many"),
                   CS_NUMBER("pieces", "pieces", 1, 65536, 1024,
                             "pieces of one run: as many texts as that gives, one at the least")},
    .variants = {CS_VARIANT("strcat", run_strcat, "strcat, which looks for the end each time",
                            .prepare = prepare_strcat),
                 CS_VARIANT("end", run_end, "remembers where the end is", .prepare = prepare_end),
                 CS_VARIANT("doubling", run_doubling,
                            "a buffer that doubles when it is full, made for each text")},
    .counters = {CS_COUNTER("allocations", "allocation")},
    CS_STATE(struct strings, setup),
    .check = check,
    .scale = "pieces",
};
