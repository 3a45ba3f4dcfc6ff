/*
 * One text of many pieces, put behind each other, as when a report, a query or a line of a log is written.
 */
#include "string-building.h"

enum { PARAMETER_N, PARAMETER_LENGTH, PARAMETER_PIECES };

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
    size_t n = strings->n = (size_t)env->value[PARAMETER_N];
    strings->texts = (size_t)env->value[PARAMETER_PIECES] / n;
    if (strings->texts == 0)
        strings->texts = 1;
    strings->windows = 1 + LEAST_POOL / (strings->texts * n);
    uint32_t *lengths = cs_array(env, "lengths", n, uint32_t);
    strings->bytes = spread_lengths(lengths, n, (size_t)env->value[PARAMETER_LENGTH]);

    size_t texts = strings->windows * strings->texts;
    strings->pieces = cs_array(env, "pieces", texts * n, const char *);
    strings->stored = cs_array(env, "text of pieces", texts * (strings->bytes + n), char);
    strings->handed = cs_array(env, "texts", strings->texts * (strings->bytes + 1), char);
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
    return 0;
}

static void reset(void *state) {
    struct strings *strings = state;
    strings->next = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct strings *strings = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "text",
                                    .data = strings->handed,
                                    .count = strings->texts * (strings->bytes + 1),
                                    .type = CS_U8};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct strings *strings = state;
    *work = (struct cs_work){.items = (double)(strings->texts * strings->n),
                             .bytes = (double)(strings->texts * strings->bytes)};
}

/* The pieces were stored in the order in which they make texts: the texts are what is stored, without zeros. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct strings *strings = state;
    (void)variant;
    size_t window = cs_last_window(strings->next, 1, strings->windows), pieces = 0;
    const char *stored = strings->stored + window * strings->texts * (strings->bytes + strings->n);
    for (size_t i = 0; i < strings->texts * (strings->bytes + 1); stored++) {
        char expected = *stored;
        if (!expected && ++pieces % strings->n != 0)
            continue;
        if (strings->handed[i] != expected) {
            return cs_wrong(mismatch, "text", i, "byte %d", strings->handed[i], expected);
        }
        i++;
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct strings *strings = state;
    values[0] = strings->allocations;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "string-building",
    .summary = "put pieces of text behind each other",
    .item = "piece",
    .parameters =
        {
            {.name = "n", .unit = "pieces", .min = 1, .max = 65536, .def = 64, .summary = "pieces of a text"},
            {.name = "length",
             .unit = "bytes",
             .min = 1,
             .max = 4096,
             .def = 8,
             .summary = "of a piece on average: from 1 to nearly twice as many"},
            {.name = "pieces",
             .unit = "pieces",
             .min = 1,
             .max = 65536,
             .def = 1024,
             .summary = "pieces of one run: as many texts as that gives, one at the least"},
        },
    .variants =
        {
            {.name = "strcat",
             .prepare = prepare_strcat,
             .run = run_strcat,
             .summary = "strcat, which looks for the end each time"},
            {.name = "end", .prepare = prepare_end, .run = run_end, .summary = "remembers where the end is"},
            {.name = "doubling",
             .run = run_doubling,
             .summary = "a buffer that doubles when it is full, made for each text"},
        },
    .counters =
        {
            {.name = "allocations", .unit = "allocation"},
        },
    .state_size = sizeof(struct strings),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .scale = "pieces",
};
