/* The same function twice: what a comparison says where there is nothing to find. */
#include "placebo.h"

#include <inttypes.h>

enum { PARAMETER_N };

/* Numbers before the first comes again: fewer, and the branch predictor knows them by heart. */
#define LEAST_POOL 262144

static int setup(const struct cs_env *env, void *state) {
    struct placebo *placebo = state;
    struct cs_random random = cs_random_seed(env->seed);
    placebo->n = (size_t)env->value[PARAMETER_N];
    placebo->pool_size = (LEAST_POOL + placebo->n - 1) / placebo->n * placebo->n;
    placebo->pool = cs_array(env, "numbers", placebo->pool_size, uint32_t);
    placebo->picked = cs_array(env, "odd numbers", placebo->n, uint32_t);
    for (size_t i = 0; i < placebo->pool_size; i++)
        placebo->pool[i] = (uint32_t)cs_random_u64(&random);
    return 0;
}

static void reset(void *state) {
    struct placebo *placebo = state;
    placebo->next = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct placebo *placebo = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "hash", .data = &placebo->hash, .count = 1, .type = CS_U64};
    outputs[1] = (struct cs_output){.name = "odd", .data = &placebo->odd, .count = 1, .type = CS_U32};
    *count = 2;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct placebo *placebo = state;
    *work = (struct cs_work){.items = (double)placebo->n};
}

static int report(struct cs_mismatch *mismatch, const char *output, size_t index, uint64_t got,
                  uint64_t expected) {
    return cs_wrong(mismatch, output, index, "%" PRIu64, got, expected);
}

/* Backwards: from the hash that was left, each step is undone, and the beginning has to come out. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct placebo *placebo = state;
    (void)variant;
    const uint32_t *window = placebo->pool + cs_last_window(placebo->next, placebo->n, placebo->pool_size);
    const uint64_t begin = UINT64_C(0xcbf29ce484222325);
    const uint64_t inverse = UINT64_C(0xce965057aff6957b); /* of 0x100000001b3 modulo 2^64 */
    uint64_t hash = placebo->hash;
    uint32_t left = placebo->odd;
    if (left > placebo->n)
        return report(mismatch, "odd", 0, left, placebo->n);
    for (size_t i = placebo->n; i-- > 0;) {
        if (window[i] % 2 == 1) {
            if (!left--)
                return report(mismatch, "odd", 0, placebo->odd, placebo->odd + 1);
            if (placebo->picked[left] != window[i])
                return report(mismatch, "picked", left, placebo->picked[left], window[i]);
            hash ^= hash >> 29 ^ hash >> 58;
        }
        hash = hash * inverse ^ window[i];
    }
    if (left)
        return report(mismatch, "odd", 0, placebo->odd, placebo->odd - left);
    return hash == begin ? 0 : report(mismatch, "hash, undone", 0, hash, begin);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "placebo",
    .summary = "the same function twice",
    .item = "number",
    .parameters = {{.name = "n",
                    .unit = "numbers",
                    .min = 1,
                    .max = 1 << 20,
                    .def = 4096,
                    .summary = "numbers of one run"}},
    .variants = {{.name = "one", .run = run_one, .summary = "hashes and counts"},
                 {.name = "other", .run = run_other, .summary = "the same text in another file"}},
    .state_size = sizeof(struct placebo),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "n",
};
