#include "counters/counters.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct sample_clock sample_clock;

/* Those that are read in counting rounds: latencies have rounds of their own. */
static unsigned events_of(const struct counter_plan *plan, enum counter_source source) {
    unsigned events = 0;
    for (int event = 0; event < COUNTER_EVENTS; event++)
        events += plan->entries[event].source == source && plan->entries[event].set != COUNTER_NO_SET;
    return events;
}

/* Every source the plan uses has a cost above nothing, and one it does not use has none. */
static void each_source_in_use_has_a_cost(void **state) {
    (void)state;
    struct counter_options options = {.clock = &sample_clock};
    struct counter_plan plan;
    assert_int_equal(counter_probe(&options, &plan), 0);
    for (int source = SOURCE_HW; source <= SOURCE_CLOCK; source++) {
        struct counter_cost cost;
        int status = counter_cost_measure(&plan, &sample_clock, (enum counter_source)source, &cost);
        assert_int_equal(cost.source, source);
        if (events_of(&plan, (enum counter_source)source) == 0) {
            assert_int_equal(status, -ENODATA);
            assert_true(isnan(cost.start));
            continue;
        }
        assert_int_equal(status, 0);
        assert_true(cost.events > 0 && cost.sets > 0 && cost.events <= events_of(&plan, cost.source));
        assert_true(cost.start > 0 && cost.stop > 0);
        assert_int_equal(isnan(cost.read), source == SOURCE_CLOCK);
    }
}

static void nothing_to_count_has_no_cost(void **state) {
    (void)state;
    struct counter_options options = {.clock = &sample_clock, .disabled_sources = ~0u};
    struct counter_plan plan;
    struct counter_cost cost;
    assert_int_equal(counter_probe(&options, &plan), 0);
    assert_int_equal(counter_cost_measure(&plan, &sample_clock, SOURCE_SW, &cost), -ENODATA);
}

static void reading_in_user_mode_is_told_in_a_sentence(void **state) {
    (void)state;
    struct counter_options options = {.clock = &sample_clock};
    struct counter_plan plan;
    struct counter_fast_read fast;
    assert_int_equal(counter_probe(&options, &plan), 0);
    counter_fast_read_measure(&plan, &sample_clock, &fast);
    assert_non_null(strstr(fast.text, "rdpmc"));
    assert_true(isnan(fast.ns) || fast.ns > 0);
    if (events_of(&plan, SOURCE_HW) == 0)
        assert_true(isnan(fast.ns));
}

static int setup(void **state) {
    (void)state;
    sample_clock_open(&sample_clock);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_source_in_use_has_a_cost),
        cmocka_unit_test(nothing_to_count_has_no_cost),
        cmocka_unit_test(reading_in_user_mode_is_told_in_a_sentence),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
