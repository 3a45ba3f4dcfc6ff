#include "conclude/change.h"
#include "made_measurement.h"

#include <math.h>

struct made_run {
    struct made made;
    struct run run;
};

/* A run of one comparison with a given speedup and placebo, on one machine. */
static void make_run(struct made_run *made, double speedup, double placebo) {
    *made = (struct made_run){.run = {.id = "run"}};
    make_replicates(&made->made, 32, speedup, placebo, 1);
    struct run *run = &made->run;
    run->settings = settings;
    run->host = (struct fingerprint){.cpu_model = "M", .kernel = "Linux 6", .cpu_flags = "fpu avx2"};
    run->host.clock = sample_clock;
    strcpy(made->made.measurement.arms[0].code_hash, "1111");
    strcpy(made->made.measurement.arms[1].code_hash, "2222");
    struct comparison comparison = {.case_name = "case", .kernel = "kernel", .target = 1.25};
    assert_int_equal(comparison_conclude(&made->made.measurement, 1, &settings, &made->made.plan,
                                         &sample_clock, &comparison),
                     0);
    assert_int_equal(run_add_measurement(run, &made->made.measurement), 0);
    assert_int_equal(run_add_comparison(run, &comparison), 0);
}

static struct run_changes find(const struct made_run *before, const struct made_run *after) {
    struct run_changes changes;
    assert_int_equal(run_changes_find(&before->run, &after->run, &changes), 0);
    return changes;
}

static struct comparison_change change_between(double before_speedup, double after_speedup, double placebo) {
    static struct made_run before, after;
    make_run(&before, before_speedup, 1);
    make_run(&after, after_speedup, placebo);
    struct run_changes changes = find(&before, &after);
    assert_int_equal(changes.comparison_count, 1);
    struct comparison_change change = changes.comparisons[0];
    run_changes_clear(&changes);
    run_clear(&before.run);
    run_clear(&after.run);
    return change;
}

static void distances_of_ends_are_added_as_squares(void **unused) {
    (void)unused;
    struct interval difference =
        interval_of_difference((struct interval){1, 0.7, 1.4}, (struct interval){3, 2.7, 3.4});
    assert_float_equal(difference.estimate, 2, 1e-12);
    assert_float_equal(difference.low, 1.5, 1e-12);  /* 2 - sqrt(0.3^2 + 0.4^2) */
    assert_float_equal(difference.high, 2.5, 1e-12); /* 2 + sqrt(0.4^2 + 0.3^2) */
    assert_true(isnan(interval_of_difference((struct interval){1, NAN, NAN}, difference).low));
}

static void a_change_is_found_and_its_mirror_image(void **unused) {
    (void)unused;
    struct comparison_change grew = change_between(1.5, 1.6, 1), shrank = change_between(1.6, 1.5, 1);
    assert_int_equal(grew.verdict, VERDICT_FASTER);
    assert_int_equal(shrank.verdict, VERDICT_SLOWER);
    assert_float_equal(grew.speedup.estimate, 1.6 / 1.5, 0.002);
    assert_float_equal(grew.speedup.low * shrank.speedup.high, 1, 1e-9);
    assert_true(grew.p_value < 1e-6 && grew.p_value > 0);
    assert_float_equal(grew.p_value, shrank.p_value, 1e-9);
    assert_float_equal(grew.baseline_time.estimate, 1, 0.002);
    assert_float_equal(grew.candidate_time.estimate, 1.5 / 1.6, 0.002);
    assert_true(grew.candidate_time.low < 1.5 / 1.6 && 1.5 / 1.6 < grew.candidate_time.high);
}

static void what_did_not_change_is_the_same(void **unused) {
    (void)unused;
    struct comparison_change same = change_between(1.5, 1.5, 1);
    assert_int_equal(same.verdict, VERDICT_EQUIVALENT);
    assert_true(same.same_baseline && same.same_candidate);
}

/* The second run's placebo is off by as much as the speedup grew: the machine, not the code. */
static void a_change_within_the_placebos_drift_is_none(void **unused) {
    (void)unused;
    struct comparison_change change = change_between(1.5, 1.53, 1.03);
    assert_int_equal(change.verdict, VERDICT_INCONCLUSIVE);
    assert_float_equal(change.placebo.estimate, 1.03, 0.002);
    assert_int_equal(change_between(1.5, 1.53, 1).verdict, VERDICT_FASTER);
}

static void what_one_run_alone_has_is_no_pair(void **unused) {
    (void)unused;
    static struct made_run before, after;
    make_run(&before, 1.5, 1);
    make_run(&after, 1.5, 1);
    after.run.comparisons[0].point = (struct point){.values = {{.name = "n", .value = 8}}, .count = 1};
    struct run_changes changes = find(&before, &after);
    assert_int_equal(changes.comparison_count, 0);
    assert_int_equal(changes.before_alone.count, 1);
    assert_int_equal(changes.after_alone.count, 1);
    assert_true(isnan(changes.drift_low));
    run_changes_clear(&changes);
    run_clear(&before.run);
    run_clear(&after.run);
}

/* An invalid comparison has no speedup, and no change of one. */
static void an_invalid_comparison_has_no_change(void **unused) {
    (void)unused;
    static struct made_run before, after;
    make_run(&before, 1.5, 1);
    make_run(&after, 1.5, 1);
    after.run.comparisons[0].verdict = VERDICT_INVALID;
    struct run_changes changes = find(&before, &after);
    assert_int_equal(changes.comparisons[0].verdict, VERDICT_INVALID);
    assert_true(isnan(changes.comparisons[0].speedup.estimate));
    assert_true(isnan(changes.comparisons[0].candidate_time.estimate));
    run_changes_clear(&changes);
    run_clear(&before.run);
    run_clear(&after.run);
}

/* Twenty pairs that do not differ but for one, which does by what is enough alone and too little among so many. */
static void a_change_holds_among_all_or_not_at_all(void **unused) {
    (void)unused;
    static struct made_run before, after;
    make_run(&before, 1.5, 1);
    make_run(&after, 1.5, 1);
    struct measurement *measurement = &after.run.measurements[0];
    for (size_t r = 0; r < measurement->replicate_count;
         r++) /* processes scatter by 6 % around 4 % less time */
        for (size_t round = 0; round < ROUNDS; round++)
            measurement->replicates[r].ticks[1][round] =
                (uint64_t)((double)measurement->replicates[r].ticks[1][round] * (r % 2 ? 0.90 : 1.02));
    struct run_changes alone = find(&before, &after);
    assert_int_equal(alone.comparisons[0].verdict, VERDICT_FASTER);
    double p_value = alone.comparisons[0].p_value;
    size_t family = (size_t)(0.05 / p_value) + 2; /* Holm's first step: p times their number is above 5 % */
    for (size_t i = 1; i < family; i++) {
        struct comparison old = before.run.comparisons[0], new = after.run.comparisons[0];
        old.counters = new.counters = NULL;
        old.counter_count = new.counter_count = 0;
        old.claims = new.claims = NULL;
        old.claim_count = new.claim_count = 0;
        old.point = new.point = (struct point){.values = {{.name = "n", .value = (int64_t)i}}, .count = 1};
        old.measurement = new.measurement = 0;
        assert_int_equal(run_add_comparison(&before.run, &old), 0);
        assert_int_equal(run_add_comparison(&after.run, &new), 0);
    }
    assert_true(family < 2000);
    struct run_changes among = find(&before, &after);
    assert_int_equal(among.comparisons[0].verdict, VERDICT_INCONCLUSIVE);
    run_changes_clear(&alone);
    run_changes_clear(&among);
    run_clear(&before.run);
    run_clear(&after.run);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(distances_of_ends_are_added_as_squares),
                                       cmocka_unit_test(a_change_is_found_and_its_mirror_image),
                                       cmocka_unit_test(what_did_not_change_is_the_same),
                                       cmocka_unit_test(a_change_within_the_placebos_drift_is_none),
                                       cmocka_unit_test(what_one_run_alone_has_is_no_pair),
                                       cmocka_unit_test(an_invalid_comparison_has_no_change),
                                       cmocka_unit_test(a_change_holds_among_all_or_not_at_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
