/* How often does each byte occur? One table of counters, or four that are added up in the end. */
#include "byte-counts.h"

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
    input->n = cs_size(env, "n");
    input->skewed = (uint32_t)cs_value(env, "skew");
    input->bytes = cs_array(env, "bytes", input->n, unsigned char);
    input->counts = cs_answer(env, "count", VALUES, uint32_t);
    for (size_t i = 0; i < input->n; i++)
        input->bytes[i] = draw(&random, input->skewed);
    input->longest_chain[VARIANT_ONE] = find_longest_chain(input, 1);
    input->longest_chain[VARIANT_FOUR] = find_longest_chain(input, TABLES);
    cs_work(env, input->n, input->n);
    return 0;
}

/* The bytes are drawn again, and taken off; nothing must be left. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct byte_counts *input = state;
    struct cs_random random = cs_random_seed(input->seed);
    int64_t left[VALUES];
    for (size_t value = 0; value < VALUES; value++)
        left[value] = input->counts[value];
    for (size_t i = 0; i < input->n; i++)
        left[draw(&random, input->skewed)]--;
    for (size_t value = 0; value < VALUES; value++)
        cs_expect(mismatch, "count", value, input->counts[value], input->counts[value] - left[value]);
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct byte_counts *input = state;
    values[0] = 0;
    for (size_t variant = 0; variant < VARIANTS; variant++)
        values[0] += input->runs[variant] * input->longest_chain[variant];
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("byte-counts", "byte", "count how often each byte occurs"),
    .parameters = {CS_NUMBER("n", "bytes", 1, 1 << 28, 16384, "bytes that are counted"),
                   CS_NUMBER("skew", "%", 0, 100, 0,
                             "bytes that are one frequent value; the others are random")},
    .variants = {CS_VARIANT("one", run_one, "one table"),
                 CS_VARIANT("four", run_four, "four tables in turn, added up in the end",
                            .prepare = prepare_four)},
    .counters = {CS_COUNTER("chain", "increment in the longest chain through one counter")},
    CS_STATE(struct byte_counts, setup),
    .check = check,
    .count = count,
};
