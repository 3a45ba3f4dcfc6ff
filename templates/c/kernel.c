/*
 * The kernel: the problem, its input, where the answer lies, and the variants. Each variant is a file of its
 * own, so that the compiler cannot optimize across them; a further one is a further file and a further entry
 * in .variants. countersign.h says everything about each field.
 */
#include <countersign.h>
#include <math.h>

#include "kernel.h"

/*
 * Makes the input of one point. env->value[0] is the first parameter; env->seed the only randomness. The
 * state and its arrays belong to the harness. What one variant alone needs is made by its .prepare.
 */
static int setup(const struct cs_env *env, void *state) {
    struct dot *dot = state;
    dot->count = (size_t)env->value[0];
    dot->left = cs_array(env, "left", dot->count, double);
    dot->right = cs_array(env, "right", dot->count, double);
    struct cs_random random = cs_random_seed(env->seed);
    for (size_t i = 0; i < dot->count; i++) {
        dot->left[i] = cs_random_unit(&random);
        dot->right[i] = cs_random_unit(&random);
    }
    long double expected = 0;
    for (size_t i = dot->count; i-- > 0;)
        expected += (long double)dot->left[i] * dot->right[i];
    dot->expected = (double)expected;
    return 0;
}

/* Where a variant leaves its answer. It is overwritten before each verified run, and compared after it. */
static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    (void)variant;
    struct dot *dot = state;
    outputs[0] = (struct cs_output){.name = "product", .data = &dot->product, .count = 1, .type = CS_F64};
    *count = 1;
    return 0;
}

/* The answer, computed another way than any variant does. May be left out. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    (void)variant;
    const struct dot *dot = state;
    if (fabs(dot->product - dot->expected) <= 4e-9 * fabs(dot->expected))
        return 0;
    return cs_wrong(mismatch, "product", 0, "%.17g", dot->product, dot->expected);
}

/* What one run does: items are what times and counters are given by. */
static void work(const void *state, struct cs_work *work) {
    const struct dot *dot = state;
    *work = (struct cs_work){.items = (double)dot->count,
                             .bytes = (double)(2 * dot->count * sizeof(double)),
                             .flops = (double)(2 * dot->count)};
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "@NAME@",
    .summary = "dot product of two arrays",
    .item = "element",
    .parameters = {{.name = "n", .unit = "elements", .min = 1, .max = 1 << 24, .def = 4096}},
    .variants = {{.name = "baseline", .run = run_baseline, .summary = "one sum"},
                 {.name = "candidate", .run = run_candidate, .summary = "four sums"}},
    /*
     * Another order of additions rounds otherwise. All terms are positive, so that each of two orders is off
     * by at most n half units in the last place: 2 * 2^24 * 2^-53, 3.7e-9. Leave .tolerance out, and answers
     * must be the same bit by bit.
     */
    .tolerance = 4e-9,
    .state_size = sizeof(struct dot),
    .setup = setup,
    .outputs = outputs,
    .check = check,
    .work = work,
};
