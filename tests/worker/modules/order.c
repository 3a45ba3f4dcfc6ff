/*
 * Counts, in every run, what a process began with: which variant ran first (1 or 2), and how far apart setup's
 * second and third block of memory lie.
 */
#include <countersign.h>

#include <stdlib.h>
#include <string.h>

struct state {
    uint64_t told[2], counted[2];
    uint32_t answer;
    void *blocks[3];
};

static void run_one(struct state *state, uint64_t number) {
    if (state->told[0] == 0)
        state->told[0] = number;
    for (int i = 0; i < 2; i++)
        state->counted[i] += state->told[i];
    state->answer = 7;
}

static void run_first(void *state) {
    run_one(state, 1);
}

static void run_second(void *state) {
    run_one(state, 2);
}

static int setup(const struct cs_env *env, void *data) {
    struct state *state = data;
    for (int i = 0; i < 3; i++)
        state->blocks[i] = cs_array(env, "block", 48, char);
    state->told[1] = (uint64_t)llabs((char *)state->blocks[2] - (char *)state->blocks[1]);
    return 0;
}

static int outputs(void *data, size_t variant, struct cs_output *outputs, size_t *count) {
    struct state *state = data;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "answer", .data = &state->answer, .count = 1, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    (void)state;
    work->items = 1;
}

static void count(const void *data, uint64_t *values) {
    const struct state *state = data;
    memcpy(values, state->counted, sizeof state->counted);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "order",
    .summary = "what a process began with, for tests",
    .item = "run",
    .variants = {{.name = "one", .run = run_first}, {.name = "two", .run = run_second}},
    .state_size = sizeof(struct state),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .counters = {{"first", "variant"}, {"distance", "byte"}},
    .count = count,
};
