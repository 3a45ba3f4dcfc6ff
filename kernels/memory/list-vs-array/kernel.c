/* The sum of a stretch of a sequence: its numbers are in nodes anywhere, in nodes in order, or side by side. */
#include "list-vs-array.h"

static int setup(const struct cs_env *env, void *state) {
    struct sequence *sequence = state;
    struct cs_random random = cs_random_seed(env->seed);
    size_t n = cs_size(env, "n"), length = cs_size(env, "length");
    sequence->length = length < n ? length : n;
    sequence->n = n = cs_windows(env, &sequence->next, n, sequence->length);
    uint64_t *values = cs_array(env, "numbers", n, uint64_t);
    uint32_t *shuffle = cs_array(env, "places", n, uint32_t);
    for (size_t i = 0; i < n; i++) {
        values[i] = cs_random_u64(&random);
        shuffle[i] = (uint32_t)i;
    }
    cs_random_shuffle(&random, shuffle, n);
    sequence->values = values;
    sequence->shuffle = shuffle;
    cs_output(env, "sum", &sequence->total, 1);
    cs_work(env, sequence->length, sequence->length * sizeof *sequence->values);
    return 0;
}

/* From the numbers as they were drawn, which no layout holds, from the last to the first. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct sequence *sequence = state;
    size_t start = cs_last_window(sequence->next, sequence->length, sequence->n);
    uint64_t rest = sequence->total;
    for (size_t i = start + sequence->length; i > start; i--)
        rest -= sequence->values[i - 1];
    cs_expect(mismatch, "sum, less all numbers", 0, rest, 0);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("list-vs-array", "number", "add up a stretch of a long sequence"),
    .parameters = {CS_NUMBER("n", "numbers", 16, 1 << 24, 16384,
                             "numbers of the sequence, rounded up to whole stretches"),
                   CS_NUMBER("length", "numbers", 1, 65536, 1024,
                             "numbers of a stretch, which a run adds up")},
    .variants = {CS_VARIANT("list", run_list, "linked nodes of 32 bytes, in random order",
                            .prepare = prepare_list),
                 CS_VARIANT("pooled", run_pooled, "linked nodes of 16 bytes, in order",
                            .prepare = prepare_pooled),
                 CS_VARIANT("unrolled", run_unrolled, "fourteen numbers a node, nodes in random order",
                            .prepare = prepare_unrolled),
                 CS_VARIANT("array", run_array, "side by side", .prepare = prepare_array)},
    CS_STATE(struct sequence, setup),
    .check = check,
};
