/* A kernel whose variants misbehave, one way each, after `after` good runs. */
#include <countersign.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ITEMS 256

struct state {
    uint32_t input[ITEMS], answer[ITEMS];
    uint64_t runs_left;
    uint64_t squares;
};

static void square(struct state *state) {
    for (int i = 0; i < ITEMS; i++)
        state->answer[i] = state->input[i] * state->input[i];
    state->squares += ITEMS;
}

/* Whether the variant may still behave. */
static int is_good(struct state *state) {
    square(state);
    if (state->runs_left == 0)
        return 0;
    state->runs_left--;
    return 1;
}

/* Not static: the machine code of a symbol with a size can be hashed. */
void run_square(void *state);
void run_square(void *state) {
    square(state);
}

/* The same work again, in code of its own. */
__attribute__((noinline)) static void square_twice(struct state *state) {
    square(state);
    __asm__ volatile("" ::: "memory");
    square(state);
}

static void run_slow(void *state) {
    square_twice(state);
}

static void run_wrong(void *data) {
    struct state *state = data;
    if (!is_good(state))
        state->answer[17] ^= 1;
}

static void run_idle(void *data) {
    if (((struct state *)data)->runs_left == 0)
        return;
    is_good(data);
}

static void run_crash(void *state) {
    if (!is_good(state))
        *(volatile int *)NULL = 1;
}

static void run_abort(void *state) {
    if (!is_good(state)) {
        fputs("some output\nassertion failed: the heap is on fire\n", stderr);
        abort();
    }
}

static void run_hang(void *state) {
    if (!is_good(state))
        for (;;)
            pause();
}

static void run_exit(void *state) {
    if (!is_good(state))
        _exit(7);
}

static void run_eat(void *state) {
    if (is_good(state))
        return;
    for (;;) {
        char *piece = malloc(1 << 22);
        memset(piece, 1, 1 << 22);
        __asm__ volatile("" ::"r"(piece) : "memory");
    }
}

static void run_fork(void *state) {
    if (!is_good(state) && fork() == 0)
        for (;;)
            pause();
}

static int never(char *reason, size_t size) {
    snprintf(reason, size, "needs a processor from the future");
    return 0;
}

static int setup(const struct cs_env *env, void *data) {
    if (env->value[1])
        return cs_fail(env, ENOSPC, "asked to fail");
    struct state *state = data;
    struct cs_random random = cs_random_seed(env->seed);
    for (int i = 0; i < ITEMS; i++)
        state->input[i] = (uint32_t)cs_random_u64(&random);
    state->runs_left = (uint64_t)env->value[0];
    return 0;
}

static int outputs(void *data, size_t variant, struct cs_output *outputs, size_t *count) {
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

static void count(const void *state, uint64_t *values) {
    values[0] = ((const struct state *)state)->squares;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "hostile",
    .summary = "variants that misbehave, for tests",
    .item = "number",
    .parameters = {{.name = "after", .unit = "runs", .min = 0, .max = 1000000000, .def = 0},
                   {.name = "setup-fails", .unit = "", .min = 0, .max = 1, .def = 0}},
    .variants = {{.name = "square", .run = run_square, .summary = "well behaved"},
                 {.name = "same", .run = run_square, .summary = "the very same function"},
                 {.name = "slow", .run = run_slow, .summary = "does the work twice"},
                 {.name = "wrong", .run = run_wrong, .summary = "one wrong element"},
                 {.name = "idle", .run = run_idle, .summary = "does nothing"},
                 {.name = "crash", .run = run_crash, .summary = "writes to address 0"},
                 {.name = "abort", .run = run_abort, .summary = "says why and aborts"},
                 {.name = "hang", .run = run_hang, .summary = "waits for ever"},
                 {.name = "exit", .run = run_exit, .summary = "ends the process"},
                 {.name = "eat", .run = run_eat, .summary = "takes all memory"},
                 {.name = "fork", .run = run_fork, .summary = "leaves children behind"},
                 {.name = "never", .run = run_square, .summary = "cannot run here", .supported = never}},
    .counters = {{.name = "squares", .unit = "square"}},
    .state_size = sizeof(struct state),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .count = count,
};
