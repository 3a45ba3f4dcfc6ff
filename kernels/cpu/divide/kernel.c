/* Quotients of numbers by a divisor that stays the same for a while, and that no compiler knows. */
#include "divide.h"

enum { PARAMETER_USES, PARAMETER_DIVISOR, PARAMETER_N };
enum { ANY, POWER_OF_TWO };

/* A divisor of 2 to 20 bits; of `any` the lowest bit is set, so that none is a power of two. */
static uint32_t draw_divisor(struct cs_random *random, int64_t kind) {
    uint32_t highest = UINT32_C(1) << (1 + cs_random_below(random, 19));
    return kind == POWER_OF_TWO ? highest : highest | cs_random_below(random, highest) | 1;
}

static int setup(const struct cs_env *env, void *state) {
    struct divide *divide = state;
    struct cs_random random = cs_random_seed(env->seed);
    size_t n = (size_t)env->value[PARAMETER_N];
    divide->uses = (size_t)env->value[PARAMETER_USES];
    divide->n = n > divide->uses ? n / divide->uses * divide->uses : divide->uses;
    divide->numbers = cs_array(env, "numbers", divide->n, uint32_t);
    divide->divisors = cs_array(env, "divisors", divide->n / divide->uses, uint32_t);
    divide->quotients = cs_array(env, "quotients", divide->n, uint32_t);
    for (size_t i = 0; i < divide->n; i++)
        divide->numbers[i] = (uint32_t)cs_random_u64(&random);
    for (size_t i = 0; i < divide->n / divide->uses; i++)
        divide->divisors[i] = draw_divisor(&random, env->value[PARAMETER_DIVISOR]);
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct divide *divide = state;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "quotient", .data = divide->quotients, .count = divide->n, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct divide *divide = state;
    *work = (struct cs_work){.items = (double)divide->n,
                             .bytes = (double)(2 * divide->n * sizeof *divide->numbers)};
}

/* By what a quotient is: the largest number of times that the divisor fits. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct divide *divide = state;
    (void)variant;
    for (size_t i = 0; i < divide->n; i++) {
        uint64_t divisor = divide->divisors[i / divide->uses], number = divide->numbers[i];
        uint64_t below = divide->quotients[i] * divisor;
        if (below > number || number - below >= divisor) {
            *mismatch = (struct cs_mismatch){.output = "quotient", .index = i};
            snprintf(mismatch->got, sizeof mismatch->got, "%u", divide->quotients[i]);
            snprintf(mismatch->expected, sizeof mismatch->expected, "%u / %u", (uint32_t)number,
                     (uint32_t)divisor);
            return CS_WRONG;
        }
    }
    return 0;
}

static const char *const divisors[] = {[ANY] = "any", [POWER_OF_TWO] = "power-of-two", NULL};

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "divide",
    .summary = "divide numbers by a divisor that stays for a while",
    .item = "division",
    .parameters =
        {
            {.name = "uses",
             .unit = "divisions",
             .min = 1,
             .max = 1 << 20,
             .def = 4096,
             .summary = "numbers that are divided by the same divisor"},
            {.name = "divisor", .choices = divisors, .def = ANY, .summary = "any: none is a power of two"},
            {.name = "n",
             .unit = "divisions",
             .min = 1,
             .max = 1 << 20,
             .def = 4096,
             .summary = "numbers of one run, a whole number of times `uses`"},
        },
    .variants =
        {
            {.name = "divide", .run = run_divide, .summary = "divides"},
            {.name = "reciprocal",
             .run = run_reciprocal,
             .summary = "divides once, then multiplies and shifts"},
            {.name = "power-of-two",
             .run = run_power_of_two,
             .summary = "shifts where the divisor is a power of two"},
        },
    .state_size = sizeof(struct divide),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "n",
};
