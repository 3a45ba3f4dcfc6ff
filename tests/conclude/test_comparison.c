#include "conclude/comparison_internal.h"
#include "made_measurement.h"
#include "stats/sequential.h"

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

/* Adds to one arm's ticks what a process may add: alternately more and less. */
static void shift_replicates(struct made *made, size_t arm, double share) {
    for (size_t r = 0; r < made->measurement.replicate_count; r++)
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

/* The nominal p-value of `faster` over replicates that share no link. */
static double family_p_value_of(struct made *made) {
    struct judgement judgement;
    assert_int_equal(comparison_judge(&made->measurement, 1, &settings, 1.25, &judgement), 0);
    return judgement.p_value;
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
    make_replicates(&made, VERDICT_EQUIVALENT_UNITS, 1.002, 1, 1);
    struct comparison comparison = conclude(&made);
    assert_int_equal(comparison.verdict, VERDICT_EQUIVALENT);
    assert_int_equal(comparison.units, VERDICT_EQUIVALENT_UNITS);
    assert_false(comparison.target_met);
    clear(&made, &comparison);
}

/* 0.9^28 is above 5 %: a kind that a tenth of the processes are may have been missed by all of them. */
static void few_processes_are_not_equivalent(void **unused) {
    (void)unused;
    struct made made;
    make_replicates(&made, VERDICT_EQUIVALENT_UNITS - 1, 1.002, 1, 1);
    struct run_settings with = settings;
    with.budget_s = 2;
    with.replicates = VERDICT_EQUIVALENT_UNITS - 1;
    struct comparison comparison = {.target = 1.25};
    assert_int_equal(comparison_conclude(&made.measurement, 1, &with, &made.plan, &sample_clock, &comparison),
                     0);
    assert_int_equal(comparison.verdict, VERDICT_INCONCLUSIVE);
    assert_true(isnan(comparison.p_value));
    assert_string_equal(comparison.reason,
                        "within ±1 %, but 28 processes may all have missed a kind that 10 % are; equivalent "
                        "takes 29: --budget 2.08 --replicates 29");
    clear(&made, &comparison);
}

/* Eight replicates of two links: a link's part is in four of them, and Student's t has one degree left. */
static void replicates_that_share_links_count_once_a_link(void **unused) {
    (void)unused;
    struct made made;
    make(&made, 1.05, 1, 1);
    for (size_t r = 0; r < REPLICATES; r++) {
        made.measurement.replicates[r].layout = 1 + (int)(r % 2);
        for (size_t round = 0; round < ROUNDS; round++)
            if (r % 2)
                made.measurement.replicates[r].ticks[1][round] += 600;
    }
    struct comparison own = conclude_with(&made, "fixed"), shared = conclude_with(&made, "random");
    assert_true(own.units == REPLICATES && shared.units == 2 && shared.replicates == REPLICATES);
    assert_int_equal(own.verdict, VERDICT_FASTER);
    assert_int_equal(shared.verdict, VERDICT_INCONCLUSIVE);
    assert_non_null(strstr(shared.reason, "its 8 replicates share 2 links, each of which counts once"));
    assert_null(strstr(shared.reason, "--budget"));
    comparison_clear(&own);
    clear(&made, &shared);
}

static struct run_settings sequential_settings(unsigned most) {
    struct run_settings with = settings;
    strcpy(with.design, "sequential");
    strcpy(with.layout, "fixed");
    with.replicates = most;
    with.budget_s = most / 32.0;
    return with;
}

static enum arm_progress progress_of(struct made *made, unsigned most, size_t comparisons) {
    struct run_settings with = sequential_settings(most);
    enum arm_progress progress;
    assert_int_equal(comparison_progress(&made->measurement, 1, &with, comparisons, &progress), 0);
    return progress;
}

static void a_large_difference_is_settled_at_the_first_look(void **unused) {
    (void)unused;
    struct made made;
    struct comparison comparison = {.target = 1.25};
    struct run_settings with = sequential_settings(64);
    make_replicates(&made, 4, 2, 1, 1);
    assert_int_equal(progress_of(&made, 64, 1), ARM_SETTLED);
    assert_int_equal(comparison_conclude(&made.measurement, 1, &with, &made.plan, &sample_clock, &comparison),
                     0);
    assert_int_equal(comparison.verdict, VERDICT_FASTER);
    assert_true(comparison.target_met);
    /* Four of 64: a sixteenth of the error is spent. */
    double nominal = family_p_value_of(&made);
    assert_true(comparison.p_value >= nominal * 16 / 1.52 * 0.999 && comparison.p_value <= nominal * 16.001);
    clear(&made, &comparison);
}

/* A tenth of a per cent beyond delta, with replicates 0.3 % apart: at 4 of 64 nothing is known yet. */
static void a_small_difference_is_open_at_first(void **unused) {
    (void)unused;
    struct made made;
    make_replicates(&made, 4, 1.02, 1, 1);
    shift_replicates(&made, 1, 0.003);
    assert_int_equal(progress_of(&made, 64, 1), ARM_OPEN);
    assert_int_equal(progress_of(&made, 64, 51), ARM_OPEN);
    measurement_clear(&made.measurement);
}

/* Between no difference and delta, with a half-width that will stay above what is needed. */
static void what_cannot_be_told_apart_is_hopeless(void **unused) {
    (void)unused;
    struct made made;
    make_replicates(&made, 12, 1.001, 1, 1);
    shift_replicates(&made, 1, 0.05);
    assert_int_equal(progress_of(&made, 16, 1), ARM_HOPELESS);
    made.measurement.replicate_count = 6;
    assert_int_equal(progress_of(&made, 16, 1), ARM_OPEN);
    made.measurement.replicate_count = 12;
    measurement_clear(&made.measurement);
}

/* Within delta, with too few processes for `equivalent` as yet. */
static void what_may_become_equivalent_is_open(void **unused) {
    (void)unused;
    struct made made;
    make_replicates(&made, 24, 1.002, 1, 1);
    assert_int_equal(progress_of(&made, 32, 1), ARM_OPEN);
    measurement_clear(&made.measurement);
    make_replicates(&made, 32, 1.002, 1, 1);
    assert_int_equal(progress_of(&made, 32, 1), ARM_SETTLED);
    measurement_clear(&made.measurement);
}

/* What settled among 51 keeps its verdict when the other 50 come to nothing. */
static void what_is_settled_is_not_taken_back(void **unused) {
    (void)unused;
    enum { comparisons = 51 };
    struct made made;
    struct run run = {.settings = sequential_settings(32)};
    make_replicates(&made, 8, 1.1, 1, 1);
    shift_replicates(&made, 1, 0.002);
    assert_int_equal(progress_of(&made, 32, comparisons), ARM_SETTLED);
    assert_int_equal(run_add_measurement(&run, &made.measurement), 0);
    for (int i = 0; i < comparisons; i++) {
        struct comparison comparison = {.target = 1.05};
        assert_int_equal(comparison_conclude(&run.measurements[0], 1, &run.settings, &run.counter_plan,
                                             &sample_clock, &comparison),
                         0);
        if (i > 0) {
            comparison.verdict = VERDICT_INCONCLUSIVE;
            comparison.p_value = NAN;
        }
        assert_int_equal(run_add_comparison(&run, &comparison), 0);
    }
    assert_int_equal(comparisons_correct(&run), 0);
    assert_int_equal(run.comparisons[0].verdict, VERDICT_FASTER);
    assert_true(run.comparisons[0].target_met);
    assert_false(run.comparisons[1].target_met); /* no star beside `inconclusive` */
    run_clear(&run);
}

/* An arm that settled early: the replicates without it belong to the others. */
static void an_arm_of_fewer_replicates_is_judged_by_its_own(void **unused) {
    (void)unused;
    struct made made, alone;
    make_replicates(&made, 16, 1.3, 1, 1);
    make_replicates(&alone, 4, 1.3, 1, 1);
    for (size_t r = 4; r < 16; r++) {
        free(made.measurement.replicates[r].ticks[1]);
        made.measurement.replicates[r].ticks[1] = NULL;
        made.measurement.replicates[r].runs[1] = 0;
    }
    struct run_settings with = sequential_settings(16);
    struct comparison some = {.target = 1.25}, own = {.target = 1.25};
    assert_int_equal(comparison_conclude(&made.measurement, 1, &with, &made.plan, &sample_clock, &some), 0);
    assert_int_equal(comparison_conclude(&alone.measurement, 1, &with, &alone.plan, &sample_clock, &own), 0);
    assert_int_equal(some.replicates, 4);
    assert_true(some.speedup.low == own.speedup.low && some.speedup.high == own.speedup.high);
    assert_true(some.placebo.low == own.placebo.low && some.p_value == own.p_value);
    assert_true(some.baseline_time.median == own.baseline_time.median);
    measurement_clear(&alone.measurement);
    comparison_clear(&own);
    clear(&made, &some);
}

/* What the run takes for its error is spent over looks: the interval at the end is wider than a fixed one. */
static void looks_widen_the_interval(void **unused) {
    (void)unused;
    struct made made;
    make_replicates(&made, 16, 1.3, 1, 1);
    shift_replicates(&made, 1, 0.01);
    struct run_settings with = sequential_settings(16);
    struct comparison fixed = conclude(&made), looked = {.target = 1.25};
    assert_int_equal(comparison_conclude(&made.measurement, 1, &with, &made.plan, &sample_clock, &looked), 0);
    double ratio =
        log(looked.speedup.high / looked.speedup.low) / log(fixed.speedup.high / fixed.speedup.low);
    /* A quarter of 0.05, times 1.385, against 0.05, both with 15 degrees of freedom. */
    double expected = student_quantile(0.05 / 4 * 1.385 / 2, 15) / student_quantile(0.025, 15);
    assert_true(fabs(ratio / expected - 1) < 1e-6);
    comparison_clear(&fixed);
    clear(&made, &looked);
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
    assert_int_equal(comparison.limit.kind, LIMIT_INVALID_ARM);
    assert_int_equal(comparison.limit.fault, FAULT_WRONG_ANSWER); /* by its words, in a file from before */
    assert_true(isnan(comparison.speedup.estimate) && isnan(comparison.candidate_time.median));
    assert_non_null(strstr(comparison.reason, "x[1]"));
    clear(&made, &comparison);
}

static void a_fault_is_told_by_its_value_and_not_by_words(void **unused) {
    (void)unused;
    static const struct {
        enum arm_fault fault;
        const char *reason;
        enum verified verified;
    } faults[] = {{FAULT_WRONG_ANSWER, "cand: x[1]: 2 is not 3", VERIFIED_WRONG},
                  {FAULT_CRASHED, "wrong answer from cand, and then a crash", VERIFIED_NO},
                  {FAULT_PLACEBO, "wrong answer of a copy", VERIFIED_NO}};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct made made;
        make(&made, 1.5, 1, 1);
        made.measurement.arms[1].invalid = true;
        made.measurement.arms[1].fault = faults[i].fault;
        snprintf(made.measurement.arms[1].reason, RESULT_REASON, "%s", faults[i].reason);
        struct comparison comparison = conclude(&made);
        assert_int_equal(comparison.verified, faults[i].verified);
        assert_int_equal(comparison.limit.fault, faults[i].fault);
        assert_string_equal(comparison.reason, faults[i].reason);
        clear(&made, &comparison);
    }
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

static void latencies_are_counters_that_no_items_divide(void **unused) {
    (void)unused;
    struct made made;
    make(&made, 1.5, 1, 1);
    for (int event = COUNTER_LATENCY_P50; event <= COUNTER_LATENCY_MAX; event++)
        made.plan.entries[event] =
            (struct counter_plan_entry){.source = SOURCE_CLOCK, .trust = TRUST_TRUSTED};
    struct comparison comparison = conclude(&made);
    for (size_t i = 0; i < comparison.counter_count; i++) /* nobody recorded any: nothing is absent */
        assert_null(strstr(comparison.counters[i].name, "latency"));
    comparison_clear(&comparison);
    for (size_t r = 0; r < REPLICATES; r++) {
        made.measurement.replicates[r].latency[0] = (struct arm_latency){10, 20, 40, 80};
        made.measurement.replicates[r].latency[1] = (struct arm_latency){10, 10, NAN, 160};
    }
    comparison = conclude(&made);
    const struct counter_result *told = get_counter(&comparison, COUNTER_LATENCY_P50);
    static const double ratios[] = {1, 0.5, NAN, 2}, baselines[] = {10, 20, 40, 80};
    for (int i = 0; i < 4; i++) {
        assert_string_equal(told[i].name, counter_event_info[COUNTER_LATENCY_P50 + i].name);
        assert_true(told[i].baseline == baselines[i]);
        assert_true(isnan(ratios[i]) ? isnan(told[i].ratio.estimate)
                                     : fabs(told[i].ratio.estimate - ratios[i]) < 1e-12);
    }
    assert_non_null(strstr(told[2].reason, "recorded too few items to have it"));
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
    assert_int_equal(comparison.verdict, VERDICT_INCONCLUSIVE);
    assert_int_equal(sscanf(comparison.reason,
                            "about %lf times the budget would settle it (even odds): --budget %lf", &factor,
                            &budget),
                     2);
    assert_true(factor > 1 && factor <= 10 && fabs(budget / (2 * factor) - 1) < 0.05);
    char replicates[32];
    snprintf(replicates, sizeof replicates, "--replicates %.0f", budget / 2 * REPLICATES);
    assert_non_null(strstr(comparison.reason, replicates));
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

/*
 * The number of replicates follows from the budget, so that this alone is named; and nothing out of reach is.
 */
static void a_sequential_one_names_the_budget_alone(void **unused) {
    (void)unused;
    struct made made;
    make_replicates(&made, 16, 1.03, 1, 1);
    shift_replicates(&made, 1, 0.03);
    struct run_settings with = sequential_settings(16);
    struct comparison comparison = {.target = 1.25};
    assert_int_equal(comparison_conclude(&made.measurement, 1, &with, &made.plan, &sample_clock, &comparison),
                     0);
    assert_int_equal(comparison.verdict, VERDICT_INCONCLUSIVE);
    assert_non_null(strstr(comparison.reason, "would settle it (even odds): --budget "));
    assert_null(strstr(comparison.reason, "--replicates"));
    clear(&made, &comparison);
    make_replicates(&made, 16, 1.012, 1, 1);
    shift_replicates(&made, 1, 0.2);
    comparison = (struct comparison){.target = 1.25};
    assert_int_equal(comparison_conclude(&made.measurement, 1, &with, &made.plan, &sample_clock, &comparison),
                     0);
    assert_non_null(
        strstr(comparison.reason, "out of reach: even 10 times the budget would leave it open (±"));
    assert_null(strstr(comparison.reason, "--budget"));
    clear(&made, &comparison);
}

/* The best of many is picked from all of them: those that make no claim count, an invalid one does not. */
static void comparisons_without_a_claim_count(void **unused) {
    (void)unused;
    for (int invalid = 0; invalid <= 1; invalid++) {
        struct made made;
        struct run run = {.settings = settings};
        make(&made, 1.03, 1, 1);
        shift_replicates(&made, 1, 0.02);
        assert_int_equal(run_add_measurement(&run, &made.measurement), 0);
        for (int i = 0; i < 40; i++) {
            struct comparison comparison = {.target = 1.001};
            assert_int_equal(comparison_conclude(&run.measurements[0], 1, &run.settings, &run.counter_plan,
                                                 &sample_clock, &comparison),
                             0);
            assert_true(comparison.verdict == VERDICT_FASTER && comparison.target_met);
            if (i > 0) {
                comparison.verdict = invalid ? VERDICT_INVALID : VERDICT_INCONCLUSIVE;
                comparison.p_value = NAN;
            }
            assert_int_equal(run_add_comparison(&run, &comparison), 0);
        }
        assert_int_equal(comparisons_correct(&run), 0);
        assert_int_equal(run.comparisons[0].verdict, invalid ? VERDICT_FASTER : VERDICT_INCONCLUSIVE);
        assert_true(run.comparisons[0].target_met == invalid);
        run_clear(&run);
    }
}

/* A star holds among all comparisons, too, where the verdict does: 1.1 is told apart from 1.01 and not
 * from 1.08. */
static void a_star_is_corrected_for_the_family(void **unused) {
    (void)unused;
    struct made made;
    struct run run = {.settings = settings};
    make(&made, 1.1, 1, 1);
    shift_replicates(&made, 1, 0.012);
    assert_int_equal(run_add_measurement(&run, &made.measurement), 0);
    for (int i = 0; i < 40; i++) {
        struct comparison comparison = {.target = 1.085};
        assert_int_equal(comparison_conclude(&run.measurements[0], 1, &run.settings, &run.counter_plan,
                                             &sample_clock, &comparison),
                         0);
        assert_true(comparison.target_met);
        assert_int_equal(run_add_comparison(&run, &comparison), 0);
    }
    assert_int_equal(comparisons_correct(&run), 0);
    assert_int_equal(run.comparisons[0].verdict, VERDICT_FASTER);
    assert_false(run.comparisons[0].target_met);
    run_clear(&run);
}

/* Each figure of a replicate's own; those that a process could not tell are left out, not counted as 0. */
static void resources_and_latencies_are_medians_over_replicates(void **unused) {
    (void)unused;
    struct made made;
    make_replicates(&made, 5, 1.5, 1, 1);
    for (size_t r = 0; r < 5; r++)
        for (size_t arm = 0; arm < 3; arm++) {
            struct replicate *replicate = &made.measurement.replicates[r];
            double base = 1000.0 * (double)(arm + 1) + (double)(r * r);
            replicate->resources[arm] =
                (struct arm_resources){.peak_rss_bytes = base, .cpu_share = base / 1e4};
            replicate->latency[arm] = (struct arm_latency){base + 100, base + 200, base + 300, base + 400};
        }
    made.measurement.replicates[0].latency[1] = (struct arm_latency){NAN, NAN, NAN, NAN};
    struct comparison comparison = conclude(&made);
    const struct arm_latency *baseline = &comparison.baseline_latency,
                             *candidate = &comparison.candidate_latency;
    assert_true(baseline->p50 == 1104 && baseline->p95 == 1204 && baseline->p99 == 1304 &&
                baseline->max == 1404);
    /* Of 1, 4, 9 and 16, where the first process told none. */
    assert_true(candidate->p50 == 2106.5 && candidate->p95 == 2206.5 && candidate->p99 == 2306.5 &&
                candidate->max == 2406.5);
    assert_true(comparison.baseline_resources.peak_rss_bytes == 1004);
    assert_true(comparison.candidate_resources.peak_rss_bytes == 2004);
    assert_true(fabs(comparison.candidate_resources.cpu_share - 0.2004) < 1e-12);
    clear(&made, &comparison);
}

/* The counter of that name; NULL: there is none. */
static const struct counter_result *find_counter(const struct comparison *comparison, const char *name) {
    for (size_t i = 0; i < comparison->counter_count; i++)
        if (strcmp(comparison->counters[i].name, name) == 0)
            return &comparison->counters[i];
    return NULL;
}

/* Two instructions a cycle against three; as good as the weaker of the two counts, and none where one of them
 * is not counted by a PMU. */
static void instructions_a_cycle_are_of_counted_ones(void **unused) {
    (void)unused;
    static const struct {
        enum counter_source instructions, cycles;
        enum counter_trust trust;
        bool told;
    } plans[] = {{SOURCE_HW, SOURCE_HW, TRUST_TRUSTED, true},
                 {SOURCE_HW, SOURCE_HW_GENERIC, TRUST_DEGRADED, true},
                 {SOURCE_HW, SOURCE_CLOCK, TRUST_DEGRADED, false},
                 {SOURCE_SIM, SOURCE_HW, TRUST_TRUSTED, false},
                 {SOURCE_HW, SOURCE_HW, TRUST_UNTRUSTED, false}};
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        struct made made;
        make(&made, 1.5, 1, 1);
        for (size_t r = 0; r < REPLICATES; r++) {
            double(*counts)[COUNTER_EVENTS] = made.measurement.replicates[r].counters;
            counts[0][COUNTER_INSTRUCTIONS] = 200, counts[0][COUNTER_CYCLES] = 100;
            counts[1][COUNTER_INSTRUCTIONS] = 150, counts[1][COUNTER_CYCLES] = 50;
        }
        made.plan.entries[COUNTER_INSTRUCTIONS] =
            (struct counter_plan_entry){.source = plans[i].instructions, .trust = TRUST_TRUSTED};
        made.plan.entries[COUNTER_CYCLES] =
            (struct counter_plan_entry){.source = plans[i].cycles, .trust = plans[i].trust};
        struct comparison comparison = conclude(&made);
        const struct counter_result *ipc = find_counter(&comparison, "ipc");
        bool told = ipc && !isnan(ipc->baseline);
        assert_int_equal(told, plans[i].told);
        if (told) {
            assert_true(ipc->baseline == 2 && ipc->candidate == 3 && fabs(ipc->ratio.estimate - 1.5) < 1e-12);
            assert_int_equal(ipc->source, plans[i].cycles);
            assert_int_equal(ipc->trust, plans[i].trust);
        }
        clear(&made, &comparison);
    }
}

/* An arm that was not timed in a process has no runs there, whatever its ticks are. */
static void ticks_of_no_runs_are_no_samples(void **unused) {
    (void)unused;
    struct made made;
    make(&made, 1.5, 1, 1);
    made.measurement.replicates[3].runs[1] = 0;
    struct comparison comparison = conclude(&made);
    assert_int_equal(comparison.verdict, VERDICT_FASTER);
    assert_true(fabs(comparison.speedup.estimate - 1.5) < 0.001);
    clear(&made, &comparison);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_claim_that_holds_alone_may_not_hold_among_many),
        cmocka_unit_test(the_spread_is_split_by_what_the_placebo_shows),
        cmocka_unit_test(an_inconclusive_one_names_a_budget),
        cmocka_unit_test(resources_and_latencies_are_medians_over_replicates),
        cmocka_unit_test(instructions_a_cycle_are_of_counted_ones),
        cmocka_unit_test(ticks_of_no_runs_are_no_samples),
        cmocka_unit_test(a_real_difference_is_found_through_shared_noise),
        cmocka_unit_test(no_difference_is_equivalent),
        cmocka_unit_test(few_processes_are_not_equivalent),
        cmocka_unit_test(replicates_that_share_links_count_once_a_link),
        cmocka_unit_test(a_large_difference_is_settled_at_the_first_look),
        cmocka_unit_test(a_small_difference_is_open_at_first),
        cmocka_unit_test(what_cannot_be_told_apart_is_hopeless),
        cmocka_unit_test(what_may_become_equivalent_is_open),
        cmocka_unit_test(what_is_settled_is_not_taken_back),
        cmocka_unit_test(an_arm_of_fewer_replicates_is_judged_by_its_own),
        cmocka_unit_test(looks_widen_the_interval),
        cmocka_unit_test(comparisons_without_a_claim_count),
        cmocka_unit_test(a_star_is_corrected_for_the_family),
        cmocka_unit_test(a_sequential_one_names_the_budget_alone),
        cmocka_unit_test(a_placebo_that_differs_as_much_forbids_a_claim),
        cmocka_unit_test(a_failed_placebo_forbids_a_claim),
        cmocka_unit_test(an_invalid_arm_shows_no_speedup),
        cmocka_unit_test(a_fault_is_told_by_its_value_and_not_by_words),
        cmocka_unit_test(an_effect_of_order_is_named),
        cmocka_unit_test(replicates_without_an_arm_are_left_out),
        cmocka_unit_test(counters_are_per_item_and_absent_ones_are_not_zero),
        cmocka_unit_test(latencies_are_counters_that_no_items_divide),
        cmocka_unit_test(counts_that_are_sometimes_zero_have_a_ratio_of_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
