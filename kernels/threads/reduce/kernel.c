/* reduce: one loop over an array, by one thread or by several. Unsigned words, so every order gives the same
 * bits. */
#include "reduce.h"

#include <countersign.h>

static int setup(const struct cs_env *env, void *opaque) {
    struct reduce_state *state = opaque;
    state->op = (enum reduce_op)cs_value(env, "op");
    state->n = cs_size(env, "n");
    state->threads = env->threads;
    state->seed = env->seed;
    if (state->op == REDUCE_MAP)
        state->y = cs_answer(env, "y", state->n, uint64_t);
    else
        cs_output(env, "total", &state->total, 1);
    uint64_t *x = cs_array(env, "x", state->n, uint64_t);
    struct cs_random random = cs_random_seed(env->seed);
    cs_random_fill(&random, x, state->n);
    state->x = x;
    size_t words = state->op == REDUCE_SUM ? state->n : 2 * state->n;
    cs_work(env, state->n, words * sizeof(uint64_t));
    return 0;
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
    cs_expect(mismatch, "total", 0, state->total, (high << 32) + low);
    return 0;
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
            cs_expect(mismatch, "y", i, state->y[i], mix(x));
    }
    return 0;
}

static int check(void *opaque, size_t variant, struct cs_mismatch *mismatch) {
    const struct reduce_state *state = opaque;
    return state->op == REDUCE_SUM ? check_sum(state, mismatch) : check_map(state, mismatch);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("reduce", "element",
              "add up an array, or apply a function to each element, with one thread or several"),
    .parameters =
        {CS_CHOICE("op", REDUCE_SUM,
                   "reduce: 64-bit sum, bound by memory; map: y[i] = mix(x[i]), some arithmetic an element",
                   "reduce", "map"),
         CS_NUMBER("n", "elements", 1, 1 << 26, 1 << 20, "64-bit words in the array")},
    .variants = {CS_VARIANT("serial", run_serial, "one vectorized loop"),
                 CS_VARIANT("openmp", run_openmp, "parallel for, static schedule, at every n",
                            .flags = CS_PARALLEL),
                 CS_VARIANT("guarded", run_guarded, "parallel for from 65,536 elements on, one thread below",
                            .flags = CS_PARALLEL | CS_UP_TO)},
    CS_STATE(struct reduce_state, setup),
    .check = check,
};
