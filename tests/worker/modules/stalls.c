/* Requests that are served at once, or that now and then are not: what a load has to show. */
#include <time.h>

#define STATE_MORE                                                                                           \
    uint64_t runs;                                                                                           \
    int error;
#include "squares.h"

#define STALL_EACH 125 /* runs */
#define FAIL_EACH 10

static void sleep_ms(long ms) {
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

/* Long enough for who asks after each run whether it failed. */
static void run_steady(void *state) {
    for (int i = 0; i < 100; i++)
        square(state);
}

static void run_stalls(void *data) {
    struct state *state = data;
    run_steady(state);
    if (++state->runs % STALL_EACH == 0)
        sleep_ms(50);
}

static void run_slow(void *data) {
    run_steady(data);
    sleep_ms(4);
}

static void run_fails(void *data) {
    struct state *state = data;
    run_steady(state);
    if (++state->runs % FAIL_EACH == 0)
        state->error = -EIO;
}

static void reset(void *data) {
    struct state *state = data;
    state->runs = 0;
}

static int setup_watched(const struct cs_env *env, void *data) {
    struct state *state = data;
    cs_output(env, "answer", state->answer, ITEMS);
    cs_run_error(env, &state->error);
    return setup(env, data);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "stalls",
    .summary = "serves some requests late, or not, for tests",
    .item = "number",
    .parameters = {{.name = "after", .unit = "runs", .max = 1000000000}},
    .state_size = sizeof(struct state),
    .setup = setup_watched,
    .work = work,
    .reset = reset,
    .variants = {{.name = "steady", .run = run_steady},
                 {.name = "stalls", .run = run_stalls},
                 {.name = "slow", .run = run_slow},
                 {.name = "fails", .run = run_fails}},
};
