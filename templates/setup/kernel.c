/*
 * A setup of the user's: what it makes, each file's own code makes, calls and destroys, on states of its own. The
 * answer is what `compare` looks at, or `answer` returns: each state that was called against one that the baseline was
 * called on.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <countersign.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "countersign_setup.h"
#include "variants.h"

/* States as long as this together are read from a core's own caches. */
#define CACHED ((size_t)256 << 10)
/* Answers for so many seeds that are all equal are no chance. */
#define SEEDS ((size_t)8)

/* Bytes that are taken of malloc; 0 where that cannot be asked. */
static size_t taken_bytes(void) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
#else
    return 0;
#endif
}

static void *make(const struct setup *setup, const struct setup_functions *functions, size_t call) {
    void *state = functions->make(setup->seeds[call], setup->length);
    if (!state)
        abort(); /* the baseline's was none in setup; there is nobody to tell here */
    return state;
}

void setup_make(const struct setup *setup, struct setup_set *set, const struct setup_functions *functions) {
    set->functions = functions;
    for (size_t i = 0; i < setup->calls; i++)
        set->states[i] = make(setup, functions, i);
    set->made = true;
}

static size_t count_calls(size_t bytes, size_t batch) {
    size_t cached = bytes == 0 ? batch : bytes < CACHED ? CACHED / bytes : 1;
    return SETUP_BATCH == 0 && cached < batch ? cached : batch;
}

/* With `answer`, each file's code looks at its own states alone, which may differ then. */
static int check_layouts(const struct cs_env *env) {
    for (size_t i = 1; i < SETUP_VARIANTS; i++) {
        if (setup_functions[i]->answer_size != setup_functions[0]->answer_size)
            return cs_fail(env, EINVAL, "what answer returns is %zu bytes with %s, and %zu with %s",
                           setup_functions[0]->answer_size, cs_kernel.variants[0].name,
                           setup_functions[i]->answer_size, cs_kernel.variants[i].name);
        if (setup_functions[0]->compare && setup_functions[i]->state_size != setup_functions[0]->state_size)
            return cs_fail(
                env, EINVAL,
                "the setup's state is %zu bytes with %s, and %zu with %s: compare cannot look at both; let a "
                "function answer return what is to be compared instead",
                setup_functions[0]->state_size, cs_kernel.variants[0].name, setup_functions[i]->state_size,
                cs_kernel.variants[i].name);
    }
    return 0;
}

/* Whether a state has the answer that `expected`, one of the baseline's, has: `wanted`, if that is there already. */
static bool has_answer(const struct setup *setup, const void *expected, void *wanted, const void *state,
                       const struct setup_functions *functions, struct setup_difference *difference) {
    const struct setup_functions *baseline = setup->expected.functions;
    if (baseline->compare)
        return baseline->compare(expected, state);
    void *answer = wanted ? wanted : baseline->answer(expected), *got = functions->answer(state);
    if (!answer || !got)
        abort();
    bool same = baseline->same(answer, got, SETUP_TOLERANCE, difference);
    functions->forget(got);
    if (answer != wanted)
        baseline->forget(answer);
    return same;
}

/* Two states of one seed must give equal answers, of the same code. */
static int check_repeats(const struct cs_env *env, const struct setup *setup, size_t call) {
    const struct setup_functions *baseline = setup->expected.functions;
    void *again = make(setup, baseline, call);
    if (again == setup->expected.states[call])
        return cs_fail(env, EINVAL, "make returned the same state twice; each call of it must make another");
    baseline->call(again);
    bool same = has_answer(setup, setup->expected.states[call], NULL, again, baseline, NULL);
    baseline->destroy(again);
    return same
               ? 0
               : cs_fail(
                     env, EINVAL,
                     "answers are not repeatable: two states that were made with one seed and called by %s have "
                     "unequal ones; make draws from something else than its seed (a random device, the time), "
                     "or the function does",
                     cs_kernel.variants[0].name);
}

static bool is_seedless(const struct setup *setup) {
    const struct setup_functions *baseline = setup->expected.functions;
    bool same = true;
    for (size_t i = 1; i < SEEDS && same; i++) {
        bool there = i < setup->calls;
        void *other = there ? setup->expected.states[i] : baseline->make(setup->seeds[0] + i, setup->length);
        if (!other)
            return false;
        if (!there)
            baseline->call(other);
        same = has_answer(setup, setup->expected.states[0], NULL, other, baseline, NULL);
        if (!there)
            baseline->destroy(other);
    }
    return same;
}

/* How many calls a run has, by the memory of the first state. */
static int make_first(const struct cs_env *env, struct setup *setup, void **state) {
    const struct setup_functions *baseline = setup_functions[0];
    struct cs_random random = cs_random_seed(env->seed);
    size_t batch = (size_t)env->value[1], before = taken_bytes();
    uint64_t seed = cs_random_u64(&random);
    *state = baseline->make(seed, setup->length);
    if (!*state)
        return cs_fail(env, EINVAL, "make returned NULL");
    setup->calls = count_calls(taken_bytes() - before, batch);
    setup->seeds = cs_array(env, "seeds", setup->calls, uint64_t);
    setup->seeds[0] = seed;
    for (size_t i = 1; i < setup->calls; i++)
        setup->seeds[i] = cs_random_u64(&random);
    return 0;
}

static int make_expected(const struct cs_env *env, struct setup *setup) {
    struct setup_set *expected = &setup->expected;
    void *first = NULL;
    int status = make_first(env, setup, &first);
    if (status)
        return status;
    expected->functions = setup_functions[0];
    expected->states = cs_array(env, "states", setup->calls, void *);
    expected->states[0] = first;
    for (size_t i = 1; i < setup->calls; i++)
        expected->states[i] = make(setup, expected->functions, i);
    for (size_t i = 0; i < setup->calls; i++)
        expected->functions->call(expected->states[i]);
    expected->answers = cs_array(env, "answers", setup->calls, void *);
    for (size_t i = 0; i < setup->calls; i++)
        expected->answers[i] =
            expected->functions->compare ? NULL : expected->functions->answer(expected->states[i]);
    for (size_t i = 0; i < setup->calls && i < SEEDS && status == 0; i++)
        status = check_repeats(env, setup, i);
    if (status == 0)
        setup->seedless = is_seedless(setup);
    return status;
}

static int setup_all(const struct cs_env *env, void *state) {
    struct setup *setup = state;
    setup->length = (size_t)env->value[0];
    int status = check_layouts(env);
    if (status == 0)
        status = make_expected(env, setup);
    if (status)
        return status;
    setup->equal = cs_answer(env, "equal answer", setup->calls, unsigned char);
    setup->left = cs_array(env, "equal answers", setup->calls, unsigned char);
    for (size_t i = 0; i < SETUP_VARIANTS; i++) {
        setup->sets[i][0].functions = setup_functions[i];
        for (size_t copy = 0; copy < 2; copy++)
            setup->sets[i][copy].states = cs_array(env, "states", setup->calls, void *);
    }
    const struct setup_set *expected = &setup->expected;
    double items = 0;
    for (size_t i = 0; i < setup->calls; i++)
        items += expected->functions->items ? (double)expected->functions->items(expected->states[i]) : 1;
    cs_work(env, items, 0);
    return 0;
}

/* States anew, in the place of those that are there or, so that both cost alike, beside them. */
static void renew(const struct setup *setup, struct setup_set *set, bool replace) {
    const struct setup_functions *functions = set->functions;
    for (size_t i = 0; i < setup->calls; i++) {
        void *fresh = make(setup, functions, i);
        functions->destroy(replace ? set->states[i] : fresh);
        set->states[i] = replace ? fresh : set->states[i];
    }
}

/* Only what ran since the last time: all others are as they were made. */
static void reset_last(const struct setup *setup, struct setup_set *set) {
    for (size_t i = 0; i < setup->calls && set->functions->reset; i++)
        set->functions->reset(set->states[i]);
    if (!set->functions->reset)
        renew(setup, set, true);
    set->called = false;
}

/*
 * A reset of the user's is taken on trust, but where the harness looks whether a run does less after one that did the
 * work: it overwrites answers, or leaves them, and times both. States that are really new then stand for the former.
 */
static void reset(void *state) {
    struct setup *setup = state;
    struct setup_set *asked = setup->asked;
    if (asked) {
        bool spoilt = memcmp(setup->equal, setup->left, setup->calls) != 0;
        for (size_t copy = 0; copy < 2; copy++)
            if (asked[copy].made && asked[copy].functions->reset)
                renew(setup, &asked[copy], spoilt);
    }
    setup->asked = NULL;
    if (setup->last && setup->last->called)
        reset_last(setup, setup->last);
}

static bool is_equal(const struct setup *setup, size_t call, struct setup_difference *difference) {
    const struct setup_set *expected = &setup->expected, *last = setup->last;
    return has_answer(setup, expected->states[call], expected->answers[call], last->states[call],
                      last->functions, difference);
}

/* States that were not called have no answer to look at. */
static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct setup *setup = state;
    for (size_t i = 0; i < setup->calls && setup->last && setup->last->called; i++)
        setup->equal[i] = is_equal(setup, i, NULL);
    memcpy(setup->left, setup->equal, setup->calls);
    setup->asked = setup->sets[variant];
    (void)outputs, (void)count; /* as setup said */
    return 0;
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    struct setup *setup = state;
    struct setup_difference difference = {.place = "call"};
    (void)variant;
    for (size_t i = 0; i < setup->calls; i++)
        if (!is_equal(setup, i, &difference)) {
            if (!difference.got[0])
                return cs_wrong(mismatch, "call", i, "%s", "a state that compare finds unequal",
                                "one equal to the baseline's");
            snprintf(setup->place, sizeof setup->place, "%s of call", difference.place);
            return cs_wrong(mismatch, setup->place, i, "%s", difference.got, difference.expected);
        }
    return CS_UNCHECKED;
}

static void evidence(void *state, char *text, size_t size) {
    const struct setup *setup = state;
    if (setup->seedless)
        snprintf(
            text, size,
            "note: answers are equal for all seeds: make ignores its seed, or %s does not look at the answer\n",
            setup->expected.functions->compare ? "compare" : "answer");
}

static void destroy_set(const struct setup *setup, const struct setup_set *set) {
    for (size_t i = 0; i < setup->calls && set->made; i++)
        set->functions->destroy(set->states[i]);
}

static void teardown(void *state) {
    struct setup *setup = state;
    for (size_t i = 0; i < SETUP_VARIANTS; i++)
        for (size_t copy = 0; copy < 2; copy++)
            destroy_set(setup, &setup->sets[i][copy]);
    for (size_t i = 0; i < setup->calls && setup->expected.answers; i++)
        if (setup->expected.answers[i])
            setup->expected.functions->forget(setup->expected.answers[i]);
    setup->expected.made = true;
    destroy_set(setup, &setup->expected);
}

const struct cs_kernel cs_kernel = {
    .abi = CS_ABI,
    .size = (uint32_t)sizeof(struct cs_kernel),
    .compiler = CS_COMPILER,
    .flags = CS_BUILD_FLAGS SETUP_FLAGS,
    .name = SETUP_NAME,
    .summary = SETUP_SUMMARY,
    .item = SETUP_HAS_ITEMS ? "item" : "call",
    .parameters = {{.name = "n",
                    .unit = "elements",
                    .min = 1,
                    .max = (int64_t)1 << 40,
                    .def = 1024,
                    .summary = "what make is given"},
                   {.name = "batch",
                    .unit = "calls",
                    .min = SETUP_BATCH ? SETUP_BATCH : 1,
                    .max = 1 << 24,
                    .def = SETUP_BATCH ? SETUP_BATCH : 1024,
                    .summary =
                        SETUP_BATCH
                            ? "calls a run, of different states"
                            : "calls a run, of different states; fewer where those exceed 256 KiB or 20 us"}},
    .variants = {SETUP_VARIANT_LIST},
    .reset_each_run = 1,
    .state_size = sizeof(struct setup),
    .setup = setup_all,
    .reset = reset,
    .outputs = outputs,
    .check = check,
    .teardown = teardown,
    .scale = "batch",
};
