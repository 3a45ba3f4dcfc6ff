/* How often does each byte occur? One table of counters, or four that are added up in the end. */
#include "byte-counts.h"

enum { PARAMETER_N, PARAMETER_SKEW };

/* The frequent value with a probability of `skewed` percent, else any: the generator's next two numbers. */
static unsigned char draw(struct cs_random *random, uint32_t skewed) {
    uint32_t percent = cs_random_below(random, 100), value = cs_random_below(random, VALUES);
    return (unsigned char)(percent < skewed ? 'e' : value);
}

/* Most increments of one counter where byte i is counted in table i modulo `tables`. */
static uint64_t find_longest_chain(const struct byte_counts *input, size_t tables) {
    uint32_t counts[TABLES][VALUES] = {{0}}, longest = 0;
    for (size_t i = 0; i < input->n; i++) {
        uint32_t increments = ++counts[i % tables][input->bytes[i]];
        longest = increments > longest ? increments : longest;
    }
    return longest;
}

static int setup(const struct cs_env *env, void *state) {
    struct byte_counts *input = state;
    struct cs_random random = cs_random_seed(env->seed);
    input->seed = env->seed;
    input->n = (size_t)env->value[PARAMETER_N];
    input->skewed = (uint32_t)env->value[PARAMETER_SKEW];
    input->bytes = cs_array(env, "bytes", input->n, unsigned char);
    input->counts = cs_array(env, "counts", VALUES, uint32_t);
    for (size_t i = 0; i < input->n; i++)
        input->bytes[i] = draw(&random, input->skewed);
    input->longest_chain[VARIANT_ONE] = find_longest_chain(input, 1);
    input->longest_chain[VARIANT_FOUR] = find_longest_chain(input, TABLES);
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct byte_counts *input = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "count", .data = input->counts, .count = VALUES, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct byte_counts *input = state;
    *work = (struct cs_work){.items = (double)input->n, .bytes = (double)input->n};
}

/* The bytes are drawn again, and taken off; nothing must be left. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct byte_counts *input = state;
    struct cs_random random = cs_random_seed(input->seed);
    int64_t left[VALUES];
    (void)variant;
    for (size_t value = 0; value < VALUES; value++)
        left[value] = input->counts[value];
    for (size_t i = 0; i < input->n; i++)
        left[draw(&random, input->skewed)]--;
    for (size_t value = 0; value < VALUES; value++)
        if (left[value])
            return cs_wrong(mismatch, "count", value, "%lld", (long long)input->counts[value],
                            (long long)input->counts[value] - (long long)left[value]);
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct byte_counts *input = state;
    values[0] = 0;
    for (size_t variant = 0; variant < VARIANTS; variant++)
        values[0] += input->runs[variant] * input->longest_chain[variant];
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "byte-counts",
    .summary = "count how often each byte occurs",
    .item = "byte",
    .parameters = {{.name = "n",
                    .unit = "bytes",
                    .min = 1,
                    .max = 1 << 28,
                    .def = 16384,
                    .summary = "bytes that are counted"},
                   {.name = "skew",
                    .unit = "%",
                    .min = 0,
                    .max = 100,
                    .def = 0,
                    .summary = "bytes that are one frequent value; the others are random"}},
    .variants = {{.name = "one", .run = run_one, .summary = "one table"},
                 {.name = "four",
                  .prepare = prepare_four,
                  .run = run_four,
                  .summary = "four tables in turn, added up in the end"}},
    .counters = {{.name = "chain", .unit = "increment in the longest chain through one counter"}},
    .state_size = sizeof(struct byte_counts),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
};
