/* A loop over an array, counted up or down. */
#include "count-down.h"

static int setup(const struct cs_env *env, void *state) {
    struct count_down *sum = state;
    struct cs_random random = cs_random_seed(env->seed);
    sum->seed = env->seed;
    sum->n = cs_size(env, "n");
    sum->numbers = cs_array(env, "numbers", sum->n, uint32_t);
    cs_random_fill(&random, sum->numbers, sum->n);
    cs_output(env, "total", &sum->total, 1);
    cs_work(env, sum->n, sum->n * sizeof *sum->numbers);
    return 0;
}

/* Drawn again, the halves of the numbers apart. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct count_down *sum = state;
    struct cs_random random = cs_random_seed(sum->seed);
    uint64_t low = 0, high = 0;
    for (size_t i = 0; i < sum->n; i++) {
        uint32_t number = (uint32_t)cs_random_u64(&random);
        low += number & 0xffff;
        high += number >> 16;
    }
    uint32_t expected = (uint32_t)((high << 16) + low);
    cs_expect(mismatch, "total", 0, sum->total, expected);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("count-down", "number", "add up an array, counting up or down"),
    .parameters = {CS_NUMBER("n", "numbers", 1, 1 << 24, 4096, "numbers")},
    .variants = {CS_VARIANT("up", run_up, "from the first to the last"),
                 CS_VARIANT("down", run_down, "from the last to the first"),
                 CS_VARIANT("left", run_left, "from the first to the last, counting what is left")},
    CS_STATE(struct count_down, setup),
    .check = check,
    .scale = "n",
};
