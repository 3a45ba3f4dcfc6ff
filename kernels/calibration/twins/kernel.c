/*
 * twins: the same work twice, in two files, for `countersign calibrate`: every difference claimed is false.
 */
#include "twins.h"

#include <inttypes.h>

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
    int64_t bytes = cs_value(env, "bytes");
    if (bytes & (bytes - 1))
        return cs_fail(env, EINVAL, "bytes must be a power of two, not %" PRId64, bytes);
    state->id = (enum twins_id)cs_value(env, "kind");
    state->kind = kinds[state->id];
    state->steps = state->kind->steps;
    state->windows = state->kind->windows;
    state->seed = env->seed;
    state->bytes = (size_t)bytes;
    draw_input(state, env);
    cs_output(env, "answer", &state->answer, 1);
    cs_work(env, state->steps, 0);
    cs_rewind(env, &state->window);
    cs_count(env, "steps", &state->steps_done);
    return state->kind->start ? state->kind->start(state, env) : 0;
}

static int poison(void *opaque, size_t variant) {
    struct twins_state *state = opaque;
    if (state->kind->poison)
        state->kind->poison(state);
    return 0;
}

static int check(void *opaque, size_t variant, struct cs_mismatch *mismatch) {
    const struct twins_state *state = opaque;
    uint64_t expected = state->kind->expect(state);
    cs_expect(mismatch, "answer", 0, state->answer, expected);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("twins", "step", "the same work in two files, for calibrate"),
    .parameters = {{.name = "kind", .choices = kind_names, .def = TWINS_placement, .summary = "what is done"},
                   CS_NUMBER("bytes", "bytes", 1 << 20, (int64_t)1 << 32, 128 << 20,
                             "memory that copy-far goes through, a power of two")},
    .variants = {CS_VARIANT("base", run_base, "the work itself"),
                 CS_VARIANT("same", run_same, "the same text, with other code and data in its file")},
    .counters = {CS_COUNTER("steps", "step")},
    CS_STATE(struct twins_state, setup),
    .poison = poison,
    .check = check,
    .teardown = teardown,
};
