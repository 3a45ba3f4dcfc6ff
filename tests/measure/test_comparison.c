#include "made_measurement.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct comparison conclude(struct made *made) {
    struct comparison comparison = {.target = 1.25};
    assert_int_equal(
        comparison_conclude(&made->measurement, 1, &settings, &made->plan, &sample_clock, &comparison), 0);
    return comparison;
}

static void clear(struct made *made, struct comparison *comparison) {
    comparison_clear(comparison);
    measurement_clear(&made->measurement);
}

static void a_real_difference_is_found_through_shared_noise(void **unused) {
    (void)unused;
    struct made made;
    make(&made, 1.5, 1, 1);
    struct comparison comparison = conclude(&made);
    assert_int_equal(comparison.verdict, VERDICT_FASTER);
    assert_true(comparison.target_met);
    assert_true(fabs(comparison.speedup.estimate - 1.5) < 0.001);
    assert_true(comparison.speedup.low < 1.5 && comparison.speedup.high > 1.499);
    assert_true(fabs(comparison.placebo.estimate - 1) < 0.001);
    /* 20000 ticks a run at 2 ticks/ns and 10 items: 1000 ns an item, within the 5 % of noise. */
    assert_true(fabs(comparison.baseline_time.median - 1000) < 10);
    assert_true(fabs(comparison.candidate_time.median - 1000 / 1.5) < 10);
    assert_true(comparison.baseline_time.min >= 949 && comparison.baseline_time.p95 <= 1052);
    assert_string_equal(comparison.carry_over_text, "");
    clear(&made, &comparison);
}

static void no_difference_is_equivalent(void **unused) {
    (void)unused;
    struct made made;
    make(&made, 1.002, 1, 1);
    struct comparison comparison = conclude(&made);
    assert_int_equal(comparison.verdict, VERDICT_EQUIVALENT);
    assert_false(comparison.target_met);
    clear(&made, &comparison);
}

static void a_placebo_that_differs_as_much_forbids_a_claim(void **unused) {
    (void)unused;
    struct made made;
    make(&made, 1.03, 1.04, 1);
    struct comparison comparison = conclude(&made);
    assert_int_equal(comparison.verdict, VERDICT_INCONCLUSIVE);
    clear(&made, &comparison);
}

static void a_failed_placebo_forbids_a_claim(void **unused) {
    (void)unused;
    struct made made;
    make(&made, 1.5, 1, 1);
    made.measurement.arms[2].invalid = true;
    struct comparison comparison = conclude(&made);
    assert_int_equal(comparison.verdict, VERDICT_INCONCLUSIVE);
    clear(&made, &comparison);
}

static void an_invalid_arm_shows_no_speedup(void **unused) {
    (void)unused;
    struct made made;
    make(&made, 1.5, 1, 1);
    made.measurement.arms[1].invalid = true;
    snprintf(made.measurement.arms[1].reason, RESULT_REASON,
             "wrong answer from cand: x[1]: got 2, expected 3");
    struct comparison comparison = conclude(&made);
    assert_int_equal(comparison.verdict, VERDICT_INVALID);
    assert_int_equal(comparison.verified, VERIFIED_WRONG);
    assert_true(isnan(comparison.speedup.estimate) && isnan(comparison.candidate_time.median));
    assert_non_null(strstr(comparison.reason, "x[1]"));
    clear(&made, &comparison);
}

static void an_effect_of_order_is_named(void **unused) {
    (void)unused;
    struct made made;
    make(&made, 1.5, 1, 1.05);
    struct comparison comparison = conclude(&made);
    assert_non_null(strstr(comparison.carry_over_text, "order matters: the speedup is -4.8 %"));
    clear(&made, &comparison);
}

static void replicates_without_an_arm_are_left_out(void **unused) {
    (void)unused;
    struct made made;
    make(&made, 1.5, 1, 1);
    free(made.measurement.replicates[3].ticks[1]);
    made.measurement.replicates[3].ticks[1] = NULL;
    struct comparison comparison = conclude(&made);
    assert_int_equal(comparison.verdict, VERDICT_FASTER);
    clear(&made, &comparison);
}

static void set_counter(struct made *made, enum counter_event event, double baseline, double candidate) {
    made->plan.entries[event] = (struct counter_plan_entry){.source = SOURCE_SW, .trust = TRUST_TRUSTED};
    for (size_t r = 0; r < REPLICATES; r++) {
        made->measurement.replicates[r].counters[0][event] = baseline;
        made->measurement.replicates[r].counters[1][event] = candidate;
    }
}

static const struct counter_result *get_counter(const struct comparison *comparison,
                                                enum counter_event event) {
    return &comparison->counters[event];
}

static void counters_are_per_item_and_absent_ones_are_not_zero(void **unused) {
    (void)unused;
    struct made made;
    make(&made, 1.5, 1, 1);
    set_counter(&made, COUNTER_READ_CALLS, 40, 10);
    set_counter(&made, COUNTER_PAGE_FAULTS, 0, 3);
    snprintf(made.plan.entries[COUNTER_INSTRUCTIONS].reason, 192, "no PMU");
    struct comparison comparison = conclude(&made);
    const struct counter_result *calls = get_counter(&comparison, COUNTER_READ_CALLS);
    assert_true(calls->baseline == 4 && calls->candidate == 1 && fabs(calls->ratio.estimate - 0.25) < 1e-12);
    assert_true(calls->candidate_interval.low == 1 && calls->candidate_interval.high == 1);
    const struct counter_result *faults = get_counter(&comparison, COUNTER_PAGE_FAULTS);
    assert_true(faults->baseline == 0 && fabs(faults->candidate - 0.3) < 1e-12 &&
                isnan(faults->ratio.estimate));
    const struct counter_result *instructions = get_counter(&comparison, COUNTER_INSTRUCTIONS);
    assert_int_equal(instructions->source, SOURCE_NONE);
    assert_true(isnan(instructions->baseline) && isnan(instructions->ratio.estimate));
    assert_string_equal(instructions->reason, "no PMU");
    clear(&made, &comparison);
}

static void counts_that_are_sometimes_zero_have_a_ratio_of_sums(void **unused) {
    (void)unused;
    struct made made;
    make(&made, 1.5, 1, 1);
    set_counter(&made, COUNTER_CONTEXT_SWITCHES, 0, 2);
    made.measurement.replicates[0].counters[0][COUNTER_CONTEXT_SWITCHES] = 4;
    made.measurement.replicates[1].counters[1][COUNTER_CONTEXT_SWITCHES] = 0;
    struct comparison comparison = conclude(&made);
    const struct counter_result *switches = get_counter(&comparison, COUNTER_CONTEXT_SWITCHES);
    assert_true(fabs(switches->ratio.estimate - 14.0 / 4) < 1e-12);
    assert_true(fabs(switches->ratio.estimate - switches->candidate / switches->baseline) < 1e-12);
    assert_true(switches->ratio.low >= 0);
    /* Seven zeros and a 0.4: the mean's interval would reach below 0. */
    assert_true(fabs(switches->baseline_interval.estimate - 0.05) < 1e-12);
    assert_true(switches->baseline_interval.low == 0 && switches->baseline_interval.high > 0.1);
    clear(&made, &comparison);
}

/* Adds to one arm's ticks what a process may add: alternately more and less. */
static void shift_replicates(struct made *made, size_t arm, double share) {
    for (size_t r = 0; r < REPLICATES; r++)
        for (size_t round = 0; round < ROUNDS; round++) {
            uint64_t *ticks = &made->measurement.replicates[r].ticks[arm][round];
            *ticks = (uint64_t)((double)*ticks * (1 + (r % 2 ? share : -share)));
        }
}

static struct comparison conclude_with(struct made *made, const char *layout) {
    struct comparison comparison = {.target = 1.25};
    struct run_settings with = settings;
    with.budget_s = 2;
    with.replicates = REPLICATES;
    snprintf(with.layout, sizeof with.layout, "%s", layout);
    assert_int_equal(
        comparison_conclude(&made->measurement, 1, &with, &made->plan, &sample_clock, &comparison), 0);
    return comparison;
}

/* Shares of ±2 % over 8 replicates are a standard deviation of 0.02 * sqrt(8 / 7); ±1 % likewise. */
static void the_spread_is_split_by_what_the_placebo_shows(void **unused) {
    (void)unused;
    struct made made;
    make(&made, 1.5, 1, 1);
    shift_replicates(&made, 1, 0.02);
    shift_replicates(&made, 2, 0.01);
    struct comparison random = conclude_with(&made, "random"), fixed = conclude_with(&made, "fixed");
    double whole = 0.02 * sqrt(8.0 / 7), layout = 0.01 * sqrt(8.0 / 7);
    assert_true(fabs(random.spread_layout - layout) < 0.01 * layout);
    assert_true(fabs(random.spread_process - sqrt(whole * whole - layout * layout)) < 0.01 * whole);
    assert_true(isnan(fixed.spread_layout));
    assert_true(fabs(fixed.spread_process - whole) < 0.01 * whole);
    comparison_clear(&fixed);
    clear(&made, &random);
}

static void an_inconclusive_one_names_a_budget(void **unused) {
    (void)unused;
    struct made made;
    make(&made, 1.03, 1, 1);
    shift_replicates(&made, 1, 0.03);
    struct comparison comparison = conclude_with(&made, "random");
    double factor = 0, budget = 0;
    unsigned replicates = 0;
    assert_int_equal(comparison.verdict, VERDICT_INCONCLUSIVE);
    assert_int_equal(sscanf(comparison.reason,
                            "about %lf times the budget would settle it (even odds): --budget %lf "
                            "--replicates %u",
                            &factor, &budget, &replicates),
                     3);
    assert_true(factor > 1 && replicates > REPLICATES && replicates < 100);
    assert_true(fabs(budget - 2.0 * replicates / REPLICATES) < 0.01 * budget);
    clear(&made, &comparison);
}

/*
 * 3 % with replicates apart by 2 %: the half-width is 2.365 * 0.02 / sqrt(7) = 1.8 %, so that it is just
 * clear of 1 %, but not at the level that 40 such claims need.
 */
static void a_claim_that_holds_alone_may_not_hold_among_many(void **unused) {
    (void)unused;
    enum { claims = 40 };
    struct made made;
    struct run run = {.settings = settings};
    run.settings.budget_s = 2;
    run.settings.replicates = REPLICATES;
    make(&made, 1.03, 1, 1);
    shift_replicates(&made, 1, 0.02);
    assert_int_equal(run_add_measurement(&run, &made.measurement), 0);
    for (int i = 0; i < claims; i++) {
        struct comparison comparison = {.target = 1.25};
        assert_int_equal(comparison_conclude(&run.measurements[0], 1, &run.settings, &run.counter_plan,
                                             &sample_clock, &comparison),
                         0);
        assert_int_equal(comparison.verdict, VERDICT_FASTER);
        assert_int_equal(run_add_comparison(&run, &comparison), 0);
    }
    assert_int_equal(comparisons_correct(&run), 0);
    double factor = 0;
    for (int i = 0; i < claims; i++) {
        assert_int_equal(run.comparisons[i].verdict, VERDICT_INCONCLUSIVE);
        assert_int_equal(sscanf(run.comparisons[i].reason,
                                "faster alone, but not among 40 comparisons; about %lf times the budget",
                                &factor),
                         1);
        assert_true(factor > 1 && factor < 10);
    }
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_claim_that_holds_alone_may_not_hold_among_many),
        cmocka_unit_test(the_spread_is_split_by_what_the_placebo_shows),
        cmocka_unit_test(an_inconclusive_one_names_a_budget),
        cmocka_unit_test(a_real_difference_is_found_through_shared_noise),
        cmocka_unit_test(no_difference_is_equivalent),
        cmocka_unit_test(a_placebo_that_differs_as_much_forbids_a_claim),
        cmocka_unit_test(a_failed_placebo_forbids_a_claim),
        cmocka_unit_test(an_invalid_arm_shows_no_speedup),
        cmocka_unit_test(an_effect_of_order_is_named),
        cmocka_unit_test(replicates_without_an_arm_are_left_out),
        cmocka_unit_test(counters_are_per_item_and_absent_ones_are_not_zero),
        cmocka_unit_test(counts_that_are_sometimes_zero_have_a_ratio_of_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
