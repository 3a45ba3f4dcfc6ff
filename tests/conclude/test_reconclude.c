#include "conclude/fits.h"
#include "conclude/mechanism.h"
#include "made_measurement.h"

#include <errno.h>
#include <math.h>

/* A run of one comparison, concluded as the program does. */
static void make_run(struct run *run) {
    struct made made;
    make(&made, 1.5, 1, 1);
    memset(run, 0, sizeof *run);
    run->settings = settings;
    run->host.clock = sample_clock;
    run->counter_plan = made.plan;
    measurement_digest(&made.measurement, made.measurement.digest);
    assert_int_equal(run_add_measurement(run, &made.measurement), 0);
    struct comparison comparison = {.target = 1.25};
    assert_int_equal(comparison_conclude(&run->measurements[0], 1, &run->settings, &run->counter_plan,
                                         &sample_clock, &comparison),
                     0);
    assert_int_equal(run_add_comparison(run, &comparison), 0);
    assert_int_equal(comparisons_correct(run), 0);
}

static void an_untouched_run_verifies(void **unused) {
    (void)unused;
    struct run run;
    struct disagreement found[8];
    make_run(&run);
    assert_int_equal(run_verify(&run, found, 8), 0);
    run_clear(&run);
}

/* By the plan of its case, where that has one, and not by the run's. */
static void each_case_is_verified_by_its_own_plan(void **unused) {
    (void)unused;
    struct run run;
    struct disagreement found[8];
    make_run(&run);
    struct case_plan own = {.case_name = "case", .plan = run.counter_plan};
    for (int event = 0; event < COUNTER_EVENTS; event++)
        run.counter_plan.entries[event].unlisted = true;
    assert_true(run_verify(&run, found, 8) > 0);
    snprintf(run.comparisons[0].case_name, RESULT_NAME, "case");
    snprintf(run.measurements[0].case_name, RESULT_NAME, "case");
    assert_int_equal(run_add_case_plan(&run, &own), 0);
    assert_int_equal(run_verify(&run, found, 8), 0);
    run_clear(&run);
}

static void a_sample_far_out_in_a_tail_is_found(void **unused) {
    (void)unused;
    struct run run;
    struct disagreement found[8];
    make_run(&run);
    uint64_t *const *ticks = run.measurements[0].replicates[2].ticks;
    size_t slowest = 0;
    for (size_t i = 0; i < ROUNDS; i++)
        if (ticks[1][i] * ticks[0][slowest] > ticks[1][slowest] * ticks[0][i])
            slowest = i;
    ticks[1][slowest]++;
    assert_int_equal(run_verify(&run, found, 8), 1);
    assert_string_equal(found[0].what, "digest of the samples");
    assert_true(found[0].comparison == SIZE_MAX);
    run_clear(&run);
}

static void a_changed_verdict_is_found(void **unused) {
    (void)unused;
    struct run run;
    struct disagreement found[8];
    make_run(&run);
    run.comparisons[0].verdict = VERDICT_SLOWER;
    assert_int_equal(run_verify(&run, found, 8), 1);
    assert_string_equal(found[0].what, "verdict");
    assert_string_equal(found[0].file, "slower");
    assert_string_equal(found[0].samples, "faster");
    run_clear(&run);
}

static void a_changed_interval_and_counter_are_found(void **unused) {
    (void)unused;
    struct run run;
    struct disagreement found[8];
    make_run(&run);
    run.comparisons[0].speedup.high *= 1.001;
    run.comparisons[0].counters[COUNTER_PAGE_FAULTS].candidate = 0; /* absent passed off as zero */
    assert_int_equal(run_verify(&run, found, 8), 2);
    assert_string_equal(found[0].what, "speedup high");
    assert_string_equal(found[1].what, "page-faults candidate");
    assert_string_equal(found[1].samples, "absent");
    run_clear(&run);
}

static void a_counter_under_another_name_is_found(void **unused) {
    (void)unused;
    struct run run;
    struct disagreement found[8];
    make_run(&run);
    strcpy(run.comparisons[0].counters[COUNTER_PAGE_FAULTS].name, "instructions");
    assert_int_equal(run_verify(&run, found, 8), 1);
    assert_string_equal(found[0].what, "name of a counter");
    assert_string_equal(found[0].file, "instructions");
    assert_string_equal(found[0].samples, "page-faults");
    run_clear(&run);
}

/* Crossovers follow from verdicts, and those from the samples. */
static void a_comparison_of_other_samples_is_found(void **unused) {
    (void)unused;
    struct run run;
    struct disagreement found[8];
    make_run(&run);
    strcpy(run.comparisons[0].kernel, "other");
    run.comparisons[0].point = (struct point){.values = {{.name = "n", .value = 4096}}, .count = 1};
    assert_int_equal(run_verify(&run, found, 8), 2);
    assert_string_equal(found[0].what, "kernel");
    assert_string_equal(found[1].what, "point");
    assert_string_equal(found[1].file, "n=4096");
    run_clear(&run);
}

static void a_comparison_left_out_is_found(void **unused) {
    (void)unused;
    struct run run;
    struct disagreement found[8];
    make_run(&run);
    comparison_clear(&run.comparisons[--run.comparison_count]);
    assert_int_equal(run_verify(&run, found, 8), 1);
    assert_string_equal(found[0].what, "comparisons of cand");
    assert_string_equal(found[0].file, "0");
    assert_string_equal(found[0].samples, "1");
    run_clear(&run);
}

static void a_changed_crossover_is_found(void **unused) {
    (void)unused;
    struct run run;
    struct disagreement found[8];
    make_run(&run);
    struct crossover_prediction crossover = {.parameter = "n", .low = 8, .high = 64, .first = 4, .last = 4};
    strcpy(run.comparisons[0].case_name, "case");
    strcpy(run.measurements[0].case_name, "case");
    strcpy(crossover.case_name, "case");
    memcpy(crossover.candidate, run.comparisons[0].candidate, sizeof crossover.candidate);
    run.measurements[0].point = run.comparisons[0].point =
        (struct point){.values = {{.name = "n", .value = 4}}, .count = 1};
    crossover_judge(&run, &crossover);
    assert_int_equal(crossover.outcome, MECHANISM_UNEXPLAINED);
    assert_int_equal(run_add_crossover(&run, &crossover), 0);
    assert_int_equal(run_verify(&run, found, 8), 0);
    run.crossovers[0].outcome = MECHANISM_EXPLAINED;
    assert_int_equal(run_verify(&run, found, 8), 1);
    assert_string_equal(found[0].what, "outcome of a crossover");
    assert_string_equal(found[0].samples, "unexplained");
    run_clear(&run);
}

static void changed_fits_are_found(void **unused) {
    (void)unused;
    struct run run;
    struct disagreement found[8];
    make_run(&run);
    struct growth_fit growth = {.parameter = "n", .first = 1, .last = 100, .predicted = "n"};
    struct scaling_fit scaling = {.fit = scaling_unknown()};
    snprintf(growth.variant, sizeof growth.variant, "%s", run.comparisons[0].candidate);
    snprintf(scaling.variant, sizeof scaling.variant, "%s", run.comparisons[0].candidate);
    assert_int_equal(growth_predict(&run, &growth), 0);
    assert_int_equal(scaling_judge(&run, &scaling), 0);
    assert_int_equal(run_add_scaling(&run, &scaling), 0);
    assert_int_equal(run.growth[0].outcome, MECHANISM_UNMEASURED);
    assert_int_equal(run_verify(&run, found, 8), 0);
    run.growth[0].outcome = MECHANISM_EXPLAINED;
    run.growth[0].fit.possible[GROWTH_LINEAR] = true;
    run.scaling[0].fit.peak.estimate = 12;
    assert_int_equal(run_verify(&run, found, 8), 3);
    assert_string_equal(found[0].what, "growth possible");
    assert_string_equal(found[1].what, "outcome of growth");
    assert_string_equal(found[2].what, "peak");
    assert_int_equal(run_conclude_again(&run), 0); /* what was predicted stays, what is not there goes */
    assert_int_equal(run.scaling_count, 0);
    assert_int_equal(run.growth_count, 1);
    assert_int_equal(run.growth[0].outcome, MECHANISM_UNMEASURED);
    run_clear(&run);
}

static void the_interval_of_one_variant_is_checked_where_the_file_has_it(void **unused) {
    (void)unused;
    struct run run;
    struct disagreement found[8];
    make_run(&run);
    struct counter_result *faults = &run.comparisons[0].counters[COUNTER_PAGE_FAULTS];
    faults->baseline_interval = (struct interval){1, 0.5, 1.5};
    assert_int_equal(run_verify(&run, found, 8), 2);
    assert_string_equal(found[0].what, "page-faults baseline.low");
    faults->baseline_interval = faults->candidate_interval = (struct interval){NAN, NAN, NAN};
    assert_int_equal(run_verify(&run, found, 8), 0);
    run_clear(&run);
}

static void more_than_fit_are_counted(void **unused) {
    (void)unused;
    struct run run;
    struct disagreement found[1];
    make_run(&run);
    run.comparisons[0].speedup.low = run.comparisons[0].speedup.high = 2;
    assert_int_equal(run_verify(&run, found, 1), 2);
    run_clear(&run);
}

/* Files of before spread_layout have what it holds in the spread of the processes. */
static void layouts_that_are_not_told_apart_verify(void **unused) {
    (void)unused;
    struct run run;
    struct disagreement found[8];
    make_run(&run);
    assert_true(isnan(run.comparisons[0].spread_layout));
    strcpy(run.settings.layout, "random");
    assert_int_equal(run_verify(&run, found, 8), 0);
    run.comparisons[0].spread_layout = 0.5;
    assert_in_range(run_verify(&run, found, 8), 1, 2);
    run.comparisons[0].spread_layout = NAN;
    run.comparisons[0].spread_process = 0.5;
    assert_int_equal(run_verify(&run, found, 8), 1);
    assert_string_equal(found[0].what, "spread of processes");
    run_clear(&run);
}

static void conclusions_of_other_rules_are_drawn_again(void **unused) {
    (void)unused;
    struct run run;
    struct disagreement found[8];
    make_run(&run);
    struct interval speedup = run.comparisons[0].speedup;
    run.comparisons[0].speedup.low /= 1.01;
    run.comparisons[0].verdict = VERDICT_INCONCLUSIVE;
    run.comparisons[0].mechanism = MECHANISM_EXPLAINED;
    assert_int_equal(run_conclude_again(&run), 0);
    assert_true(run.comparisons[0].speedup.low == speedup.low);
    assert_int_equal(run.comparisons[0].verdict, VERDICT_FASTER);
    assert_int_equal(run.comparisons[0].mechanism, MECHANISM_UNMEASURED);
    assert_int_equal(run_verify(&run, found, 8), 0);
    run.measurements[0].replicates[0].ticks[0][0]++;
    run.comparisons[0].verdict = VERDICT_SLOWER;
    assert_int_equal(run_conclude_again(&run), -EBADMSG);
    assert_int_equal(run.comparisons[0].verdict, VERDICT_SLOWER);
    run_clear(&run);
}

static void counters_and_times_are_drawn_again_too(void **unused) {
    (void)unused;
    struct run run;
    struct disagreement found[8];
    make_run(&run);
    struct comparison *comparison = &run.comparisons[0];
    assert_true(comparison->counter_count > 0);
    double right = comparison->counters[0].baseline, median = comparison->baseline_time.median;
    comparison->counters[0].baseline = 12345;
    comparison->counters[0].predicted = true;
    comparison->baseline_time.median *= 2;
    comparison->mechanism = MECHANISM_EXPLAINED;
    assert_true(run_verify(&run, found, 8) > 0);
    assert_int_equal(run_conclude_again(&run), 0);
    assert_int_equal(run_verify(&run, found, 8), 0);
    assert_true(comparison->counters[0].baseline == right ||
                (isnan(right) && isnan(comparison->counters[0].baseline)));
    assert_true(comparison->counters[0].predicted && comparison->baseline_time.median == median);
    assert_int_equal(comparison->mechanism, MECHANISM_UNMEASURED); /* by another number */
    run_clear(&run);
}

/* How a valid arm was verified is known from the file alone, and kept by its digest; of an invalid one it
 * follows. */
static void a_changed_verification_and_noise_are_found(void **unused) {
    (void)unused;
    struct run run;
    struct disagreement found[32];
    make_run(&run);
    strcpy(run.comparisons[0].noise_text, "steal 40 %");
    assert_int_equal(run_verify(&run, found, 32), 1);
    assert_string_equal(found[0].what, "noise");
    run.digest.state = DIGEST_ABSENT; /* of a version that had other words */
    assert_int_equal(run_verify(&run, found, 32), 0);
    run.comparisons[0].noise_text[0] = '\0';
    run.measurements[0].arms[1].invalid = true;
    strcpy(run.measurements[0].arms[1].reason, "wrong answer from cand");
    assert_int_equal(run_conclude_again(&run), 0);
    run.comparisons[0].verified = VERIFIED_YES;
    long count = run_verify(&run, found, 32);
    assert_in_range(count, 1, 32);
    bool named = false;
    for (long i = 0; i < count; i++)
        named |= strcmp(found[i].what, "verified") == 0;
    assert_true(named);
    run_clear(&run);
}

static void a_changed_file_is_not_concluded_again(void **unused) {
    (void)unused;
    struct run run;
    make_run(&run);
    run.digest.state = DIGEST_BROKEN;
    assert_int_equal(run_conclude_again(&run), -EBADMSG);
    run.digest.state = DIGEST_REMOVED;
    assert_int_equal(run_conclude_again(&run), -EBADMSG);
    run.digest.state = DIGEST_HOLDS;
    assert_int_equal(run_conclude_again(&run), 0);
    assert_int_equal(run.digest.state, DIGEST_NEW);
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_that_are_not_told_apart_verify),
        cmocka_unit_test(an_untouched_run_verifies),
        cmocka_unit_test(each_case_is_verified_by_its_own_plan),
        cmocka_unit_test(a_changed_verification_and_noise_are_found),
        cmocka_unit_test(a_changed_file_is_not_concluded_again),
        cmocka_unit_test(a_sample_far_out_in_a_tail_is_found),
        cmocka_unit_test(a_changed_verdict_is_found),
        cmocka_unit_test(a_changed_interval_and_counter_are_found),
        cmocka_unit_test(a_counter_under_another_name_is_found),
        cmocka_unit_test(a_comparison_of_other_samples_is_found),
        cmocka_unit_test(a_comparison_left_out_is_found),
        cmocka_unit_test(a_changed_crossover_is_found),
        cmocka_unit_test(changed_fits_are_found),
        cmocka_unit_test(the_interval_of_one_variant_is_checked_where_the_file_has_it),
        cmocka_unit_test(more_than_fit_are_counted),
        cmocka_unit_test(conclusions_of_other_rules_are_drawn_again),
        cmocka_unit_test(counters_and_times_are_drawn_again_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
