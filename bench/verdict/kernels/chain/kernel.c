#include "chain.h"

#include <countersign.h>
#include <inttypes.h>

static int setup(const struct cs_env *env, void *state) {
    struct cs_random random = cs_random_seed(env->seed);
    ((struct chain *)state)->start = cs_random_u64(&random);
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    (void)variant;
    struct chain *chain = state;
    outputs[0] = (struct cs_output){.name = "product", .data = &chain->product, .count = 1, .type = CS_U64};
    *count = 1;
    return 0;
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    (void)variant;
    const struct chain *chain = state;
    if (chain->product == chain->start)
        return 0;
    return cs_wrong(mismatch, "product", 0, "%" PRIu64, chain->product, chain->start);
}

static void work(const void *state, struct cs_work *work) {
    (void)state;
    *work = (struct cs_work){.items = 1};
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "chain",
    .summary = "dependent multiplications, with known differences in length",
    .item = "chain",
    .variants = {{.name = "base", .run = run_base, .summary = "4000 steps"},
                 {.name = "again", .run = run_again, .summary = "the same, compiled again"},
                 {.name = "quarter", .run = run_quarter, .summary = "0.25 % more steps"},
                 {.name = "one", .run = run_one, .summary = "1 % more steps"}},
    .state_size = sizeof(struct chain),
    .setup = setup,
    .outputs = outputs,
    .check = check,
    .work = work,
};
