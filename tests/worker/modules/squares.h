/* What the kernels of misbehaving variants share: squares of some numbers, right for `after` runs. */
#include <countersign.h>

#include <stdlib.h>

#define ITEMS 256

#ifndef STATE_MORE
#define STATE_MORE
#endif

struct state {
    uint32_t input[ITEMS], answer[ITEMS];
    uint64_t runs_left;
    STATE_MORE /* fields of one kernel alone */
};

static inline void square(struct state *state) {
    for (int i = 0; i < ITEMS; i++)
        state->answer[i] = state->input[i] * state->input[i];
    __asm__ volatile("" ::: "memory");
}

/* Does the work; whether the variant may still behave. */
static inline int is_good(struct state *state) {
    square(state);
    if (state->runs_left == 0)
        return 0;
    state->runs_left--;
    return 1;
}

static void run_square(void *state) {
    square(state);
}

static int setup(const struct cs_env *env, void *data) {
    struct state *state = data;
    struct cs_random random = cs_random_seed(env->seed);
    for (int i = 0; i < ITEMS; i++)
        state->input[i] = (uint32_t)cs_random_u64(&random);
    state->runs_left = (uint64_t)env->value[0];
    return 0;
}

static inline int outputs(void *data, size_t variant, struct cs_output *outputs, size_t *count) {
    struct state *state = data;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "answer", .data = state->answer, .count = ITEMS, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    (void)state;
    work->items = ITEMS;
}

#define SQUARES                                                                                              \
    .item = "number", .parameters = {{.name = "after", .unit = "runs", .max = 1000000000}},                  \
    .state_size = sizeof(struct state), .setup = setup, .outputs = outputs, .work = work
