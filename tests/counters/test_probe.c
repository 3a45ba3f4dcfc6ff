#include "counters/counters.h"

#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct sample_clock sample_clock;

static void check_entry(const struct counter_plan *plan, enum counter_event event) {
    const struct counter_plan_entry *entry = &plan->entries[event];
    assert_null(strchr(entry->reason, '\n'));
    if (entry->source == SOURCE_NONE) {
        assert_int_equal(entry->trust, TRUST_NONE);
        assert_true(entry->reason[0]);
        return;
    }
    assert_true(entry->native[0]);
    assert_true(entry->set < plan->sets || entry->set == COUNTER_NO_SET);
    assert_true(entry->source != SOURCE_HARNESS || entry->set == COUNTER_NO_SET);
    assert_int_not_equal(entry->trust, TRUST_NONE);
    assert_int_equal(entry->reason[0] != '\0', entry->trust != TRUST_TRUSTED);
}

static bool set_has_events(const struct counter_plan *plan, unsigned set) {
    for (int event = 0; event < COUNTER_EVENTS; event++)
        if (plan->entries[event].source != SOURCE_NONE && plan->entries[event].set == set)
            return true;
    return false;
}

static void check_plan(const struct counter_plan *plan) {
    bool papi = false;
    for (int event = 0; event < COUNTER_EVENTS; event++) {
        if (counter_plan_has(plan, (enum counter_event)event))
            check_entry(plan, (enum counter_event)event);
        papi = papi || plan->entries[event].source == SOURCE_HW;
    }
    for (unsigned set = 0; set < plan->sets; set++)
        assert_true(set_has_events(plan, set));
    assert_int_equal(papi, plan->papi_reason[0] == '\0');
}

static void every_event_has_a_source_or_a_reason(void **state) {
    (void)state;
    struct counter_options options = {.clock = &sample_clock, .self_test = true};
    struct counter_plan plan;
    assert_int_equal(counter_probe(&options, &plan), 0);
    check_plan(&plan);
}

/* Whatever is switched off, what remains is a valid plan without those sources. */
static void sources_can_be_switched_off(void **state) {
    (void)state;
    for (unsigned mask = 0; mask < 1u << (SOURCE_CLOCK + 1); mask += 2) {
        struct counter_options options = {.clock = &sample_clock, .disabled_sources = mask};
        struct counter_plan plan;
        assert_int_equal(counter_probe(&options, &plan), 0);
        check_plan(&plan);
        for (int event = 0; event < COUNTER_EVENTS; event++)
            assert_true(plan.entries[event].source == SOURCE_NONE ||
                        !(mask & 1u << plan.entries[event].source));
    }
}

/* In the words of who has no more sources, or as switched off, which can be helped. */
static void an_event_without_any_source_says_so(void **state) {
    (void)state;
    struct counter_options options = {.clock = &sample_clock, .disabled_sources = ~0u};
    struct counter_plan plan;
    const struct counter_plan_entry *cycles = &plan.entries[COUNTER_CYCLES];
    assert_int_equal(counter_probe(&options, &plan), 0);
    assert_string_equal(cycles->reason, "its sources were switched off");
    assert_string_equal(cycles->remedy, "leave counters on");
    options.unsourced = "there is none for it";
    assert_int_equal(counter_probe(&options, &plan), 0);
    assert_string_equal(cycles->reason, "there is none for it");
    assert_string_equal(cycles->remedy, "");
}

static void a_clock_of_its_own_is_opened_where_none_is_given(void **state) {
    (void)state;
    struct counter_options options = {.clock = NULL};
    struct counter_plan plan;
    assert_int_equal(counter_probe(&options, &plan), 0);
    check_plan(&plan);
}

static void affinity_is_left_as_it_was(void **state) {
    (void)state;
    cpu_set_t before, after;
    struct counter_options options = {.clock = &sample_clock, .self_test = true};
    struct counter_plan plan;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    while (!CPU_ISSET(options.cpu, &before))
        options.cpu++;
    assert_int_equal(counter_probe(&options, &plan), 0);
    assert_int_equal(sched_getaffinity(0, sizeof after, &after), 0);
    assert_true(CPU_EQUAL(&before, &after));
}

static void software_events_are_never_graded(void **state) {
    (void)state;
    struct counter_options options = {.clock = &sample_clock, .self_test = true};
    struct counter_plan plan;
    assert_int_equal(counter_probe(&options, &plan), 0);
    for (int event = COUNTER_PAGE_FAULTS; event < COUNTER_EVENTS; event++)
        assert_true(isnan(plan.entries[event].relative_error));
}

static int setup(void **state) {
    (void)state;
    sample_clock_open(&sample_clock);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_has_a_source_or_a_reason),
        cmocka_unit_test(sources_can_be_switched_off),
        cmocka_unit_test(an_event_without_any_source_says_so),
        cmocka_unit_test(a_clock_of_its_own_is_opened_where_none_is_given),
        cmocka_unit_test(affinity_is_left_as_it_was),
        cmocka_unit_test(software_events_are_never_graded),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
