/* Quotients of numbers by a divisor that stays the same for a while, and that no compiler knows. */
#include "divide.h"

enum { ANY, POWER_OF_TWO };

/* A divisor of 2 to 20 bits; of `any` the lowest bit is set, so that none is a power of two. */
static uint32_t draw_divisor(struct cs_random *random, int64_t kind) {
    uint32_t highest = UINT32_C(1) << (1 + cs_random_below(random, 19));
    return kind == POWER_OF_TWO ? highest : highest | cs_random_below(random, highest) | 1;
}

static int setup(const struct cs_env *env, void *state) {
    struct divide *divide = state;
    struct cs_random random = cs_random_seed(env->seed);
    size_t n = cs_size(env, "n");
    divide->uses = cs_size(env, "uses");
    divide->n = n > divide->uses ? n / divide->uses * divide->uses : divide->uses;
    divide->numbers = cs_array(env, "numbers", divide->n, uint32_t);
    divide->divisors = cs_array(env, "divisors", divide->n / divide->uses, uint32_t);
    divide->quotients = cs_answer(env, "quotient", divide->n, uint32_t);
    cs_random_fill(&random, divide->numbers, divide->n);
    for (size_t i = 0; i < divide->n / divide->uses; i++)
        divide->divisors[i] = draw_divisor(&random, cs_value(env, "divisor"));
    cs_work(env, divide->n, 2 * divide->n * sizeof *divide->numbers);
    return 0;
}

/* By what a quotient is: the largest number of times that the divisor fits. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct divide *divide = state;
    for (size_t i = 0; i < divide->n; i++) {
        uint64_t divisor = divide->divisors[i / divide->uses], number = divide->numbers[i];
        uint64_t below = divide->quotients[i] * divisor;
        if (below > number || number - below >= divisor)
            return cs_wrong(mismatch, "quotient", i, "%u", divide->quotients[i],
                            (uint32_t)(number / divisor));
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("divide", "division", "divide numbers by a divisor that stays for a while"),
    .parameters = {CS_NUMBER("uses", "divisions", 1, 1 << 20, 4096,
                             "numbers that are divided by the same divisor"),
                   CS_CHOICE("divisor", ANY, "any: none is a power of two", "any", "power-of-two"),
                   CS_NUMBER("n", "divisions", 1, 1 << 20, 4096,
                             "numbers of one run, a whole number of times `uses`")},
    .variants = {CS_VARIANT("divide", run_divide, "divides"),
                 CS_VARIANT("reciprocal", run_reciprocal, "divides once, then multiplies and shifts"),
                 CS_VARIANT("power-of-two", run_power_of_two, "shifts where the divisor is a power of two")},
    CS_STATE(struct divide, setup),
    .check = check,
    .scale = "n",
};
