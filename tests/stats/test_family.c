#include "stats/family.h"

#include "countersign.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

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

static void levels_are_pococks(void **unused) {
    (void)unused;
    /* Pocock 1977, table 1; Jennison and Turnbull, Group Sequential Methods, table 2.1: z
     * = 1.960, 2.178, 2.289, 2.361, 2.413. */
    static const double z[] = {1.960, 2.178, 2.289, 2.361, 2.413};
    for (unsigned looks = 1; looks <= FAMILY_MAX_LOOKS; looks++)
        assert_true(fabs(-normal_quantile(family_look_level(looks) / 2) - z[looks - 1]) < 0.002);
    assert_true(isnan(family_look_level(0)) && isnan(family_look_level(6)));
}

/* Normal data, no effect: rejected at any of the looks in at most 5 % of 20,000 tries (three standard errors:
 * 0.5 points). */
static void looks_keep_the_level(void **unused) {
    (void)unused;
    struct cs_random random = cs_random_seed(4);
    for (unsigned looks = 2; looks <= FAMILY_MAX_LOOKS; looks++) {
        double boundary = -normal_quantile(family_look_level(looks) / 2);
        int rejected = 0;
        for (int try = 0; try < 20000; try++) {
            double sum = 0;
            for (unsigned look = 1; look <= looks; look++) {
                double u = fmax(cs_random_unit(&random), 1e-12);
                sum += normal_quantile(u);
                if (fabs(sum) / sqrt(look) > boundary) {
                    rejected++;
                    break;
                }
            }
        }
        assert_in_range(rejected, 900, 1100);
    }
}

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

static void what_makes_no_claim_does_not_count(void **unused) {
    (void)unused;
    const double p[] = {NAN, 0.04, NAN};
    bool accepted[3];
    assert_int_equal(family_holm(p, 3, 0.05, accepted), 0);
    assert_true(!accepted[0] && accepted[1] && !accepted[2]);
    assert_int_equal(family_holm(p, 0, 0.05, accepted), 0);
}

static struct interval around(double log_estimate, double half) {
    return interval_exp((struct interval){log_estimate, log_estimate - half, log_estimate + half});
}

static void the_settling_factor_makes_the_verdict(void **unused) {
    (void)unused;
    struct cs_random random = cs_random_seed(8);
    int settled = 0;
    for (int i = 0; i < 2000; i++) {
        double effect = 0.06 * cs_random_unit(&random) - 0.03, half = 0.03 * cs_random_unit(&random);
        double placebo = 0.004 * cs_random_unit(&random) - 0.002, floor = 0.02 * cs_random_unit(&random);
        double factor = family_settling_factor(around(effect, half), around(placebo, floor), 0.01);
        if (!isfinite(factor) || factor == 1)
            continue;
        double less = sqrt(factor * 0.98), more = sqrt(factor * 1.02);
        assert_int_equal(verdict_of(around(effect, half / less), around(placebo / less, floor / less), 0.01),
                         VERDICT_INCONCLUSIVE);
        assert_int_not_equal(
            verdict_of(around(effect, half / more), around(placebo / more, floor / more), 0.01),
            VERDICT_INCONCLUSIVE);
        settled++;
    }
    assert_true(settled > 500);
}

static void what_is_settled_or_cannot_be_is_told(void **unused) {
    (void)unused;
    assert_true(family_settling_factor(around(0.1, 0.01), no_placebo, 0.01) == 1);
    assert_true(isnan(family_settling_factor(no_placebo, no_placebo, 0.01)));
    assert_true(family_settling_factor(around(log1p(0.01), 0.001), no_placebo, 0.01) > 1e6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_are_pococks),
        cmocka_unit_test(looks_keep_the_level),
        cmocka_unit_test(a_p_value_is_where_the_interval_ends_the_claim),
        cmocka_unit_test(a_placebo_raises_the_p_value),
        cmocka_unit_test(holm_accepts_step_by_step),
        cmocka_unit_test(what_makes_no_claim_does_not_count),
        cmocka_unit_test(the_settling_factor_makes_the_verdict),
        cmocka_unit_test(what_is_settled_or_cannot_be_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
