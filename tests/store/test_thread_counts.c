#include "store/thread_counts.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define REPLICATES 3
#define TASK_CLOCK 2

/* Two arms, three replicates, `threads` threads; no counts yet. */
static struct measurement make_measurement(size_t threads) {
    struct measurement measurement = {.arm_count = 2, .replicate_count = REPLICATES};
    measurement.arms = calloc(2, sizeof *measurement.arms);
    measurement.replicates = calloc(REPLICATES, sizeof *measurement.replicates);
    assert_non_null(measurement.arms);
    assert_non_null(measurement.replicates);
    for (size_t r = 0; r < REPLICATES; r++)
        assert_int_equal(replicate_allocate(&measurement.replicates[r], 2, 1, threads), 0);
    return measurement;
}

static void set_counts(struct measurement *measurement, size_t replicate, double first, double second) {
    thread_counts(&measurement->replicates[replicate], 1, 0)[TASK_CLOCK] = first;
    thread_counts(&measurement->replicates[replicate], 1, 1)[TASK_CLOCK] = second;
}

static void shares_are_medians_over_replicates(void **state) {
    (void)state;
    struct measurement measurement = make_measurement(2);
    double shares[2];
    set_counts(&measurement, 0, 52, 48);
    set_counts(&measurement, 1, 520, 480);
    set_counts(&measurement, 2, 99, 1);
    assert_int_equal(thread_shares(&measurement, 1, COUNTER_TASK_CLOCK, shares, 2), 2);
    assert_float_equal(shares[0], 0.52, 1e-12);
    assert_float_equal(shares[1], 0.48, 1e-12);
    measurement_clear(&measurement);
}

static void a_replicate_without_counts_is_left_out(void **state) {
    (void)state;
    struct measurement measurement = make_measurement(2);
    double shares[2];
    set_counts(&measurement, 0, 1, 3);
    set_counts(&measurement, 2, 5, NAN);
    assert_int_equal(thread_shares(&measurement, 1, COUNTER_TASK_CLOCK, shares, 2), 2);
    assert_float_equal(shares[0], 0.25, 1e-12);
    measurement_clear(&measurement);
}

static void what_cannot_be_told_apart_has_no_shares(void **state) {
    (void)state;
    struct measurement measurement = make_measurement(2), single = make_measurement(1);
    double shares[2];
    assert_int_equal(thread_shares(&measurement, 1, COUNTER_TASK_CLOCK, shares, 2), 0);
    set_counts(&measurement, 0, 0, 0);
    assert_int_equal(thread_shares(&measurement, 1, COUNTER_TASK_CLOCK, shares, 2), 0);
    set_counts(&measurement, 1, 1, 1);
    assert_int_equal(thread_shares(&measurement, 1, COUNTER_PAGE_FAULTS, shares, 2), 0);
    assert_int_equal(thread_shares(&measurement, 1, COUNTER_TASK_CLOCK, shares, 1), 0);
    assert_int_equal(thread_shares(&measurement, 2, COUNTER_TASK_CLOCK, shares, 2), 0);
    assert_int_equal(thread_shares(&measurement, 1, COUNTER_TASK_CLOCK, shares, 2), 2);
    thread_counts(&single.replicates[0], 1, 0)[TASK_CLOCK] = 1;
    assert_int_equal(thread_shares(&single, 1, COUNTER_TASK_CLOCK, shares, 2), 0);
    measurement_clear(&measurement);
    measurement_clear(&single);
}

static void replicates_of_different_threads_have_no_shares(void **state) {
    (void)state;
    struct measurement measurement = make_measurement(2);
    double shares[3];
    set_counts(&measurement, 0, 1, 1);
    replicate_clear(&measurement.replicates[1], 2);
    assert_int_equal(replicate_allocate(&measurement.replicates[1], 2, 1, 3), 0);
    assert_int_equal(thread_shares(&measurement, 1, COUNTER_TASK_CLOCK, shares, 3), 0);
    measurement_clear(&measurement);
}

static void four_events_are_kept_thread_by_thread(void **state) {
    (void)state;
    for (size_t i = 0; i < RESULT_THREAD_EVENTS; i++)
        assert_int_equal(thread_event_index(thread_events[i]), i);
    assert_int_equal(thread_event_index(COUNTER_TASK_CLOCK), TASK_CLOCK);
    assert_int_equal(thread_event_index(COUNTER_EVENTS), RESULT_THREAD_EVENTS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_medians_over_replicates),
        cmocka_unit_test(a_replicate_without_counts_is_left_out),
        cmocka_unit_test(what_cannot_be_told_apart_has_no_shares),
        cmocka_unit_test(replicates_of_different_threads_have_no_shares),
        cmocka_unit_test(four_events_are_kept_thread_by_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
