#include "stats/family.h"

#include "assert_close.h"
#include "countersign.h"

#include <stdlib.h>

/* Replicates of one round each: the estimate is their mean, the interval Student's t over them. */
static struct ratio_estimate estimate_of(const double *values, size_t count, double confidence) {
    struct replicate_ratios ratios[64];
    struct ratio_estimate estimate;
    for (size_t i = 0; i < count; i++)
        ratios[i] = (struct replicate_ratios){.log_ratio = &values[i], .count = 1};
    assert_int_equal(estimate_log_ratio(ratios, count, confidence, &estimate), 0);
    return estimate;
}

static const struct interval no_placebo = {NAN, NAN, NAN};

static void a_p_value_is_where_the_interval_ends_the_claim(void **unused) {
    (void)unused;
    /* Mean 0.1, standard error 0.01 with 3 degrees of freedom; the bar is log(1.01) = 0.00995: t = 9.005. */
    const double step = 0.01 * sqrt(3.0);
    const double values[] = {0.1 - step, 0.1 - step, 0.1 + step, 0.1 + step};
    struct ratio_estimate estimate = estimate_of(values, 4, 0.95);
    assert_true(fabs(estimate.between_error - 0.01) < 1e-12);
    double p = family_p_value(&estimate, no_placebo, 0.01, VERDICT_FASTER);
    double expected = 2 * (1 - student_cdf((0.1 - log(1.01)) / 0.01, 3));
    assert_true(fabs(p / expected - 1) < 1e-4);
    assert_true(family_p_value(&estimate, no_placebo, 0.01, VERDICT_SLOWER) == 1);
    assert_true(family_p_value(&estimate, no_placebo, 0.01, VERDICT_EQUIVALENT) == 1);
}

static void a_placebo_raises_the_p_value(void **unused) {
    (void)unused;
    const double values[] = {0.09, 0.1, 0.1, 0.11};
    struct ratio_estimate estimate = estimate_of(values, 4, 0.95);
    double free = family_p_value(&estimate, no_placebo, 0.01, VERDICT_FASTER);
    double held = family_p_value(&estimate, (struct interval){1, 0.95, 1.05}, 0.01, VERDICT_FASTER);
    assert_true(held > 2 * free);
    assert_true(family_p_value(&estimate, (struct interval){1, 0.9, 1.12}, 0.01, VERDICT_FASTER) == 1);
}

static void holm_accepts_step_by_step(void **unused) {
    (void)unused;
    /* Sorted 0.005, 0.01, 0.03, 0.04 against 0.0125, 0.0167, 0.025: the third stops it. */
    const double p[] = {0.01, 0.04, 0.03, 0.005};
    bool accepted[4];
    assert_int_equal(family_holm(p, 4, 0.05, accepted), 0);
    assert_true(accepted[0] && !accepted[1] && !accepted[2] && accepted[3]);
    const double all[] = {0.0125, 0.016, 0.024, 0.05};
    assert_int_equal(family_holm(all, 4, 0.05, accepted), 0);
    assert_true(accepted[0] && accepted[1] && accepted[2] && accepted[3]);
}

static void what_is_no_comparison_does_not_count(void **unused) {
    (void)unused;
    const double p[] = {NAN, 0.04, NAN};
    bool accepted[3];
    assert_int_equal(family_holm(p, 3, 0.05, accepted), 0);
    assert_true(!accepted[0] && accepted[1] && !accepted[2]);
    assert_int_equal(family_holm(p, 0, 0.05, accepted), 0);
}

/* The best of 51 at 0.049 is what chance gives; alone it would hold. */
static void what_makes_no_claim_counts(void **unused) {
    (void)unused;
    double p[51];
    bool accepted[51];
    for (size_t i = 0; i < 51; i++)
        p[i] = 1;
    p[7] = 0.049;
    assert_int_equal(family_holm(p, 51, 0.05, accepted), 0);
    assert_false(accepted[7]);
    p[7] = 0.05 / 51;
    assert_int_equal(family_holm(p, 51, 0.05, accepted), 0);
    assert_true(accepted[7] && !accepted[6]);
}

/* Mean 0.3 with a standard error of 0.01 and 3 degrees of freedom; the target is log(1.25) = 0.2231. */
static void a_target_has_a_p_value(void **unused) {
    (void)unused;
    const double step = 0.01 * sqrt(3.0);
    const double values[] = {0.3 - step, 0.3 - step, 0.3 + step, 0.3 + step};
    struct ratio_estimate estimate = estimate_of(values, 4, 0.95);
    double expected = 2 * student_cdf((log(1.25) - 0.3) / 0.01, 3);
    assert_close(family_target_p_value(&estimate, 1.25) / expected, 1, 1e-4);
    assert_true(family_target_p_value(&estimate, 1.4) == 1);
}

/* An estimate over `replicates` with this standard error, and nothing known of rounds. */
static struct ratio_estimate made(double centre, double error, size_t replicates) {
    struct ratio_estimate estimate = estimate_unknown();
    estimate.between_error = error;
    estimate.between_degrees = (double)replicates - 1;
    estimate.units = estimate.replicates = estimate.rounds = replicates;
    estimate.log.estimate = centre;
    estimate.log = estimate_interval(&estimate, 0.95);
    return estimate;
}

static double settling_factor(const struct ratio_estimate *estimate, const struct ratio_estimate *placebo,
                              double delta, size_t claims) {
    const struct settling settling = {.estimate = estimate,
                                      .placebo = placebo,
                                      .delta = delta,
                                      .confidence = 1 - 0.05 / (double)claims,
                                      .placebo_confidence = 0.95};
    return family_settling_factor(&settling);
}

static double factor_of(double centre, double error, size_t replicates, size_t claims) {
    struct ratio_estimate estimate = made(centre, error, replicates);
    return settling_factor(&estimate, NULL, 0.01, claims);
}

/* Half of the replicates are done, and the estimate lies a standard error beyond the limit: counted. */
static void the_chance_of_going_on_is_that_counted(void **unused) {
    (void)unused;
    struct cs_random random = cs_random_seed(9);
    const double error = 0.004, centre = log1p(0.01) + 1.5 * error;
    struct ratio_estimate estimate = made(centre, error, 1000);
    const struct settling settling = {
        .estimate = &estimate, .delta = 0.01, .confidence = 0.95, .placebo_confidence = 0.95};
    double half = family_half_after(&estimate, 0.95, 2);
    int settled = 0;
    for (int i = 0; i < 20000; i++) {
        double truth = centre + error * normal_quantile(fmax(cs_random_unit(&random), 1e-12));
        double rest = truth + error * normal_quantile(fmax(cs_random_unit(&random), 1e-12));
        double all = (centre + rest) / 2;
        struct interval ratio = interval_exp((struct interval){all, all - half, all + half});
        settled += verdict_of(ratio, no_placebo, 0.01) != VERDICT_INCONCLUSIVE;
    }
    assert_close(family_chance_going_on(&settling, 2), settled / 20000.0, 0.015);
}

/*
 * Many replicates, so that t is normal, and a difference beyond the limit by 1.9 of its standard errors: even
 * odds are where that is the next half-width, 1.96 errors / root. The odds of coming out on the other side of
 * the limit, below 0.4 %, make it a little less.
 */
static void the_settling_factor_gives_even_odds(void **unused) {
    (void)unused;
    double limit = log1p(0.01), error = 0.0001, expected = 1.96 * 1.96 / (1.9 * 1.9);
    assert_close(factor_of(limit + 1.9 * error, error, 100000, 1), expected, 0.02);
    assert_close(factor_of(-limit - 1.9 * error, error, 100000, 1), expected, 0.02);
    assert_true(factor_of(limit + 2 * error, error, 100000, 1) == 1);
    /* On the limit either side settles it: 1.96 / sqrt(factor + 1) is the normal quartile, 0.6745. */
    assert_close(factor_of(limit, error, 100000, 1), 7.444, 0.01);
}

/* The odds themselves, counted: next estimates drawn around the one given, with the variance of both. */
static void the_odds_are_even_when_counted(void **unused) {
    (void)unused;
    struct cs_random random = cs_random_seed(6);
    static const double centres[] = {0, 0.004, 0.009, 0.012, 0.02};
    for (size_t c = 0; c < sizeof centres / sizeof *centres; c++) {
        double error = 0.006, factor = factor_of(centres[c], error, 8, 1);
        assert_true(factor > 1 && factor < 100);
        double half = -student_quantile(0.025, 8 * factor - 1) * error / sqrt(factor);
        int settled = 0;
        for (int i = 0; i < 20000; i++) {
            double u = fmax(cs_random_unit(&random), 1e-12);
            double next = centres[c] + error * sqrt(1 + 1 / factor) * normal_quantile(u);
            struct interval ratio = interval_exp((struct interval){next, next - half, next + half});
            settled += verdict_of(ratio, no_placebo, 0.01) != VERDICT_INCONCLUSIVE;
        }
        assert_in_range(settled, 9700, 10300);
    }
}

static void more_claims_and_a_placebo_ask_for_more(void **unused) {
    (void)unused;
    double alone = factor_of(0.02, 0.006, 8, 1), among = factor_of(0.02, 0.006, 8, 50);
    struct ratio_estimate estimate = made(0.02, 0.006, 8), placebo = made(0, 0.006, 8);
    assert_true(among > 1.3 * alone);
    assert_true(settling_factor(&estimate, &placebo, 0.01, 1) > 1.2 * alone);
}

static void what_is_settled_or_cannot_be_is_told(void **unused) {
    (void)unused;
    struct ratio_estimate unknown = made(NAN, NAN, 8), good = made(0.02, 0.006, 8);
    assert_true(factor_of(0.1, 0.01, 8, 1) == 1);
    struct ratio_estimate exact = made(0, 0, 8);
    assert_true(isinf(settling_factor(&exact, NULL, 0, 1)));
    assert_true(isnan(settling_factor(&unknown, NULL, 0.01, 1)));
    assert_true(isnan(settling_factor(&good, &unknown, 0.01, 1)));
}

/* The guard must be in the p-value as it is in the interval: 8 times its error. */
static void a_p_value_heeds_the_guard(void **unused) {
    (void)unused;
    struct ratio_estimate estimate = made(0.1, 1e-6, 8);
    estimate.within_variance = 8 * 0.03 * 0.03;
    estimate.within_degrees = INFINITY;
    double z = (0.1 - log1p(0.01)) / 0.03;
    double p = family_p_value(&estimate, no_placebo, 0.01, VERDICT_FASTER);
    assert_close(p / (2 * normal_cdf(-z) / ESTIMATE_GUARD_ERRORS), 1, 1e-4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_p_value_is_where_the_interval_ends_the_claim),
        cmocka_unit_test(a_placebo_raises_the_p_value),
        cmocka_unit_test(holm_accepts_step_by_step),
        cmocka_unit_test(what_is_no_comparison_does_not_count),
        cmocka_unit_test(what_makes_no_claim_counts),
        cmocka_unit_test(a_target_has_a_p_value),
        cmocka_unit_test(the_chance_of_going_on_is_that_counted),
        cmocka_unit_test(the_settling_factor_gives_even_odds),
        cmocka_unit_test(the_odds_are_even_when_counted),
        cmocka_unit_test(more_claims_and_a_placebo_ask_for_more),
        cmocka_unit_test(a_p_value_heeds_the_guard),
        cmocka_unit_test(what_is_settled_or_cannot_be_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
