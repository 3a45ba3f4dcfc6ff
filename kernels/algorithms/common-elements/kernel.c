/*
 * Which ids are in both lists? Two lists without order, n ids each; half of the first, if the case does not say
 * otherwise, are in the second. The same question about one list is that for duplicates.
 */
#include "common-elements.h"

#include <stdlib.h>

enum { PARAMETER_N, PARAMETER_SHARE, PARAMETER_BITS, PARAMETER_IDS };

/* Ids of the first lists before the first pair comes again: more outcomes than a predictor remembers. */
#define LEAST_POOL 65536

/* Each step can be undone, so that no two indices below 2^bits have the same id below 2^bits. */
static uint32_t make_id(uint32_t key, uint32_t index, unsigned bits) {
    uint32_t mask = (UINT32_C(1) << bits) - 1, x = index ^ (key & mask);
    x = x * 0x85ebca6bu & mask;
    x ^= x >> (bits / 2);
    x = x * 0xc2b2ae35u & mask;
    return x ^ x >> (bits / 2);
}

int lists_compare(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* The ids of indices below `common` are in both; the n - common behind them in the first, and as many more in
 * the second. */
static void draw_pair(struct lists *lists, struct cs_random *random, size_t pair) {
    uint32_t key = (uint32_t)cs_random_u64(random);
    size_t n = lists->n, common = lists->common_of_pair;
    uint32_t *first = lists->first + pair * n, *second = lists->second + pair * n,
             *expected = lists->expected + pair * common;
    for (size_t i = 0; i < n; i++) {
        first[i] = make_id(key, (uint32_t)i, lists->id_bits);
        second[i] = i < common ? first[i] : make_id(key, (uint32_t)(n + i), lists->id_bits);
        if (i < common)
            expected[i] = first[i];
    }
    qsort(expected, common, sizeof *expected, lists_compare);
    cs_random_shuffle(random, first, n);
    cs_random_shuffle(random, second, n);
}

static int setup(const struct cs_env *env, void *state) {
    struct lists *lists = state;
    struct cs_random random = cs_random_seed(env->seed);
    lists->n = (size_t)env->value[PARAMETER_N];
    lists->id_bits = (unsigned)env->value[PARAMETER_BITS];
    lists->pairs = (size_t)env->value[PARAMETER_IDS] / lists->n;
    if (lists->pairs == 0)
        lists->pairs = 1;
    lists->windows = 1 + LEAST_POOL / (lists->pairs * lists->n);
    lists->common_of_pair = lists->n * (size_t)env->value[PARAMETER_SHARE] / 100;

    size_t all = lists->windows * lists->pairs;
    lists->first = cs_array(env, "first lists", all * lists->n, uint32_t);
    lists->second = cs_array(env, "second lists", all * lists->n, uint32_t);
    lists->expected = cs_array(env, "expected ids", all * lists->common_of_pair + 1, uint32_t);
    lists->common = cs_array(env, "common ids", lists->pairs * lists->n + 1, uint32_t);
    lists->found = cs_array(env, "numbers of common ids", lists->pairs, uint32_t);
    for (size_t pair = 0; pair < all; pair++)
        draw_pair(lists, &random, pair);
    return 0;
}

static void reset(void *state) {
    struct lists *lists = state;
    lists->next = 0;
}

/* Any order is right, so that the ids of each pair are put into one. */
static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct lists *lists = state;
    (void)variant;
    for (size_t pair = 0; pair < lists->pairs; pair++)
        qsort(lists->common + pair * lists->n, lists->common_of_pair, sizeof *lists->common, lists_compare);
    outputs[0] = (struct cs_output){
        .name = "number of common ids", .data = lists->found, .count = lists->pairs, .type = CS_U32};
    *count = 1;
    if (lists->common_of_pair > 0)
        outputs[(*count)++] = (struct cs_output){.name = "common id",
                                                 .data = lists->common,
                                                 .count = lists->pairs * lists->common_of_pair,
                                                 .type = CS_U32,
                                                 .block = lists->common_of_pair,
                                                 .block_stride = lists->n * sizeof *lists->common};
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct lists *lists = state;
    double items = (double)(lists->pairs * lists->n);
    *work = (struct cs_work){.items = items, .bytes = 2 * items * sizeof(uint32_t)};
}

static int refuse(struct cs_mismatch *mismatch, const char *output, size_t index, uint32_t got,
                  uint32_t expected) {
    return cs_wrong(mismatch, output, index, "%u", got, expected);
}

/* Compares no lists: they were made around the ids that are in both. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct lists *lists = state;
    (void)variant;
    size_t window = cs_last_window(lists->next, 1, lists->windows), common = lists->common_of_pair;
    for (size_t pair = 0; pair < lists->pairs; pair++) {
        if (lists->found[pair] != common)
            return refuse(mismatch, "number of common ids", pair, lists->found[pair], (uint32_t)common);
        const uint32_t *expected = lists->expected + (window * lists->pairs + pair) * common;
        for (size_t i = 0; i < common; i++)
            if (lists->common[pair * lists->n + i] != expected[i])
                return refuse(mismatch, "common id", pair * common + i, lists->common[pair * lists->n + i],
                              expected[i]);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "common-elements",
    .summary = "find the ids that are in both of two lists",
    .item = "id",
    .parameters =
        {
            {.name = "n", .unit = "ids", .min = 2, .max = 32768, .def = 256, .summary = "ids of each list"},
            {.name = "share",
             .unit = "%",
             .min = 0,
             .max = 100,
             .def = 50,
             .summary = "ids of a list that are in the other"},
            {.name = "bits",
             .unit = "bits",
             .min = 16,
             .max = 30,
             .def = 20,
             .summary = "ids are numbers of so many bits, and the bitmap has 2^bits bits"},
            {.name = "ids",
             .unit = "ids",
             .min = 2,
             .max = 65536,
             .def = 2048,
             .summary =
                 "ids of the first lists of one run: as many pairs of lists as that gives, one at the least"},
        },
    .variants =
        {
            {.name = "nested", .run = run_nested, .summary = "a loop over one list in a loop over the other"},
            {.name = "hash", .prepare = prepare_hash, .run = run_hash, .summary = "one list in a hash table"},
            {.name = "merge",
             .prepare = prepare_merge,
             .run = run_merge,
             .summary = "both lists sorted by qsort, then merged"},
            {.name = "bitmap",
             .prepare = prepare_bitmap,
             .run = run_bitmap,
             .summary = "a bit for each id that could be"},
        },
    .state_size = sizeof(struct lists),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "ids",
};
