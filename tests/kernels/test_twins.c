/* twins: is the answer of either variant right in every kind, and is a step left out a wrong one? */
#include "module.h"

#include "../../kernels/calibration/twins/memory_state.h"

static struct module module;

static const char *const kinds[] = {
#define KIND(id, name) name,
    TWINS_KINDS(KIND)
#undef KIND
};

static struct cs_env point(uint64_t seed, size_t kind) {
    return MODULE_ENV(&module, seed, {"kind", module_choice(&module, "kind", kinds[kind])},
                      {"bytes", 1 << 20});
}

static void both_variants_give_the_same_answer(void **unused) {
    (void)unused;
    assert_int_equal(module_variants(&module), 2);
    for (size_t kind = 0; kind < TWINS_COUNT; kind++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            struct cs_env env = point(seed, kind);
            module_check_point(&module, &env);
        }
}

/* Without a reset, as timed runs follow each other, the variants in turn. */
static void every_window_gives_the_right_answer(void **unused) {
    (void)unused;
    for (size_t kind = 0; kind < TWINS_COUNT; kind++) {
        struct cs_env env = point(11, kind);
        struct twins_state *state = module_setup(&module, &env);
        assert_true(state->windows > 0);
        for (size_t run = 0; run < state->windows + 2; run++) {
            module.kernel->variants[run % 2].run(state);
            module_check(&module, state, run % 2);
            assert_int_equal(state->last_window, run % state->windows);
        }
        module_teardown(&module, state);
    }
}

static void no_step_can_be_left_out(void **unused) {
    (void)unused;
    for (size_t kind = 0; kind < TWINS_COUNT; kind++) {
        struct cs_env env = point(4, kind);
        struct twins_state *state = module_setup(&module, &env);
        for (size_t v = 0; v < 2; v++)
            for (int change = -1; change <= 1; change += 2) {
                struct cs_mismatch mismatch;
                state->steps += (size_t)change;
                module_run(&module, state, v);
                state->steps -= (size_t)change;
                if (module_check_passes(&module, state, v, &mismatch))
                    fail_msg("%s: %+d step and still the right answer", kinds[kind], change);
                module_run(&module, state, v);
                module_check(&module, state, v);
            }
        module_teardown(&module, state);
    }
}

/* The answer is right and the work was not done: what lies beside the answer shows it. */
static void an_answer_without_the_work_is_refused(void **unused) {
    (void)unused;
    struct cs_env env = point(5, TWINS_write);
    struct twins_state *state = module_setup(&module, &env);
    struct cs_mismatch mismatch;
    module_run(&module, state, 0);
    module_check(&module, state, 0);
    state->kind->poison(state);
    assert_false(module_check_passes(&module, state, 0, &mismatch));
    module_teardown(&module, state);
}

/* What the other variant copied must not stand in for a copy that was not made. */
static void copies_are_spoiled_before_a_run(void **unused) {
    (void)unused;
    struct cs_env env = point(8, TWINS_copy_far);
    struct twins_state *state = module_setup(&module, &env);
    const struct twins_far *far = state->own;
    size_t bytes = state->steps * TWINS_PAGE;
    module_run(&module, state, 1);
    assert_memory_equal(far->to, far->from, bytes);
    module_poison(&module, state, 1, 0xa5);
    for (size_t line = 0; line < bytes; line += TWINS_LINE)
        assert_memory_not_equal(far->to + line, far->from + line, sizeof(uint64_t));
    module_teardown(&module, state);
}

/* A window that comes again at every sample would be one input and not many. */
static void numbers_of_windows_are_prime(void **unused) {
    (void)unused;
    for (size_t kind = 0; kind < TWINS_COUNT; kind++) {
        struct cs_env env = point(1, kind);
        struct twins_state *state = module_setup(&module, &env);
        for (size_t divisor = 2; divisor < state->windows; divisor++)
            if (state->windows % divisor == 0)
                fail_msg("%s has %zu windows", kinds[kind], state->windows);
        module_teardown(&module, state);
    }
}

/* Of 499 fair windows, one in sixteen, six standard deviations. */
static void few_runs_are_slow(void **unused) {
    (void)unused;
    struct cs_env env = point(6, TWINS_skewed);
    struct twins_state *state = module_setup(&module, &env);
    size_t slow = 0;
    for (size_t window = 0; window < state->windows; window++)
        slow += twins_input(state, window)[0] % 16 == 0;
    assert_in_range(slow, 1, 64);
    module_teardown(&module, state);
}

static void bytes_that_are_no_power_of_two_are_refused(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 1, {"kind", TWINS_copy_far}, {"bytes", (1 << 20) + 64});
    void *state = NULL;
    assert_int_equal(module_try_setup(&module, &env, &state), -EINVAL);
    assert_null(state);
    assert_non_null(strstr(module.reason, "1048640"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_variants_give_the_same_answer),
        cmocka_unit_test(every_window_gives_the_right_answer),
        cmocka_unit_test(no_step_can_be_left_out),
        cmocka_unit_test(an_answer_without_the_work_is_refused),
        cmocka_unit_test(copies_are_spoiled_before_a_run),
        cmocka_unit_test(numbers_of_windows_are_prime),
        cmocka_unit_test(few_runs_are_slow),
        cmocka_unit_test(bytes_that_are_no_power_of_two_are_refused),
    };
    module_load(&module, "twins");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    module_unload(&module);
    return failed != 0;
}
