/*
 * Which are the k largest of n values? The answer may be in any order. Values are random, or they ascend, so
 * that each is larger than all before it.
 */
#include "top-k.h"

#include <stdlib.h>
#include <string.h>

enum { ORDER_RANDOM, ORDER_ASCENDING };

/* Values before the first come again: more than a predictor remembers. */
#define LEAST_POOL 65536

static int compare(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* Radix sort, 8 bits a pass, which no variant uses: the check looks at what it gives. `spare` has n values. */
static void sort_by_digits(uint32_t *values, uint32_t *spare, size_t n) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
        size_t start[256 + 1] = {0};
        for (size_t i = 0; i < n; i++)
            start[(values[i] >> shift & 0xff) + 1]++;
        for (size_t digit = 0; digit < 256; digit++)
            start[digit + 1] += start[digit];
        for (size_t i = 0; i < n; i++)
            spare[start[values[i] >> shift & 0xff]++] = values[i];
        memcpy(values, spare, n * sizeof *values);
    }
}

static int setup(const struct cs_env *env, void *state) {
    struct top *top = state;
    struct cs_random random = cs_random_seed(env->seed);
    top->n = cs_size(env, "n");
    top->k = cs_size(env, "k");
    if (top->k > top->n)
        return cs_fail(env, EINVAL, "k = %zu, but there are n = %zu values; lower k", top->k, top->n);
    top->windows = 1 + LEAST_POOL / top->n;
    top->values = cs_array(env, "values", top->windows * top->n, uint32_t);
    top->expected = cs_array(env, "expected values", top->windows * top->k, uint32_t);
    top->answer = cs_answer(env, "value", top->k, uint32_t);
    uint32_t *sorted = cs_array(env, "sorted values", top->n, uint32_t);
    uint32_t *spare = cs_array(env, "values being sorted", top->n, uint32_t);
    for (size_t window = 0; window < top->windows; window++) {
        uint32_t *values = top->values + window * top->n;
        for (size_t i = 0; i < top->n; i++)
            sorted[i] = values[i] = (uint32_t)cs_random_u64(&random);
        sort_by_digits(sorted, spare, top->n);
        memcpy(top->expected + window * top->k, sorted + top->n - top->k, top->k * sizeof *sorted);
        if (cs_value(env, "order") == ORDER_ASCENDING)
            memcpy(values, sorted, top->n * sizeof *values);
    }
    cs_free(env, spare);
    cs_free(env, sorted);
    cs_work(env, top->n, top->n * sizeof *top->values);
    cs_rewind(env, &top->next);
    return 0;
}

/* Any order is right, so that the answer is put into one. */
static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct top *top = state;
    qsort(top->answer, top->k, sizeof *top->answer, compare);
    return 0;
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct top *top = state;
    const uint32_t *expected = top->expected + cs_last_window(top->next, 1, top->windows) * top->k;
    for (size_t i = 0; i < top->k; i++)
        cs_expect(mismatch, "value", i, top->answer[i], expected[i]);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("top-k", "value", "find the k largest of n values"),
    .parameters = {CS_NUMBER("n", "values", 16, 16777216, 4096, "values that there are"),
                   CS_NUMBER("k", "values", 1, 8388608, 16, "values that are wanted, n at the most"),
                   CS_CHOICE("order", ORDER_RANDOM, "ascending: each is larger than all before it", "random",
                             "ascending")},
    .variants = {CS_VARIANT("sort", run_sort, "sorts all of them (quicksort)", .prepare = prepare_sort),
                 CS_VARIANT("heap", run_heap, "keeps the k largest so far in a heap"),
                 CS_VARIANT("select", run_select, "splits them where the k largest begin (quickselect)",
                            .prepare = prepare_select)},
    CS_STATE(struct top, setup),
    .outputs = outputs,
    .check = check,
};
