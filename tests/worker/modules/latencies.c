/*
 * Records the latencies of its items, of which it can also tell how they were recorded: `marked` are those that found
 * the recorder on while they were counted, 0.
 */
#include <countersign.h>

#define ITEMS 100

struct state {
    struct cs_recorder *recorder, *small;
    uint64_t marked;
    volatile uint32_t answer;
};

static void run_items(struct state *state, struct cs_recorder *recorder, unsigned items, unsigned steps) {
    for (unsigned item = 0; item < items; item++) {
        uint64_t begun = cs_begin(recorder);
        state->marked += begun != 0;
        for (unsigned step = 0; step < steps; step++)
            state->answer = step;
        cs_end(recorder, begun);
    }
    state->answer = 7;
}

static void run_short(void *state) {
    run_items(state, ((struct state *)state)->recorder, ITEMS, 200);
}

static void run_long(void *state) {
    run_items(state, ((struct state *)state)->recorder, ITEMS, 2000);
}

static void run_none(void *state) {
    for (unsigned step = 0; step < 1000; step++)
        ((struct state *)state)->answer = step;
    ((struct state *)state)->answer = 7;
}

static void run_too_many(void *state) {
    run_items(state, ((struct state *)state)->small, ITEMS, 10);
}

static void run_misused(void *state) {
    run_none(state);
    cs_end(((struct state *)state)->recorder, 1);
}

static int setup(const struct cs_env *env, void *data) {
    struct state *state = data;
    state->recorder = cs_recorder(env, ITEMS);
    state->small = cs_recorder(env, ITEMS - 1);
    return 0;
}

static int outputs(void *data, size_t variant, struct cs_output *outputs, size_t *count) {
    struct state *state = data;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "answer", .data = (void *)&state->answer, .count = 1, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    (void)state;
    work->items = ITEMS;
}

static void count(const void *data, uint64_t *values) {
    values[0] = ((const struct state *)data)->marked;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "latencies",
    .summary = "records latencies, for tests",
    .item = "item",
    .variants = {{.name = "short", .run = run_short},
                 {.name = "long", .run = run_long},
                 {.name = "none", .run = run_none},
                 {.name = "too-many", .run = run_too_many},
                 {.name = "misused", .run = run_misused}},
    .counters = {{"marked", "item"}},
    .state_size = sizeof(struct state),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .count = count,
};
