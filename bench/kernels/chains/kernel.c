#include "chains.h"

#include <countersign.h>
#include <inttypes.h>

enum {
    ADD,
    ADD_2,
    ADD_3,
    ADD_9,
    ADD_NOPS,
    MULTIPLY,
    MULTIPLY_2,
    MULTIPLY_ADD_2,
    MULTIPLY_ADD_5,
    MULTIPLY_ADD_8
};

static uint64_t power(uint64_t base, uint64_t exponent) {
    uint64_t result = 1;
    for (; exponent; exponent /= 2, base *= base)
        if (exponent & 1)
            result *= base;
    return result;
}

static int setup(const struct cs_env *env, void *state) {
    struct chains *chains = state;
    struct cs_random random = cs_random_seed(env->seed);
    chains->blocks = (size_t)env->value[0];
    chains->start = cs_random_u64(&random) | 1;
    chains->step = cs_random_u64(&random) | 1;
    uint64_t steps = chains->blocks * CHAINS_STEP_COUNT;
    chains->right_sum = chains->start + steps * chains->step;
    chains->right_product = chains->start * power(chains->step, steps);
    return 0;
}

static uint64_t *answer_of(struct chains *chains, size_t variant) {
    return variant < MULTIPLY ? &chains->sum : &chains->product;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    outputs[0] =
        (struct cs_output){.name = "answer", .data = answer_of(state, variant), .count = 1, .type = CS_U64};
    *count = 1;
    return 0;
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    struct chains *chains = state;
    uint64_t got = *answer_of(chains, variant);
    uint64_t expected = variant < MULTIPLY ? chains->right_sum : chains->right_product;
    if (got == expected)
        return 0;
    return cs_wrong(mismatch, "answer", 0, "%" PRIu64, got, expected);
}

static void work(const void *state, struct cs_work *work) {
    const struct chains *chains = state;
    *work = (struct cs_work){.items = (double)chains->blocks};
}

static int is_chain_known(char *reason, size_t reason_size) {
#if defined(__x86_64__) || defined(__aarch64__)
    (void)reason;
    (void)reason_size;
    return 1;
#else
    snprintf(reason, reason_size, "its chains are written for x86-64 and 64-bit Arm");
    return 0;
#endif
}

static int is_multiplication_known(char *reason, size_t reason_size) {
#if defined(__x86_64__)
    (void)reason;
    (void)reason_size;
    return 1;
#else
    snprintf(reason, reason_size, "a 64-bit multiplication takes 3 to 5 cycles, by the core");
    return 0;
#endif
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "chains",
    .summary = "dependent instructions, alone and with others beside them: instructions a cycle are known",
    .item = "block",
    .parameters = {{.name = "n", .unit = "blocks", .min = 1, .max = 1 << 20, .def = 4096}},
    .variants = {[ADD] = {.name = "add", .run = run_add, .summary = "a chain of additions"},
                 [ADD_2] = {.name = "add-2", .run = run_add_2, .summary = "two side by side"},
                 [ADD_3] = {.name = "add-3", .run = run_add_3, .summary = "three"},
                 [ADD_9] = {.name = "add-9", .run = run_add_9, .summary = "nine: more than a core can do"},
                 [ADD_NOPS] = {.name = "add-nops",
                               .run = run_add_nops,
                               .summary = "one, and 15 empty instructions beside each addition"},
                 [MULTIPLY] = {.name = "multiply",
                               .run = run_multiply,
                               .summary = "a chain of multiplications",
                               .supported = is_multiplication_known},
                 [MULTIPLY_2] = {.name = "multiply-2",
                                 .run = run_multiply_2,
                                 .summary = "two side by side",
                                 .supported = is_multiplication_known},
                 [MULTIPLY_ADD_2] = {.name = "multiply-add-2",
                                     .run = run_multiply_add_2,
                                     .summary = "one, and two chains of additions",
                                     .supported = is_multiplication_known},
                 [MULTIPLY_ADD_5] = {.name = "multiply-add-5",
                                     .run = run_multiply_add_5,
                                     .summary = "one, and five chains of additions",
                                     .supported = is_multiplication_known},
                 [MULTIPLY_ADD_8] = {.name = "multiply-add-8",
                                     .run = run_multiply_add_8,
                                     .summary = "one, and eight chains of additions",
                                     .supported = is_multiplication_known}},
    .supported = is_chain_known,
    .state_size = sizeof(struct chains),
    .setup = setup,
    .outputs = outputs,
    .check = check,
    .work = work,
};
