/* A loop whose items take longer or shorter, shared out among threads beforehand or as they come to it. */
#include "schedule-imbalance.h"

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
    loop->n = cs_size(env, "n");
    loop->threads = env->threads;
    loop->own = cs_aligned_array(env, "a thread's own", loop->threads, struct own, 2 * CS_LINE);
    loop->answers = cs_answer(env, "answer", loop->n, uint64_t);
    uint64_t *seeds = cs_array(env, "seeds", loop->n, uint64_t);
    uint32_t *steps = cs_array(env, "steps", loop->n, uint32_t);
    for (size_t i = 0; i < loop->n; i++) {
        seeds[i] = cs_random_u64(&random);
        steps[i] =
            draw_steps((enum shape)cs_value(env, "shape"), i, loop->n, (uint64_t)cs_value(env, "steps"));
    }
    loop->seeds = seeds;
    loop->steps = steps;
    cs_work(env, loop->n, 0);
    cs_count(env, "busiest-steps", &loop->busiest);
    cs_count(env, "idlest-steps", &loop->idlest);
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

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct loop *loop = state;
    for (size_t i = 0; i < loop->n; i++)
        cs_expect(mismatch, "answer", i, loop->answers[i], jump(loop->seeds[i], loop->steps[i]));
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("schedule-imbalance", "item",
              "a loop whose items take longer or shorter, shared out among threads"),
    .parameters = {CS_NUMBER("n", "items", 1, 1 << 16, 1024, "items"),
                   CS_NUMBER("steps", "steps", 1, 10000, 256,
                             "of an item, on average; a multiplication and an addition each"),
                   CS_CHOICE("shape", RISING,
                             "flat: all items alike; rising: from few steps to twice the mean; falling",
                             "flat", "rising", "falling")},
    .variants = {CS_VARIANT("static", run_static, "equal parts beforehand: schedule(static)",
                            .flags = CS_PARALLEL),
                 CS_VARIANT("cyclic", run_cyclic, "item after item in turns, beforehand: schedule(static, 1)",
                            .flags = CS_PARALLEL),
                 CS_VARIANT("dynamic", run_dynamic, "who is done takes the next item: schedule(dynamic, 1)",
                            .flags = CS_PARALLEL | CS_UP_TO),
                 CS_VARIANT("chunked", run_chunked, "who is done takes the next 16: schedule(dynamic, 16)",
                            .flags = CS_PARALLEL | CS_UP_TO),
                 CS_VARIANT("guided", run_guided,
                            "who is done takes a share of what is left: schedule(guided)",
                            .flags = CS_PARALLEL | CS_UP_TO),
                 CS_VARIANT("stealing", run_stealing,
                            "equal parts beforehand; who is done takes half of another's rest",
                            .flags = CS_PARALLEL | CS_UP_TO)},
    .counters = {CS_COUNTER("busiest-steps", "step"), CS_COUNTER("idlest-steps", "step")},
    CS_STATE(struct loop, setup),
    .check = check,
};
