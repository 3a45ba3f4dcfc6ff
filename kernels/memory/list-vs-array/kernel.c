/* The sum of a stretch of a sequence: its numbers are in nodes anywhere, in nodes in order, or side by side. */
#include "list-vs-array.h"

enum { PARAMETER_N, PARAMETER_LENGTH };

static int setup(const struct cs_env *env, void *state) {
    struct sequence *sequence = state;
    struct cs_random random = cs_random_seed(env->seed);
    size_t n = (size_t)env->value[PARAMETER_N], length = (size_t)env->value[PARAMETER_LENGTH];
    sequence->length = length < n ? length : n;
    sequence->n = n = (n + sequence->length - 1) / sequence->length * sequence->length;
    uint64_t *values = cs_array(env, "numbers", n, uint64_t);
    uint32_t *shuffle = cs_array(env, "places", n, uint32_t);
    for (size_t i = 0; i < n; i++) {
        values[i] = cs_random_u64(&random);
        shuffle[i] = (uint32_t)i;
    }
    cs_random_shuffle(&random, shuffle, n);
    sequence->values = values;
    sequence->shuffle = shuffle;
    return 0;
}

static void reset(void *state) {
    struct sequence *sequence = state;
    sequence->next = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct sequence *sequence = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "sum", .data = &sequence->total, .count = 1, .type = CS_U64};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct sequence *sequence = state;
    *work = (struct cs_work){.items = (double)sequence->length,
                             .bytes = (double)(sequence->length * sizeof *sequence->values)};
}

/* From the numbers as they were drawn, which no layout holds, from the last to the first. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct sequence *sequence = state;
    (void)variant;
    size_t start = cs_last_window(sequence->next, sequence->length, sequence->n);
    uint64_t rest = sequence->total;
    for (size_t i = start + sequence->length; i > start; i--)
        rest -= sequence->values[i - 1];
    if (rest == 0)
        return 0;
    return cs_wrong(mismatch, "sum, less all numbers", 0, "%llu", (unsigned long long)rest, 0ULL);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "list-vs-array",
    .summary = "add up a stretch of a long sequence",
    .item = "number",
    .parameters = {{.name = "n",
                    .unit = "numbers",
                    .min = 16,
                    .max = 1 << 24,
                    .def = 16384,
                    .summary = "numbers of the sequence, rounded up to whole stretches"},
                   {.name = "length",
                    .unit = "numbers",
                    .min = 1,
                    .max = 65536,
                    .def = 1024,
                    .summary = "numbers of a stretch, which a run adds up"}},
    .variants = {{.name = "list",
                  .prepare = prepare_list,
                  .run = run_list,
                  .summary = "linked nodes of 32 bytes, in random order"},
                 {.name = "pooled",
                  .prepare = prepare_pooled,
                  .run = run_pooled,
                  .summary = "linked nodes of 16 bytes, in order"},
                 {.name = "unrolled",
                  .prepare = prepare_unrolled,
                  .run = run_unrolled,
                  .summary = "fourteen numbers a node, nodes in random order"},
                 {.name = "array", .prepare = prepare_array, .run = run_array, .summary = "side by side"}},
    .state_size = sizeof(struct sequence),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
};
