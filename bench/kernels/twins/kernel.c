#include "loops.h"

#include <countersign.h>
#include <inttypes.h>

/* 4 MiB: far more random bits than a branch predictor keeps. */
#define LEAST_VALUES ((size_t)1 << 20)

enum { CHAIN, CHAIN_AGAIN, SUM, SUM_AGAIN, BRANCHES, BRANCHES_AGAIN, BRANCHES_MOVED };

static uint64_t power(uint64_t base, uint64_t exponent) {
    uint64_t result = 1;
    for (; exponent; exponent /= 2, base *= base)
        if (exponent & 1)
            result *= base;
    return result;
}

static int setup(const struct cs_env *env, void *state) {
    struct twins *twins = state;
    struct cs_random random = cs_random_seed(env->seed);
    twins->n = (size_t)env->value[0];
    twins->count = (LEAST_VALUES + twins->n - 1) / twins->n * twins->n;
    twins->start = cs_random_u64(&random) | 1;
    twins->values = cs_array(env, "values", twins->count, uint32_t);
    for (size_t i = 0; i < twins->count; i++)
        twins->values[i] = (uint32_t)cs_random_u64(&random);
    for (size_t i = 0; i < twins->n; i++) {
        uint64_t value = twins->values[i], odd = value & 1;
        twins->right_sum += value;
        twins->right_balance += (2 * odd - 1) * value;
    }
    twins->right_product = twins->start * power(TWINS_MULTIPLIER, twins->n);
    return 0;
}

static void reset(void *state) {
    ((struct twins *)state)->position = 0;
}

static uint64_t *answer_of(struct twins *twins, size_t variant) {
    return variant <= CHAIN_AGAIN ? &twins->product : variant <= SUM_AGAIN ? &twins->sum : &twins->balance;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    outputs[0] =
        (struct cs_output){.name = "answer", .data = answer_of(state, variant), .count = 1, .type = CS_U64};
    *count = 1;
    return 0;
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    struct twins *twins = state;
    uint64_t got = *answer_of(twins, variant);
    uint64_t expected = variant <= CHAIN_AGAIN ? twins->right_product
                        : variant <= SUM_AGAIN ? twins->right_sum
                                               : twins->right_balance;
    if (got == expected)
        return 0;
    return cs_wrong(mismatch, "answer", 0, "%" PRIu64, got, expected);
}

static void work(const void *state, struct cs_work *work) {
    const struct twins *twins = state;
    *work = (struct cs_work){.items = (double)twins->n};
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "twins",
    .summary = "the same loop twice: what must come out equivalent",
    .item = "step",
    .parameters = {{.name = "n", .unit = "steps", .min = 1, .max = 1 << 24, .def = 4096}},
    .variants = {[CHAIN] = {.name = "chain", .run = run_chain, .summary = "dependent multiplications"},
                 [CHAIN_AGAIN] = {.name = "chain-again", .run = run_chain_again, .summary = "its twin"},
                 [SUM] = {.name = "sum", .run = run_sum, .summary = "sum of an array"},
                 [SUM_AGAIN] = {.name = "sum-again", .run = run_sum_again, .summary = "its twin"},
                 [BRANCHES] = {.name = "branches", .run = run_branches, .summary = "a branch on random bits"},
                 [BRANCHES_AGAIN] = {.name = "branches-again",
                                     .run = run_branches_again,
                                     .summary = "its twin"},
                 [BRANCHES_MOVED] = {.name = "branches-moved",
                                     .run = run_branches_moved,
                                     .summary = "at another offset in its page"}},
    .state_size = sizeof(struct twins),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .check = check,
    .work = work,
};
