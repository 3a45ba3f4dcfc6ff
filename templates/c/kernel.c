/*
 * The kernel: the problem, its input, where the answer lies, and the variants. Each variant is a file of its
 * own, so that the compiler cannot optimize across them; a further one is a further file and a further entry
 * in .variants. countersign.h says everything about each field.
 */
#include <countersign.h>
#include <math.h>

#include "kernel.h"

/*
 * Makes the input of one point: parameters by their names, env->seed the only randomness. The state and its
 * arrays belong to the harness. What one variant alone needs is made by its .prepare.
 */
static int setup(const struct cs_env *env, void *state) {
    struct dot *dot = state;
    dot->count = cs_size(env, "n");
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
    /* Where variants leave their answer. It is overwritten before each verified run, and compared after it. */
    cs_output(env, "product", &dot->product, 1);
    /* What one run does: items, by which times and counters are given, and bytes. */
    cs_work(env, dot->count, 2 * dot->count * sizeof(double));
    cs_flops(env, 2 * (double)dot->count);
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

const struct cs_kernel cs_kernel = {
    CS_KERNEL("@NAME@", "element", "dot product of two arrays"),
    .parameters = {CS_NUMBER("n", "elements", 1, 1 << 24, 4096, "numbers in each array")},
    .variants = {CS_VARIANT("baseline", run_baseline, "one sum"),
                 CS_VARIANT("candidate", run_candidate, "four sums")},
    /*
     * Another order of additions rounds otherwise. All terms are positive, so that each of two orders is off
     * by at most n half units in the last place: 2 * 2^24 * 2^-53, 3.7e-9. Leave .tolerance out, and answers
     * must be the same bit by bit.
     */
    .tolerance = 4e-9,
    CS_STATE(struct dot, setup),
    .check = check,
};
