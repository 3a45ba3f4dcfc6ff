#include "counters/counters.h"

#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void every_event_is_described_and_found_by_its_name(void **state) {
    (void)state;
    for (int event = 0; event < COUNTER_VOCABULARY; event++) {
        const struct counter_event_info *info = &counter_event_info[event];
        assert_non_null(info->name);
        assert_true(info->unit[0] && info->summary[0]);
        for (const char *c = info->name; *c; c++)
            assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '-');
        assert_int_equal(counter_event_by_name(info->name), event);
    }
}

static void hardware_events_are_those_before_page_faults(void **state) {
    (void)state;
    for (int event = 0; event < COUNTER_EVENTS; event++)
        assert_int_equal(counter_event_info[event].hardware, event < COUNTER_PAGE_FAULTS);
}

static void slots_are_named_by_their_plan(void **state) {
    (void)state;
    struct counter_plan plan = {.native_events = {"perf::MINOR-FAULTS"}};
    assert_string_equal(counter_plan_name(&plan, COUNTER_CYCLES), "cycles");
    assert_string_equal(counter_plan_name(&plan, COUNTER_NATIVE_0), "perf::MINOR-FAULTS");
    assert_int_equal(counter_plan_find(&plan, "perf::MINOR-FAULTS"), COUNTER_NATIVE_0);
    assert_int_equal(counter_plan_find(&plan, "task-clock"), COUNTER_TASK_CLOCK);
    assert_int_equal(counter_plan_find(&plan, ""), COUNTER_EVENTS);
    assert_true(counter_plan_has(&plan, COUNTER_NATIVE_0));
    assert_false(counter_plan_has(&plan, COUNTER_NATIVE_0 + 1));
    plan.entries[COUNTER_DATA_READS].unlisted = true;
    assert_false(counter_plan_has(&plan, COUNTER_DATA_READS));
    assert_int_equal(counter_event_by_name("perf::MINOR-FAULTS"), COUNTER_EVENTS);
}

static void unknown_names_are_refused(void **state) {
    (void)state;
    assert_int_equal(counter_event_by_name("L1D-misses"), COUNTER_EVENTS);
    assert_int_equal(counter_event_by_name(""), COUNTER_EVENTS);
    assert_int_equal(counter_source_by_name("pmu"), -EINVAL);
    assert_int_equal(counter_trust_by_name("believed"), -EINVAL);
}

static void sources_and_trusts_are_found_by_their_names(void **state) {
    (void)state;
    for (int source = SOURCE_NONE; source <= SOURCE_APP; source++)
        assert_int_equal(counter_source_by_name(counter_source_name((enum counter_source)source)), source);
    for (int trust = TRUST_NONE; trust <= TRUST_UNTRUSTED; trust++)
        assert_int_equal(counter_trust_by_name(counter_trust_name((enum counter_trust)trust)), trust);
    assert_string_equal(counter_source_name(SOURCE_HW_GENERIC), "hw-generic");
    assert_string_equal(counter_source_name(SOURCE_NONE), "none");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_is_described_and_found_by_its_name),
        cmocka_unit_test(hardware_events_are_those_before_page_faults),
        cmocka_unit_test(slots_are_named_by_their_plan),
        cmocka_unit_test(unknown_names_are_refused),
        cmocka_unit_test(sources_and_trusts_are_found_by_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
