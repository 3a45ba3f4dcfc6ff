/*
 * twins: the same work twice, in two files, for `countersign calibrate`: every difference claimed is false.
 */
#include "twins.h"

#include <inttypes.h>

enum { PARAMETER_KIND, PARAMETER_BYTES };

static const struct twins_kind *const kinds[] = {
#define KIND(id, name) &twins_##id,
    TWINS_KINDS(KIND)
#undef KIND
};

static const char *const kind_names[] = {
#define KIND(id, name) name,
    TWINS_KINDS(KIND)
#undef KIND
        NULL};

static void teardown(void *opaque) {
    struct twins_state *state = opaque;
    if (state->kind->stop)
        state->kind->stop(state);
}

size_t twins_prime_below(size_t most) {
    for (; most > 1; most--) {
        size_t divisor = 2;
        while (divisor * divisor <= most && most % divisor)
            divisor++;
        if (divisor * divisor > most)
            return most;
    }
    return 1;
}

/* Random, in whole words; some more, for those who read a word at the last byte. */
static void draw_input(struct twins_state *state, const struct cs_env *env) {
    const struct twins_kind *kind = state->kind;
    size_t bytes = kind->windows * kind->steps * kind->step_bytes + 2 * sizeof(uint64_t);
    struct cs_random random = cs_random_seed(state->seed);
    state->input = cs_array(env, "input", bytes, unsigned char);
    for (size_t at = 0; at + sizeof(uint64_t) <= bytes; at += sizeof(uint64_t)) {
        uint64_t word = cs_random_u64(&random);
        memcpy(state->input + at, &word, sizeof word);
    }
}

static int setup(const struct cs_env *env, void *opaque) {
    struct twins_state *state = opaque;
    int64_t bytes = env->value[PARAMETER_BYTES];
    if (bytes & (bytes - 1))
        return cs_fail(env, EINVAL, "bytes must be a power of two, not %" PRId64, bytes);
    state->id = (enum twins_id)env->value[PARAMETER_KIND];
    state->kind = kinds[state->id];
    state->steps = state->kind->steps;
    state->windows = state->kind->windows;
    state->seed = env->seed;
    state->bytes = (size_t)bytes;
    draw_input(state, env);
    return state->kind->start ? state->kind->start(state, env) : 0;
}

static void reset(void *opaque) {
    struct twins_state *state = opaque;
    state->window = 0;
}

static int poison(void *opaque, size_t variant) {
    struct twins_state *state = opaque;
    (void)variant;
    if (state->kind->poison)
        state->kind->poison(state);
    return 0;
}

static int outputs(void *opaque, size_t variant, struct cs_output *outputs, size_t *count) {
    struct twins_state *state = opaque;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "answer", .data = &state->answer, .count = 1, .type = CS_U64};
    *count = 1;
    return 0;
}

static void work(const void *opaque, struct cs_work *work) {
    const struct twins_state *state = opaque;
    *work = (struct cs_work){.items = (double)state->steps};
}

static int check(void *opaque, size_t variant, struct cs_mismatch *mismatch) {
    const struct twins_state *state = opaque;
    (void)variant;
    uint64_t expected = state->kind->expect(state);
    if (state->answer == expected)
        return 0;
    return cs_wrong(mismatch, "answer", 0, "%" PRIu64, state->answer, expected);
}

static void count(const void *opaque, uint64_t *values) {
    const struct twins_state *state = opaque;
    values[0] = state->steps_done;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "twins",
    .summary = "the same work in two files, for calibrate",
    .item = "step",
    .parameters = {{.name = "kind", .choices = kind_names, .def = TWINS_placement, .summary = "what is done"},
                   {.name = "bytes",
                    .unit = "bytes",
                    .min = 1 << 20,
                    .max = (int64_t)1 << 32,
                    .def = 128 << 20,
                    .summary = "memory that copy-far goes through, a power of two"}},
    .variants = {{.name = "base", .run = run_base, .summary = "the work itself"},
                 {.name = "same",
                  .run = run_same,
                  .summary = "the same text, with other code and data in its file"}},
    .counters = {{.name = "steps", .unit = "step"}},
    .state_size = sizeof(struct twins_state),
    .setup = setup,
    .reset = reset,
    .poison = poison,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .teardown = teardown,
};
