/* A kernel whose variants prepare what they need, or fail at it, one way each. */
#include <countersign.h>

#include <stdlib.h>
#include <string.h>

#define ITEMS 256
#define TABLE (1 << 17) /* words: 1 MiB */
#define KEPT 300000     /* bytes */
#define BLOCKS 3        /* that a run of `heap` takes and gives back */

struct state {
    uint32_t input[ITEMS], answer[ITEMS];
    uint64_t *table;
    char *kept;
    int prepared, late, early; /* which of the two came first */
};

static void square(struct state *state) {
    for (int i = 0; i < ITEMS; i++)
        state->answer[i] = state->input[i] * state->input[i];
    __asm__ volatile("" ::: "memory");
}

static void run_plain(void *state) {
    square(state);
}

static int prepare_table(const struct cs_env *env, void *data) {
    struct state *state = data;
    uint64_t *half = cs_array(env, "half", TABLE / 2, uint64_t);
    state->table = cs_array(env, "table", TABLE, uint64_t);
    cs_free(env, half);
    for (size_t i = 0; i < TABLE; i++)
        state->table[i] = (uint32_t)(i * i);
    return 0;
}

static void run_table(void *data) {
    struct state *state = data;
    for (int i = 0; i < ITEMS; i++)
        state->answer[i] = state->input[i] < TABLE ? (uint32_t)state->table[state->input[i]] : 0;
}

static int prepare_heap(const struct cs_env *env, void *data) {
    struct state *state = data;
    state->kept = malloc(KEPT);
    if (!state->kept)
        return cs_fail(env, ENOMEM, "no memory to keep");
    memset(state->kept, 1, KEPT);
    return 0;
}

static void run_heap(void *data) {
    struct state *state = data;
    void *blocks[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(100000);
        __asm__ volatile("" ::"r"(blocks[i]) : "memory");
    }
    square(state);
    for (int i = 0; i < BLOCKS; i++)
        free(blocks[i]);
}

static void release_heap(void *data) {
    struct state *state = data;
    free(state->kept);
}

static int prepare_refusing(const struct cs_env *env, void *state) {
    (void)state;
    return cs_fail(env, ENOSPC, "asked to fail");
}

static int prepare_giant(const struct cs_env *env, void *data) {
    struct state *state = data;
    state->table = cs_array(env, "all there is", (size_t)1 << 50, uint64_t);
    return 0;
}

static int prepare_crashing(const struct cs_env *env, void *state) {
    (void)env, (void)state;
    *(volatile int *)NULL = 1;
    return 0;
}

static int prepare_late(const struct cs_env *env, void *data) {
    struct state *state = data;
    (void)env;
    state->late = ++state->prepared;
    return 0;
}

static int prepare_early(const struct cs_env *env, void *data) {
    struct state *state = data;
    (void)env;
    state->early = ++state->prepared;
    return 0;
}

/* Wrong in processes in which it was prepared first. */
static void run_late(void *data) {
    struct state *state = data;
    square(state);
    state->answer[0] ^= state->late < state->early;
}

static void run_early(void *data) {
    struct state *state = data;
    square(state);
    state->answer[0] ^= state->early < state->late;
}

static int setup(const struct cs_env *env, void *data) {
    struct state *state = data;
    struct cs_random random = cs_random_seed(env->seed);
    if (env->value[0])
        cs_array(env, "a giant", (size_t)1 << 50, char);
    for (int i = 0; i < ITEMS; i++)
        state->input[i] = cs_random_below(&random, TABLE);
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

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "prepares",
    .summary = "variants that prepare what they need, for tests",
    .item = "number",
    .parameters = {{.name = "giant", .unit = "", .min = 0, .max = 1, .def = 0}},
    .variants = {{.name = "plain", .run = run_plain},
                 {.name = "table", .prepare = prepare_table, .run = run_table},
                 {.name = "heap", .prepare = prepare_heap, .run = run_heap, .release = release_heap},
                 {.name = "refusing", .prepare = prepare_refusing, .run = run_plain},
                 {.name = "giant", .prepare = prepare_giant, .run = run_plain},
                 {.name = "crashing", .prepare = prepare_crashing, .run = run_plain},
                 {.name = "late", .prepare = prepare_late, .run = run_late},
                 {.name = "early", .prepare = prepare_early, .run = run_early}},
    .state_size = sizeof(struct state),
    .setup = setup,
    .outputs = outputs,
    .work = work,
};
