/*
 * Which ids are in both lists? Two lists without order, n ids each; half of the first, if the case does not say
 * otherwise, are in the second. The same question about one list is that for duplicates.
 */
#include "common-elements.h"

#include <stdlib.h>

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
    lists->n = cs_size(env, "n");
    lists->id_bits = (unsigned)cs_value(env, "bits");
    lists->pairs = cs_size(env, "ids") / lists->n;
    if (lists->pairs == 0)
        lists->pairs = 1;
    lists->windows = 1 + LEAST_POOL / (lists->pairs * lists->n);
    lists->common_of_pair = lists->n * cs_size(env, "share") / 100;

    size_t all = lists->windows * lists->pairs;
    lists->first = cs_array(env, "first lists", all * lists->n, uint32_t);
    lists->second = cs_array(env, "second lists", all * lists->n, uint32_t);
    lists->expected = cs_array(env, "expected ids", all * lists->common_of_pair + 1, uint32_t);
    lists->common = cs_array(env, "common ids", lists->pairs * lists->n + 1, uint32_t);
    lists->found = cs_answer(env, "number of common ids", lists->pairs, uint32_t);
    for (size_t pair = 0; pair < all; pair++)
        draw_pair(lists, &random, pair);
    cs_add_output(env, (struct cs_output){.name = "common id",
                                          .data = lists->common,
                                          .count = lists->pairs * lists->common_of_pair,
                                          .type = CS_U32,
                                          .block = lists->common_of_pair,
                                          .block_stride = lists->n * sizeof *lists->common});
    double items = (double)(lists->pairs * lists->n);
    cs_work(env, items, 2 * items * sizeof(uint32_t));
    cs_rewind(env, &lists->next);
    return 0;
}

/* Any order is right, so that the ids of each pair are put into one. */
static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct lists *lists = state;
    for (size_t pair = 0; pair < lists->pairs; pair++)
        qsort(lists->common + pair * lists->n, lists->common_of_pair, sizeof *lists->common, lists_compare);
    return 0;
}

/* Compares no lists: they were made around the ids that are in both. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct lists *lists = state;
    size_t window = cs_last_window(lists->next, 1, lists->windows), common = lists->common_of_pair;
    for (size_t pair = 0; pair < lists->pairs; pair++) {
        cs_expect(mismatch, "number of common ids", pair, lists->found[pair], common);
        const uint32_t *expected = lists->expected + (window * lists->pairs + pair) * common;
        for (size_t i = 0; i < common; i++)
            cs_expect(mismatch, "common id", pair * common + i, lists->common[pair * lists->n + i],
                      expected[i]);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("common-elements", "id", "find the ids that are in both of two lists"),
    .parameters =
        {CS_NUMBER("n", "ids", 2, 32768, 256, "ids of each list"),
         CS_NUMBER("share", "%", 0, 100, 50, "ids of a list that are in the other"),
         CS_NUMBER("bits", "bits", 16, 30, 20,
                   "ids are numbers of so many bits, and the bitmap has 2^bits bits"),
         CS_NUMBER(
             "ids", "ids", 2, 65536, 2048,
             "ids of the first lists of one run: as many pairs of lists as that gives, one at the least")},
    .variants = {CS_VARIANT("nested", run_nested, "a loop over one list in a loop over the other"),
                 CS_VARIANT("hash", run_hash, "one list in a hash table", .prepare = prepare_hash),
                 CS_VARIANT("merge", run_merge, "both lists sorted by qsort, then merged",
                            .prepare = prepare_merge),
                 CS_VARIANT("bitmap", run_bitmap, "a bit for each id that could be",
                            .prepare = prepare_bitmap)},
    CS_STATE(struct lists, setup),
    .outputs = outputs,
    .check = check,
    .scale = "ids",
};
