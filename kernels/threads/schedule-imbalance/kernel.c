/* A loop whose items take longer or shorter, shared out among threads beforehand or as they come to it. */
#include "schedule-imbalance.h"

#include <inttypes.h>

enum { PARAMETER_N, PARAMETER_STEPS, PARAMETER_SHAPE };

enum shape { FLAT, RISING, FALLING };

/* Of item `i`: `mean` on average, from next to nothing to twice that where it rises or falls. */
static uint32_t draw_steps(enum shape shape, size_t i, size_t n, uint64_t mean) {
    size_t place = shape == FALLING ? n - 1 - i : i;
    uint64_t steps = shape == FLAT ? mean : mean * (2 * place + 1) / n;
    return steps ? (uint32_t)steps : 1;
}

static int setup(const struct cs_env *env, void *state) {
    struct loop *loop = state;
    struct cs_random random = cs_random_seed(env->seed);
    loop->n = (size_t)env->value[PARAMETER_N];
    loop->threads = env->threads;
    loop->own = cs_aligned_array(env, "a thread's own", loop->threads, struct own, 2 * CS_LINE);
    loop->answers = cs_array(env, "answers", loop->n, uint64_t);
    uint64_t *seeds = cs_array(env, "seeds", loop->n, uint64_t);
    uint32_t *steps = cs_array(env, "steps", loop->n, uint32_t);
    for (size_t i = 0; i < loop->n; i++) {
        seeds[i] = cs_random_u64(&random);
        steps[i] = draw_steps((enum shape)env->value[PARAMETER_SHAPE], i, loop->n,
                              (uint64_t)env->value[PARAMETER_STEPS]);
    }
    loop->seeds = seeds;
    loop->steps = steps;
    return 0;
}

void count_steps(struct loop *loop) {
    uint64_t most = 0, least = UINT64_MAX;
    for (unsigned t = 0; t < loop->threads; t++) {
        uint64_t steps = loop->own[t].steps;
        most = steps > most ? steps : most;
        least = steps < least ? steps : least;
    }
    loop->busiest += most;
    loop->idlest += least;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct loop *loop = state;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "answer", .data = loop->answers, .count = loop->n, .type = CS_U64};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    *work = (struct cs_work){.items = (double)((const struct loop *)state)->n};
}

/*
 * All steps at once: a step doubled is a step again, with another factor and another addend (F. Brown, "Random
 * number generation with arbitrary strides", Trans. Am. Nucl. Soc. 71, 1994).
 */
static uint64_t jump(uint64_t x, uint64_t steps) {
    uint64_t multiply = STEP_MULTIPLY, add = STEP_ADD;
    for (; steps; steps >>= 1) {
        if (steps & 1)
            x = x * multiply + add;
        add *= multiply + 1;
        multiply *= multiply;
    }
    return x;
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct loop *loop = state;
    (void)variant;
    for (size_t i = 0; i < loop->n; i++) {
        uint64_t expected = jump(loop->seeds[i], loop->steps[i]);
        if (loop->answers[i] != expected)
            return cs_wrong(mismatch, "answer", i, "%" PRIu64, loop->answers[i], expected);
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct loop *loop = state;
    values[0] = loop->busiest;
    values[1] = loop->idlest;
}

static const char *const shapes[] = {"flat", "rising", "falling", NULL};

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "schedule-imbalance",
    .summary = "a loop whose items take longer or shorter, shared out among threads",
    .item = "item",
    .parameters = {{.name = "n", .unit = "items", .min = 1, .max = 1 << 16, .def = 1024, .summary = "items"},
                   {.name = "steps",
                    .unit = "steps",
                    .min = 1,
                    .max = 10000,
                    .def = 256,
                    .summary = "of an item, on average; a multiplication and an addition each"},
                   {.name = "shape",
                    .choices = shapes,
                    .def = RISING,
                    .summary = "flat: all items alike; rising: from few steps to twice the mean; falling"}},
    .variants = {{.name = "static",
                  .run = run_static,
                  .flags = CS_PARALLEL,
                  .summary = "equal parts beforehand: schedule(static)"},
                 {.name = "cyclic",
                  .run = run_cyclic,
                  .flags = CS_PARALLEL,
                  .summary = "item after item in turns, beforehand: schedule(static, 1)"},
                 {.name = "dynamic",
                  .run = run_dynamic,
                  .flags = CS_PARALLEL | CS_UP_TO,
                  .summary = "who is done takes the next item: schedule(dynamic, 1)"},
                 {.name = "chunked",
                  .run = run_chunked,
                  .flags = CS_PARALLEL | CS_UP_TO,
                  .summary = "who is done takes the next 16: schedule(dynamic, 16)"},
                 {.name = "guided",
                  .run = run_guided,
                  .flags = CS_PARALLEL | CS_UP_TO,
                  .summary = "who is done takes a share of what is left: schedule(guided)"},
                 {.name = "stealing",
                  .run = run_stealing,
                  .flags = CS_PARALLEL | CS_UP_TO,
                  .summary = "equal parts beforehand; who is done takes half of another's rest"}},
    .counters = {{.name = "busiest-steps", .unit = "step"}, {.name = "idlest-steps", .unit = "step"}},
    .state_size = sizeof(struct loop),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
};
