/* The same function twice: what a comparison says where there is nothing to find. */
#include "placebo.h"

#include <inttypes.h>

/* Numbers before the first comes again: fewer, and the branch predictor knows them by heart. */
#define LEAST_POOL 262144

static int setup(const struct cs_env *env, void *state) {
    struct placebo *placebo = state;
    struct cs_random random = cs_random_seed(env->seed);
    placebo->n = cs_size(env, "n");
    placebo->pool_size = cs_windows(env, &placebo->next, LEAST_POOL, placebo->n);
    placebo->pool = cs_array(env, "numbers", placebo->pool_size, uint32_t);
    placebo->picked = cs_array(env, "odd numbers", placebo->n, uint32_t);
    cs_random_fill(&random, placebo->pool, placebo->pool_size);
    cs_output(env, "hash", &placebo->hash, 1);
    cs_output(env, "odd", &placebo->odd, 1);
    cs_work(env, placebo->n, 0);
    return 0;
}

static int report(struct cs_mismatch *mismatch, const char *output, size_t index, uint64_t got,
                  uint64_t expected) {
    return cs_wrong(mismatch, output, index, "%" PRIu64, got, expected);
}

/* Backwards: from the hash that was left, each step is undone, and the beginning has to come out. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct placebo *placebo = state;
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
    CS_KERNEL("placebo", "number", "the same function twice"),
    .parameters = {CS_NUMBER("n", "numbers", 1, 1 << 20, 4096, "numbers of one run")},
    .variants = {CS_VARIANT("one", run_one, "hashes and counts"),
                 CS_VARIANT("other", run_other, "the same text in another file")},
    CS_STATE(struct placebo, setup),
    .check = check,
    .scale = "n",
};
