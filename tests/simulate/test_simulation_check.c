#include "simulate/simulation_check.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct simulated_arm arm(double instructions, double reads, double l1d, double llc) {
    struct simulated_arm arm = {.cycles = 1000, .cycles_p5 = 990, .cycles_p95 = 1010};
    for (int event = 0; event < COUNTER_EVENTS; event++)
        arm.counts[event] = NAN;
    arm.counts[COUNTER_INSTRUCTIONS] = instructions;
    arm.counts[COUNTER_BRANCHES] = arm.counts[COUNTER_DATA_WRITES] = instructions / 10;
    arm.counts[COUNTER_BRANCH_MISSES] = 0;
    arm.counts[COUNTER_DATA_READS] = reads;
    arm.counts[COUNTER_L1D_MISSES] = l1d;
    arm.counts[COUNTER_LLC_MISSES] = llc;
    return arm;
}

static void assert_checked(struct simulated_arm arm, const char *part) {
    simulated_arm_check(&arm, 3.0);
    if (!part) {
        assert_string_equal(arm.reason, "");
        assert_false(isnan(arm.counts[COUNTER_INSTRUCTIONS]));
        return;
    }
    if (!strstr(arm.reason, part))
        fail_msg("'%s' does not speak of '%s'", arm.reason, part);
    assert_true(isnan(arm.counts[COUNTER_INSTRUCTIONS]));
    assert_true(arm.cycles == 1000);
}

/* 1,000 cycles at 3 GHz. */
static void what_no_core_reaches_is_refused(void **state) {
    (void)state;
    assert_checked(arm(8000, 3000, 1000, 100), NULL);
    assert_checked(arm(26500, 3000, 0, 0), "26.5 instructions a cycle");
    assert_checked(arm(8000, 6000, 0, 0), "6 reads a cycle");
    assert_checked(arm(8000, 3000, 3000, 0), "3 L1D misses a cycle");
    assert_checked(arm(8000, 3000, 2000, 2000), "384 GB/s");
    struct simulated_arm untimed = arm(26500, 3000, 0, 0);
    untimed.cycles = NAN;
    simulated_arm_check(&untimed, 3.0);
    assert_string_equal(untimed.reason, "");
}

/* A native build that is 11 times as fast by instructions that the portable one does not have. */
static void another_build_is_another_case(void **state) {
    (void)state;
    struct simulated_arm arms[] = {arm(5000, 1000, 0, 0), arm(5000, 1000, 0, 0), arm(2500, 500, 0, 0)};
    struct simulation simulation = {.arms = arms};
    arms[2].cycles_p5 = 495;
    arms[2].cycles = 5000; /* neighbours slow most runs, the fastest least */
    simulation_check_build(&simulation, 3, (const double[]){1100, 100, 400});
    assert_string_equal(arms[0].reason, "");
    assert_string_equal(arms[1].reason,
                        "only the portable build can be simulated, and as timed it is another case: 1× as "
                        "fast as the baseline, the native build 11×");
    assert_true(isnan(arms[1].counts[COUNTER_INSTRUCTIONS]));
    assert_string_equal(arms[2].reason, "");
    arms[1] = arm(5000, 1000, 0, 0);
    simulation_check_build(&simulation, 3, (const double[]){1100, 0, 400}); /* not known */
    simulation.scaled = true; /* the times are of another point */
    simulation_check_build(&simulation, 3, (const double[]){1100, 100, 400});
    assert_string_equal(arms[1].reason, "");
}

static void check_scale(struct simulated_arm *here, struct simulated_arm *smaller) {
    struct simulation simulation = {.arms = here,
                                    .items = 1000,
                                    .scaled = true,
                                    .point = {.values = {{.name = "n", .value = 1000}}, .count = 1}};
    const struct simulation other = {
        .arms = smaller, .items = 250, .point = {.values = {{.name = "n", .value = 250}}, .count = 1}};
    simulation_check_scale(&simulation, 1, &other, 240);
}

static void a_smaller_point_stands_for_the_whole_if_size_changes_nothing(void **state) {
    (void)state;
    struct simulated_arm here = arm(5000, 1000, 125, 125), smaller = arm(1250, 250, 31, 31);
    check_scale(&here, &smaller);
    assert_string_equal(here.reason, "");
    assert_true(here.counts[COUNTER_INSTRUCTIONS] == 5000);
    assert_true(here.counts[COUNTER_L1D_MISSES] == 125);
    assert_true(here.counts[COUNTER_LLC_MISSES] == 125);
}

static void work_that_grows_with_size_is_refused_with_its_numbers(void **state) {
    (void)state;
    struct simulated_arm here = arm(5000, 1000, 0, 0), smaller = arm(800, 250, 0, 0);
    check_scale(&here, &smaller);
    assert_string_equal(here.reason,
                        "simulated whole it would take about 240 s (--simulation-budget), and smaller it is "
                        "another: 5 instructions an item at n = 1000, 3.2 at n = 250");
    assert_true(isnan(here.counts[COUNTER_INSTRUCTIONS]));
}

/* Misses begin where data outgrows a cache: none at two sizes says nothing of the third. */
static void misses_are_taken_back_alone(void **state) {
    (void)state;
    struct simulated_arm here = arm(5000, 1000, 125, 0), smaller = arm(1250, 250, 10, 0);
    check_scale(&here, &smaller);
    assert_string_equal(here.reason, "");
    assert_true(here.counts[COUNTER_INSTRUCTIONS] == 5000);
    assert_true(here.counts[COUNTER_BRANCH_MISSES] == 0);
    assert_true(isnan(here.counts[COUNTER_L1D_MISSES]));
    assert_true(isnan(here.counts[COUNTER_LLC_MISSES]));
}

static void without_something_smaller_nothing_is_shown(void **state) {
    (void)state;
    struct simulated_arm here = arm(5000, 1000, 0, 0), smaller = arm(1250, 250, 0, 0);
    strcpy(smaller.reason, "crashed");
    check_scale(&here, &smaller);
    assert_non_null(strstr(here.reason, "could not be shown"));
    assert_true(isnan(here.counts[COUNTER_INSTRUCTIONS]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_no_core_reaches_is_refused),
        cmocka_unit_test(another_build_is_another_case),
        cmocka_unit_test(a_smaller_point_stands_for_the_whole_if_size_changes_nothing),
        cmocka_unit_test(work_that_grows_with_size_is_refused_with_its_numbers),
        cmocka_unit_test(misses_are_taken_back_alone),
        cmocka_unit_test(without_something_smaller_nothing_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
