/* The dot product of two arrays, with one accumulator or several: floating-point sums keep their order. */
#include "dot.h"

enum { PARAMETER_N };

static double draw(struct cs_random *random) {
    return cs_random_below(random, 1024);
}

static int setup(const struct cs_env *env, void *state) {
    struct dot *dot = state;
    struct cs_random random = cs_random_seed(env->seed);
    dot->seed = env->seed;
    dot->n = (size_t)env->value[PARAMETER_N];
    dot->x = cs_array(env, "x", dot->n, double);
    dot->y = cs_array(env, "y", dot->n, double);
    for (size_t i = 0; i < dot->n; i++) {
        dot->x[i] = draw(&random);
        dot->y[i] = draw(&random);
    }
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct dot *dot = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "product", .data = &dot->product, .count = 1, .type = CS_F64};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct dot *dot = state;
    *work = (struct cs_work){.items = (double)dot->n,
                             .bytes = (double)(2 * dot->n * sizeof *dot->x),
                             .flops = (double)(2 * dot->n)};
}

/* In whole numbers, drawn again: below 2^20 each, so that 2^24 of them fit exactly. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct dot *dot = state;
    (void)variant;
    struct cs_random random = cs_random_seed(dot->seed);
    uint64_t expected = 0;
    for (size_t i = 0; i < dot->n; i++) {
        uint64_t x = cs_random_below(&random, 1024);
        expected += x * cs_random_below(&random, 1024);
    }
    if (dot->product == (double)expected)
        return 0;
    return cs_wrong(mismatch, "product", 0, "%.17g", dot->product, (double)expected);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "dot",
    .summary = "dot product of two arrays of doubles",
    .item = "element",
    .parameters = {{.name = "n",
                    .unit = "elements",
                    .min = 1,
                    .max = 1 << 24,
                    .def = 1024,
                    .summary = "elements of each array"}},
    .variants =
        {{.name = "one", .run = run_one, .summary = "one accumulator"},
         {.name = "unrolled", .run = run_unrolled, .summary = "one accumulator, eight elements a turn"},
         {.name = "two", .run = run_two, .summary = "two accumulators, eight elements a turn"},
         {.name = "four", .run = run_four, .summary = "four accumulators, eight elements a turn"},
         {.name = "eight", .run = run_eight, .summary = "eight accumulators, eight elements a turn"},
         {.name = "sixteen", .run = run_sixteen, .summary = "sixteen accumulators, sixteen a turn"},
         {.name = "reassociated", .run = run_reassociated, .summary = "as one, in any order of addition"},
         {.name = "vectors", .run = run_vectors, .summary = "eight vectors of four accumulators"}},
    .state_size = sizeof(struct dot),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "n",
};
