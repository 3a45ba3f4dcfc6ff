/* A kernel whose setup says outputs, work and a counter, or what it cannot say: one way for each choice of `kind`. */
#include <countersign.h>

enum kind { ALL, NO_ANSWER, NO_WORK, NO_COUNTER, WRONG, FAILING, LATE };
#define ITEMS 256

struct state {
    uint32_t input[2 * ITEMS], *answer;
    size_t next;
    enum kind kind;
    int error;
    uint64_t squares;
};

static void square(struct state *state) {
    const uint32_t *input = state->input + cs_window(&state->next, ITEMS, 2 * ITEMS);
    for (int i = 0; i < ITEMS; i++)
        state->answer[i] = input[i] * input[i];
    state->squares += ITEMS;
    __asm__ volatile("" ::: "memory");
}

static void run_plain(void *state) {
    square(state);
}

static void run_other(void *data) {
    struct state *state = data;
    square(state);
    if (state->kind == FAILING)
        state->error = -ENOSPC;
}

static int prepare_other(const struct cs_env *env, void *data) {
    struct state *state = data;
    if (state->kind == LATE)
        cs_output(env, "late", state->answer, ITEMS);
    return 0;
}

static int setup(const struct cs_env *env, void *data) {
    struct state *state = data;
    struct cs_random random = cs_random_seed(env->seed);
    state->kind = (enum kind)cs_value(env, "kind");
    cs_random_fill(&random, state->input, 2 * ITEMS);
    state->answer = state->kind == NO_ANSWER ? cs_array(env, "square", ITEMS, uint32_t)
                                             : cs_answer(env, "square", ITEMS, uint32_t);
    if (state->kind != NO_WORK)
        cs_work(env, ITEMS, 0);
    if (state->kind != NO_COUNTER)
        cs_count(env, "squares", &state->squares);
    cs_count(env, "more-squares", &state->squares);
    cs_run_error(env, &state->error);
    cs_rewind(env, &state->next);
    return 0;
}

/* Says 0 whatever it has noted: of WRONG that one element should be another. */
static int check(void *data, size_t variant, struct cs_mismatch *mismatch) {
    const struct state *state = data;
    const uint32_t *input = state->input + cs_last_window(state->next, ITEMS, 2 * ITEMS);
    (void)variant;
    for (size_t i = 0; i < ITEMS; i++)
        cs_expect(mismatch, "square", i, state->answer[i],
                  input[i] * input[i] + (state->kind == WRONG && i == 3));
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("says", "square", "what setup says and cannot say"),
    .parameters = {CS_CHOICE("kind", ALL, "what is said", "all", "no-answer", "no-work", "no-counter",
                             "wrong", "failing", "late")},
    .variants = {CS_VARIANT("plain", run_plain, "squares"),
                 CS_VARIANT("other", run_other, "squares, or fails", .prepare = prepare_other)},
    .counters = {CS_COUNTER("squares", "square"), CS_COUNTER("more-squares", "square")},
    CS_STATE(struct state, setup),
    .check = check,
};
