#include "commands/command_rounds.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_what_the_kernel_tells(void **state) {
    (void)state;
    static const enum counter_event told[] = {COUNTER_USER_TIME, COUNTER_SYSTEM_TIME, COUNTER_TASK_CLOCK,
                                              COUNTER_PAGE_FAULTS, COUNTER_READ_BYTES};
    struct sample_clock clock;
    struct counter_plan plan;
    sample_clock_open(&clock);
    command_counters(&clock, 0, true, &plan);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        assert_int_equal(plan.entries[told[i]].source, SOURCE_SW);
        assert_true(plan.entries[told[i]].native[0] != '\0');
        assert_true(counter_plan_has(&plan, told[i]));
    }
    assert_int_equal(plan.entries[COUNTER_USER_TIME].trust, TRUST_DEGRADED);
    assert_int_equal(plan.entries[COUNTER_TASK_CLOCK].trust, TRUST_TRUSTED);
}

/* A source that a command cannot be followed with is none, and every absent event says why. */
static void test_absent_events_have_a_reason(void **state) {
    (void)state;
    struct sample_clock clock;
    sample_clock_open(&clock);
    for (int wanted = 0; wanted < 2; wanted++) {
        struct counter_plan plan;
        command_counters(&clock, 0, wanted, &plan);
        for (int event = 0; event < COUNTER_NATIVE_0; event++) {
            enum counter_source source = plan.entries[event].source;
            assert_true(source == SOURCE_NONE || source == SOURCE_SW || source == SOURCE_HW_GENERIC);
            assert_true(wanted || source == SOURCE_NONE);
            if (source == SOURCE_NONE)
                assert_true(plan.entries[event].reason[0] != '\0');
            assert_null(
                strstr(plan.entries[event].reason, "switched off")); /* by nobody who could leave them on */
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_kernel_tells),
        cmocka_unit_test(test_absent_events_have_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
