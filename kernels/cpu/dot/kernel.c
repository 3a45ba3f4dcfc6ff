/* The dot product of two arrays, with one accumulator or several: floating-point sums keep their order. */
#include "dot.h"

static double draw(struct cs_random *random) {
    return cs_random_below(random, 1024);
}

static int setup(const struct cs_env *env, void *state) {
    struct dot *dot = state;
    struct cs_random random = cs_random_seed(env->seed);
    dot->seed = env->seed;
    dot->n = cs_size(env, "n");
    dot->x = cs_array(env, "x", dot->n, double);
    dot->y = cs_array(env, "y", dot->n, double);
    for (size_t i = 0; i < dot->n; i++) {
        dot->x[i] = draw(&random);
        dot->y[i] = draw(&random);
    }
    cs_output(env, "product", &dot->product, 1);
    cs_work(env, dot->n, 2 * dot->n * sizeof *dot->x);
    cs_flops(env, (double)(2 * dot->n));
    return 0;
}

/* In whole numbers, drawn again: below 2^20 each, so that 2^24 of them fit exactly. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct dot *dot = state;
    struct cs_random random = cs_random_seed(dot->seed);
    uint64_t expected = 0;
    for (size_t i = 0; i < dot->n; i++) {
        uint64_t x = cs_random_below(&random, 1024);
        expected += x * cs_random_below(&random, 1024);
    }
    cs_expect(mismatch, "product", 0, dot->product, (double)expected);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("dot", "element", "dot product of two arrays of doubles"),
    .parameters = {CS_NUMBER("n", "elements", 1, 1 << 24, 1024, "elements of each array")},
    .variants = {CS_VARIANT("one", run_one, "one accumulator"),
                 CS_VARIANT("unrolled", run_unrolled, "one accumulator, eight elements a turn"),
                 CS_VARIANT("two", run_two, "two accumulators, eight elements a turn"),
                 CS_VARIANT("four", run_four, "four accumulators, eight elements a turn"),
                 CS_VARIANT("eight", run_eight, "eight accumulators, eight elements a turn"),
                 CS_VARIANT("sixteen", run_sixteen, "sixteen accumulators, sixteen a turn"),
                 CS_VARIANT("reassociated", run_reassociated, "as one, in any order of addition"),
                 CS_VARIANT("vectors", run_vectors, "vectors of accumulators, 32 in all")},
    CS_STATE(struct dot, setup),
    .check = check,
    .scale = "n",
};
