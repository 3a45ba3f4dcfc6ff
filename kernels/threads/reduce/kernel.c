/* reduce: one loop over an array, by one thread or by several. Unsigned words, so every order gives the same
 * bits. */
#include "reduce.h"

#include <countersign.h>
#include <inttypes.h>

enum { PARAMETER_OP, PARAMETER_N };

static int setup(const struct cs_env *env, void *opaque) {
    struct reduce_state *state = opaque;
    state->op = (enum reduce_op)env->value[PARAMETER_OP];
    state->n = (size_t)env->value[PARAMETER_N];
    state->threads = env->threads;
    state->seed = env->seed;
    state->y = state->op == REDUCE_MAP ? cs_array(env, "y", state->n, uint64_t) : NULL;
    uint64_t *x = cs_array(env, "x", state->n, uint64_t);
    struct cs_random random = cs_random_seed(env->seed);
    for (size_t i = 0; i < state->n; i++)
        x[i] = cs_random_u64(&random);
    state->x = x;
    return 0;
}

static int outputs(void *opaque, size_t variant, struct cs_output *outputs, size_t *count) {
    struct reduce_state *state = opaque;
    (void)variant;
    if (state->op == REDUCE_SUM)
        outputs[0] = (struct cs_output){.name = "total", .data = &state->total, .count = 1, .type = CS_U64};
    else
        outputs[0] = (struct cs_output){.name = "y", .data = state->y, .count = state->n, .type = CS_U64};
    *count = 1;
    return 0;
}

static void work(const void *opaque, struct cs_work *work) {
    const struct reduce_state *state = opaque;
    size_t words = state->op == REDUCE_SUM ? state->n : 2 * state->n;
    *work = (struct cs_work){.items = (double)state->n, .bytes = (double)(words * sizeof(uint64_t))};
}

static int report_mismatch(struct cs_mismatch *mismatch, const char *output, size_t index, uint64_t got,
                           uint64_t expected) {
    return cs_wrong(mismatch, output, index, "%" PRIu64, got, expected);
}

/* The halves of the words are added apart and put together at the end. */
static int check_sum(const struct reduce_state *state, struct cs_mismatch *mismatch) {
    struct cs_random random = cs_random_seed(state->seed);
    uint64_t low = 0, high = 0;
    for (size_t i = 0; i < state->n; i++) {
        uint64_t word = cs_random_u64(&random);
        low += (uint32_t)word;
        high += word >> 32;
    }
    uint64_t expected = (high << 32) + low;
    if (state->total == expected)
        return 0;
    return report_mismatch(mismatch, "total", 0, state->total, expected);
}

/* Inverse of z ^ (z >> shift). */
static uint64_t undo_shift(uint64_t z, unsigned shift) {
    uint64_t result = z;
    for (unsigned known = shift; known < 64; known += shift)
        result = z ^ (result >> shift);
    return result;
}

/* Inverse of an odd word modulo 2^64, by Newton's iteration: each step doubles the bits that are right. */
static uint64_t invert_odd(uint64_t word) {
    uint64_t inverse = word;
    for (int bits = 3; bits < 64; bits *= 2)
        inverse *= 2 - word * inverse;
    return inverse;
}

/* mix is a bijection: what it made is taken back and compared with the input drawn anew. */
static int check_map(const struct reduce_state *state, struct cs_mismatch *mismatch) {
    struct cs_random random = cs_random_seed(state->seed);
    uint64_t undo_second = invert_odd(MIX_SECOND), undo_first = invert_odd(MIX_FIRST);
    for (size_t i = 0; i < state->n; i++) {
        uint64_t z = undo_shift(state->y[i], 31) * undo_second;
        z = undo_shift(z, 27) * undo_first;
        z = undo_shift(z, 30);
        uint64_t x = cs_random_u64(&random);
        if (z != x)
            return report_mismatch(mismatch, "y", i, state->y[i], mix(x));
    }
    return 0;
}

static int check(void *opaque, size_t variant, struct cs_mismatch *mismatch) {
    const struct reduce_state *state = opaque;
    (void)variant;
    return state->op == REDUCE_SUM ? check_sum(state, mismatch) : check_map(state, mismatch);
}

static const char *const op_names[] = {"reduce", "map", NULL};

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "reduce",
    .summary = "add up an array, or apply a function to each element, with one thread or several",
    .item = "element",
    .parameters =
        {{.name = "op",
          .choices = op_names,
          .def = REDUCE_SUM,
          .summary =
              "reduce: 64-bit sum, bound by memory; map: y[i] = mix(x[i]), some arithmetic an element"},
         {.name = "n",
          .unit = "elements",
          .min = 1,
          .max = 1 << 26,
          .def = 1 << 20,
          .summary = "64-bit words in the array"}},
    .variants = {{.name = "serial", .run = run_serial, .summary = "one vectorized loop"},
                 {.name = "openmp",
                  .run = run_openmp,
                  .summary = "parallel for, static schedule, at every n",
                  .flags = CS_PARALLEL},
                 {.name = "guarded",
                  .run = run_guarded,
                  .summary = "parallel for from 65,536 elements on, one thread below",
                  .flags = CS_PARALLEL | CS_UP_TO}},
    .state_size = sizeof(struct reduce_state),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
};
