/* A kernel whose variants give right answers to whoever asks, and leave the work out of the timed runs. */
#include <countersign.h>

#include <stdlib.h>
#include <time.h>

#define MOST 65536
#define WORK_NS 15000 /* of a sample of 20 us */

#ifndef RESET_EACH_RUN
#define RESET_EACH_RUN 0
#endif

struct state {
    uint32_t input[MOST], answer[MOST];
    size_t n;
    uint64_t runs_left; /* in which a variant still works after a reset */
    uint64_t runs;      /* that it works for */
    int pending;        /* the answer is to be computed when it is asked for */
    uint64_t last_ns, shortest_ns;
};

__attribute__((noinline)) static void square(struct state *state) {
    for (size_t i = 0; i < state->n; i++)
        state->answer[i] = state->input[i] * state->input[i];
    __asm__ volatile("" ::: "memory");
}

static void run_square(void *state) {
    square(state);
}

/* Before reset, runs_left is 0: of timed runs none works. */
static void run_when_reset(void *data) {
    struct state *state = data;
    if (state->runs_left == 0)
        return;
    state->runs_left--;
    square(state);
}

static void run_later(void *data) {
    ((struct state *)data)->pending = 1;
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/*
 * Works after a reset, and if it was left alone for longer than from one run to the next: in the first run of
 * a stretch, for most of a sample, however fast the processor is.
 */
static void run_first(void *data) {
    struct state *state = data;
    uint64_t gap = now_ns() - state->last_ns;
    if (gap < state->shortest_ns)
        state->shortest_ns = gap;
    uint64_t start = now_ns();
    if (state->runs_left > 0 || 2 * gap > 3 * state->shortest_ns)
        do
            square(state);
        while (now_ns() - start < WORK_NS);
    state->runs_left = 0;
    state->last_ns = now_ns();
}

static int setup(const struct cs_env *env, void *data) {
    struct state *state = data;
    struct cs_random random = cs_random_seed(env->seed);
    state->n = (size_t)env->value[0];
    state->runs = (uint64_t)env->value[1];
    state->shortest_ns = UINT64_MAX / 2;
    for (size_t i = 0; i < state->n; i++)
        state->input[i] = (uint32_t)cs_random_u64(&random);
    return 0;
}

static void reset(void *data) {
    struct state *state = data;
    state->runs_left = state->runs;
}

static int outputs(void *data, size_t variant, struct cs_output *outputs, size_t *count) {
    struct state *state = data;
    (void)variant;
    if (state->pending)
        square(state);
    state->pending = 0;
    outputs[0] =
        (struct cs_output){.name = "answer", .data = state->answer, .count = state->n, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    work->items = (double)((const struct state *)state)->n;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "idle",
    .summary = "variants that do not work while they are timed, for tests",
    .item = "number",
    .parameters = {{.name = "n", .unit = "numbers", .min = 1, .max = MOST, .def = 4096},
                   {.name = "runs", .unit = "runs", .min = 1, .max = 1000000000, .def = 1}},
    .variants = {{.name = "square", .run = run_square, .summary = "well behaved"},
                 {.name = "again", .run = run_square, .summary = "the same again"},
                 {.name = "when-reset", .run = run_when_reset, .summary = "works after a reset alone"},
                 {.name = "later", .run = run_later, .summary = "works when its outputs are asked for"},
                 {.name = "first", .run = run_first, .summary = "works in the first of several runs"}},
    .state_size = sizeof(struct state),
    .setup = setup,
    .reset = reset,
    .reset_each_run = RESET_EACH_RUN,
    .outputs = outputs,
    .work = work,
};
