#include "assert_close.h"
#include "stats/estimate.h"

#include <countersign.h>
#include <errno.h>
#include <stdlib.h>

static const double group_a[] = {3.1, 2.7, 3.6, 2.9, 3.3}, group_b[] = {2.2, 2.9, 1.8, 2.4, 3.5, 2.0, 2.6};

/* scipy 1.10: scipy.stats.t.interval(0.95, 4, mean, scipy.stats.sem(a)), and (0.99, 6, …) for b. */
static void test_mean_interval(void **state) {
    (void)state;
    struct interval a = mean_interval(group_a, 5, 0.95), b = mean_interval(group_b, 7, 0.99);
    assert_close(a.estimate, 3.12, 1e-14);
    assert_close(a.low, 2.6863054103391257, 1e-12);
    assert_close(a.high, 3.5536945896608745, 1e-12);
    assert_close(b.low, 1.6749553886445159, 1e-12);
    assert_close(b.high, 3.2964731827840548, 1e-12);
}

static void test_mean_interval_leaves_nan_out(void **state) {
    (void)state;
    const double values[] = {NAN, 3.1, 2.7, NAN, 3.6, 2.9, 3.3, NAN}, absent[] = {NAN, NAN}, one[] = {NAN, 4};
    assert_close(mean_interval(values, 8, 0.95).low, 2.6863054103391257, 1e-12);
    struct interval none = mean_interval(absent, 2, 0.95), single = mean_interval(one, 2, 0.95);
    assert_true(isnan(none.estimate) && isnan(none.low) && isnan(none.high));
    assert_close(single.estimate, 4, 0);
    assert_true(isnan(single.low) && isnan(single.high));
    assert_true(isnan(mean_interval(NULL, 0, 0.95).estimate));
    assert_true(isnan(mean_interval(group_a, 5, 1).low));
}

static void test_equal_values_have_no_width(void **state) {
    (void)state;
    const double values[] = {7, 7, 7};
    struct interval mean = mean_interval(values, 3, 0.95);
    assert_close(mean.low, 7, 0);
    assert_close(mean.high, 7, 0);
}

static void test_interval_exp(void **state) {
    (void)state;
    struct interval ratio = interval_exp((struct interval){log(1.5), log(1.25), log(2)});
    assert_close(ratio.estimate, 1.5, 1e-15);
    assert_close(ratio.low, 1.25, 1e-15);
    assert_close(ratio.high, 2, 1e-15);
    assert_true(isnan(interval_exp((struct interval){0, NAN, NAN}).low));
}

/*
 * One replicate of 8 rounds. The squared error of its midmean, by numpy 1.24 and scipy 1.10: w =
 * scipy.stats.mstats.winsorize(y, limits=(.25, .25)); numpy.var(w, ddof=1) * 7 / (4 * 3) is
 * 0.000103822916666666667 (Tukey and McLaughlin), on 3 degrees of freedom; scipy.stats.t.ppf(.975, 3) is
 * 3.182446305284263.
 */
static void test_one_replicate_has_the_error_of_a_trimmed_mean(void **state) {
    (void)state;
    const double y[] = {.012, -.03, .4, .021, .005, -.011, .017, -.9};
    const struct replicate_ratios replicate = {y, 8, 0};
    struct ratio_estimate e;
    assert_int_equal(estimate_log_ratio(&replicate, 1, 0.95, &e), 0);
    assert_close(e.log.estimate, 0.00575, 1e-15);
    assert_close(e.within_variance, 0.000103822916666666667, 1e-17);
    assert_close(e.within_half, 3.182446305284263 * sqrt(0.000103822916666666667), 1e-13);
    assert_close(e.log.high - e.log.estimate, e.within_half, 1e-15);
    assert_true(isnan(e.between_half) && isnan(e.between_variance));
    assert_int_equal(e.replicates, 1);
    assert_int_equal(e.rounds, 8);
}

/* Replicates of one round: plain Student's t over them, here the mean interval tested above. */
static void test_replicates_of_one_round(void **state) {
    (void)state;
    struct replicate_ratios replicates[5];
    for (size_t i = 0; i < 5; i++)
        replicates[i] = (struct replicate_ratios){&group_a[i], 1, 0};
    struct ratio_estimate e;
    assert_int_equal(estimate_log_ratio(replicates, 5, 0.95, &e), 0);
    assert_close(e.log.low, 2.6863054103391257, 1e-12);
    assert_close(e.log.high, 3.5536945896608745, 1e-12);
    assert_true(isnan(e.within_half) && isnan(e.within_variance) && isnan(e.between_variance));
    assert_int_equal(e.rounds, 5);
}

/* Fills `count` rounds with centre ± width, in an order that blocks cannot see: a spread that is known
 * exactly. */
static void fill_alternating(double *rounds, size_t count, double centre, double width) {
    for (size_t i = 0; i < count; i++)
        rounds[i] = centre + (i % 2 ? width : -width);
}

/* Equal midmeans, noisy rounds: the guard must speak. Unequal midmeans, quiet rounds: the between level. */
static void test_the_guard_keeps_luck_from_narrowing(void **state) {
    (void)state;
    double rounds[3][50];
    struct cs_random random = cs_random_seed(11);
    struct replicate_ratios replicates[3];
    struct ratio_estimate e;
    for (size_t i = 0; i < 50; i++)
        rounds[0][i] = rounds[1][i] = rounds[2][i] = cs_random_unit(&random);
    for (size_t r = 0; r < 3; r++)
        replicates[r] = (struct replicate_ratios){rounds[r], 50, 0};
    assert_int_equal(estimate_log_ratio(replicates, 3, 0.95, &e), 0);
    assert_close(e.between_half, 0, 1e-15);
    assert_true(e.within_half > 0.01);
    /* The guard of 95 % is the within-process interval of 1 - 8 * 5 %. */
    double guard = -student_quantile(0.2, e.within_degrees) * sqrt(e.within_variance / 3);
    assert_close(e.log.high - e.log.low, 2 * guard, 1e-14);
    assert_close(estimate_half_width(&e, 0.95), guard, 1e-14);
    assert_close(estimate_half_width(&e, 0.5), 0, 1e-15);
    assert_close(e.between_variance, 0, 0);

    for (size_t r = 0; r < 3; r++)
        fill_alternating(rounds[r], 50, (double)r, 1e-3);
    assert_int_equal(estimate_log_ratio(replicates, 3, 0.95, &e), 0);
    /* Midmeans 0, 1, 2 have variance 1; the quantile of t with 2 degrees is (2 p - 1) / sqrt(2 p (1 - p)). */
    assert_close(e.between_half, 0.95 / sqrt(2 * 0.975 * 0.025) / sqrt(3), 1e-12);
    assert_close(e.log.estimate, 1, 1e-12);
    assert_close(e.log.low, 1 - e.between_half, 1e-12);
    assert_true(e.within_half < 1e-3);
    assert_close(e.between_variance, 1, 1e-6);
}

/* A drift slower than a block is spread between blocks; blind to order, the error would be seven times as
 * small. */
static void test_blocks_see_autocorrelation(void **state) {
    (void)state;
    double slow[500], shuffled[500];
    for (size_t i = 0; i < 500; i++) {
        slow[i] = sin((double)i * 2 * M_PI / 250);
        shuffled[i * 211 % 500] = slow[i];
    }
    const struct replicate_ratios one = {slow, 500, 0}, other = {shuffled, 500, 0};
    struct ratio_estimate seen, unseen;
    assert_int_equal(estimate_log_ratio(&one, 1, 0.95, &seen), 0);
    assert_int_equal(estimate_log_ratio(&other, 1, 0.95, &unseen), 0);
    assert_close(seen.log.estimate, unseen.log.estimate, 1e-12);
    assert_true(seen.within_half > 5 * unseen.within_half);
}

/* Replicates too short to know their spread must take it from the long ones, in proportion to 1 / rounds. */
static void test_short_replicates_borrow_a_spread(void **state) {
    (void)state;
    struct cs_random random = cs_random_seed(12);
    double rounds[100];
    for (size_t i = 0; i < 100; i++)
        rounds[i] = cs_random_unit(&random);
    const struct replicate_ratios both[] = {{rounds, 100, 0}, {rounds, 5, 0}};
    struct ratio_estimate alone, mixed;
    assert_int_equal(estimate_log_ratio(both, 1, 0.95, &alone), 0);
    assert_int_equal(estimate_log_ratio(both, 2, 0.95, &mixed), 0);
    /* Variances v and v * 100 / 5; their mean is 10.5 v. */
    assert_close(mixed.within_variance, 10.5 * alone.within_variance, 1e-12);
    /*
     * The sum stands on the long replicate's degrees of freedom alone: half-widths differ by sqrt(10.5 / 2).
     */
    assert_close(mixed.within_half, alone.within_half * sqrt(10.5 / 2), 1e-10);
}

static void test_empty_replicates_are_ignored(void **state) {
    (void)state;
    double rounds[2][20];
    fill_alternating(rounds[0], 20, 0.1, 0.01);
    fill_alternating(rounds[1], 20, 0.2, 0.02);
    const struct replicate_ratios full[] = {{rounds[0], 20, 0}, {rounds[1], 20, 0}};
    const struct replicate_ratios gaps[] = {
        {NULL, 0, 0}, {rounds[0], 20, 0}, {NULL, 0, 0}, {rounds[1], 20, 0}};
    struct ratio_estimate a, b;
    assert_int_equal(estimate_log_ratio(full, 2, 0.95, &a), 0);
    assert_int_equal(estimate_log_ratio(gaps, 4, 0.95, &b), 0);
    assert_int_equal(b.replicates, 2);
    assert_int_equal(b.rounds, 40);
    assert_close(a.log.low, b.log.low, 0);
    assert_close(a.log.high, b.log.high, 0);
}

static void test_any_number_of_rounds_works(void **state) {
    (void)state;
    struct cs_random random = cs_random_seed(13);
    double rounds[8][40];
    for (size_t count = 1; count <= 40; count++)
        for (size_t processes = 1; processes <= 8; processes++) {
            struct replicate_ratios replicates[8];
            for (size_t r = 0; r < processes; r++) {
                for (size_t i = 0; i < count; i++)
                    rounds[r][i] = 0.3 + 0.01 * cs_random_unit(&random);
                replicates[r] = (struct replicate_ratios){rounds[r], count, 0};
            }
            struct ratio_estimate e;
            assert_int_equal(estimate_log_ratio(replicates, processes, 0.95, &e), 0);
            assert_true(e.log.estimate >= 0.3 && e.log.estimate <= 0.31);
            if (count == 1 && processes == 1)
                assert_true(isnan(e.log.low) && isnan(e.log.high));
            else
                assert_true(e.log.low < e.log.estimate && e.log.estimate < e.log.high);
            assert_int_equal(isnan(e.between_half), processes == 1);
        }
}

static void test_estimate_is_mirrored_by_a_swap(void **state) {
    (void)state;
    struct cs_random random = cs_random_seed(14);
    double ratios[4][30], swapped[4][30];
    struct replicate_ratios one[4], other[4];
    for (size_t r = 0; r < 4; r++) {
        for (size_t i = 0; i < 30; i++) {
            ratios[r][i] = log(0.5 + cs_random_unit(&random));
            swapped[r][i] = -ratios[r][i];
        }
        one[r] = (struct replicate_ratios){ratios[r], 30, 0};
        other[r] = (struct replicate_ratios){swapped[r], 30, 0};
    }
    struct ratio_estimate a, b;
    assert_int_equal(estimate_log_ratio(one, 4, 0.95, &a), 0);
    assert_int_equal(estimate_log_ratio(other, 4, 0.95, &b), 0);
    assert_close(a.log.estimate, -b.log.estimate, 1e-14);
    assert_close(a.log.low, -b.log.high, 1e-14);
    assert_close(a.log.high, -b.log.low, 1e-14);
}

static void test_more_confidence_is_wider(void **state) {
    (void)state;
    const double y[] = {1, 2, 4, 3, 5, 8, 6};
    const struct replicate_ratios replicate = {y, 7, 0};
    struct ratio_estimate narrow, wide;
    assert_int_equal(estimate_log_ratio(&replicate, 1, 0.9, &narrow), 0);
    assert_int_equal(estimate_log_ratio(&replicate, 1, 0.99, &wide), 0);
    assert_true(wide.within_half > 1.5 * narrow.within_half);
}

static void test_senseless_input_is_refused(void **state) {
    (void)state;
    const double good[] = {1, 2, 3}, infinite[] = {1, INFINITY, 3}, absent[] = {1, 2, NAN};
    const struct replicate_ratios fine = {good, 3, 0}, empty = {NULL, 0, 0};
    const struct replicate_ratios bad[] = {{infinite, 3, 0}, {absent, 3, 0}};
    struct ratio_estimate e;
    assert_int_equal(estimate_log_ratio(&fine, 0, 0.95, &e), -EINVAL);
    assert_int_equal(estimate_log_ratio(&empty, 1, 0.95, &e), -EINVAL);
    assert_int_equal(estimate_log_ratio(&bad[0], 1, 0.95, &e), -EINVAL);
    assert_int_equal(estimate_log_ratio(&bad[1], 1, 0.95, &e), -EINVAL);
    assert_int_equal(estimate_log_ratio(&fine, 1, 1, &e), -EINVAL);
    assert_int_equal(estimate_log_ratio(&fine, 1, NAN, &e), -EINVAL);
    assert_true(isnan(e.log.estimate) && isnan(e.log.low) && isnan(e.within_half) && isnan(e.between_half));
    assert_int_equal(e.replicates, 0);
}

/* One round a replicate: the replicates' estimates are the values themselves. */
static struct ratio_estimate estimate_values(const double *values, const int *groups, size_t count) {
    struct replicate_ratios replicates[64];
    struct ratio_estimate estimate;
    for (size_t i = 0; i < count; i++)
        replicates[i] = (struct replicate_ratios){&values[i], 1, groups ? groups[i] : 0};
    assert_int_equal(estimate_log_ratio(replicates, count, 0.95, &estimate), 0);
    return estimate;
}

/* Link means 2, 4, 9: mean 5, standard error sqrt(13 / 3), two degrees of freedom. */
static void test_shared_links_count_once_each(void **state) {
    (void)state;
    const double values[] = {1, 3, 4, 8, 10, 9};
    const int groups[] = {1, 1, 2, 3, 3, 3}, one[] = {7, 7, 7, 7, 7, 7};
    struct ratio_estimate shared = estimate_values(values, groups, 6);
    assert_int_equal(shared.units, 3);
    assert_int_equal(shared.replicates, 6);
    assert_close(shared.log.estimate, 5, 1e-12);
    assert_close(shared.log.high - 5, -student_quantile(0.025, 2) * sqrt(13.0 / 3), 1e-9);
    struct ratio_estimate alone = estimate_values(values, one, 6), own = estimate_values(values, NULL, 6);
    assert_int_equal(alone.units, 6);
    assert_true(alone.log.low == own.log.low && alone.log.high == own.log.high);
}

/* Six processes at 0 and two at 1, a little apart. Clopper and Pearson's 95 % interval of 2 of 8 ends at
 * 0.6509 (R, binom.test(2, 8)); Student's t would end at 0.637. */
static void test_two_kinds_have_the_interval_of_their_share(void **state) {
    (void)state;
    double values[8], mirrored[8];
    for (size_t i = 0; i < 8; i++) {
        values[i] = (i % 4 == 1 ? 1 : 0) + 1e-6 * (double)(i * 3 % 5);
        mirrored[i] = -values[i];
    }
    struct ratio_estimate estimate = estimate_values(values, NULL, 8);
    struct ratio_estimate other = estimate_values(mirrored, NULL, 8);
    assert_true(estimate.kinds.low_count == 6 && estimate.kinds.high_count == 2);
    assert_close(estimate.log.high, 0.6509, 1e-4);
    assert_close(estimate.log.low, -other.log.high, 1e-9);
    assert_close(estimate.log.high, -other.log.low, 1e-9);
}

/* Hall's ends by hand: mean 0, deviation s, skewness g of sixteen values, the adjusted coefficient of Fisher and
 * Pearson (computed in Python from its definition, as scipy.stats.skew with bias=False has it). */
static void test_skewed_values_have_a_longer_end(void **state) {
    (void)state;
    const double values[] = {-1.1, 0.3,  -0.8, 1.9, -0.9, -0.2, 0.7,  -1.0,
                             3.1,  -0.6, -0.4, 0.1, -0.7, 1.2,  -0.5, -1.1};
    struct ratio_estimate estimate = estimate_values(values, NULL, 16);
    double s = estimate.between_error * 4, g = estimate.skewness, q = -student_quantile(0.025, 15) / 4;
    assert_close(g, 1.4774239806, 1e-9);
    double x = 3 / g * (cbrt(1 + g * (-q - g / 96)) - 1);
    assert_close(estimate.log.high, estimate.log.estimate - s * x, 1e-9);
    assert_close(estimate.log.low, estimate.log.estimate - q * s, 1e-9);
    assert_int_equal((int)estimate_values(values, NULL, 15).skewness, 0);
}

/* A trend of sixteen: its blocks have the means 1.5, 5.5, 9.5, 13.5, of which the standard error is sqrt(20 /
 * 3). */
static void test_neighbours_that_resemble_each_other_widen_it(void **state) {
    (void)state;
    double rising[16], turning[16];
    for (size_t i = 0; i < 16; i++) {
        rising[i] = (double)i;
        turning[i] = (double)(i % 2 ? i : 15 - i);
    }
    struct ratio_estimate trend = estimate_values(rising, NULL, 16),
                          none = estimate_values(turning, NULL, 16);
    assert_true(trend.serial.p_value < ESTIMATE_SERIAL_LEVEL && none.serial.p_value > 0.5);
    assert_close(trend.between_half, none.between_half, 0.2 * none.between_half);
    assert_close(trend.log.high - 7.5, -student_quantile(0.025, 3) * sqrt(20.0 / 3), 1e-9);
    assert_close(none.log.high - none.log.low, 2 * none.between_half, 0.1);
}

/* Those of a p-value: an interval of a higher confidence holds one of a lower, whatever the values are. */
static void test_intervals_are_nested(void **state) {
    (void)state;
    struct cs_random random = cs_random_seed(2);
    for (int try = 0; try < 300; try++) {
        double values[32];
        for (size_t i = 0; i < 32; i++)
            values[i] = -log(1 - cs_random_unit(&random)) + (try % 3 == 0 && i % 8 == 0 ? 30 : 0);
        struct ratio_estimate estimate = estimate_values(values, NULL, 32);
        struct interval inner = estimate_interval(&estimate, 0.5);
        for (double error = 0.3; error > 1e-12; error /= 3) {
            struct interval outer = estimate_interval(&estimate, 1 - error);
            assert_true(outer.low <= inner.low && outer.high >= inner.high);
            inner = outer;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mean_interval),
        cmocka_unit_test(test_mean_interval_leaves_nan_out),
        cmocka_unit_test(test_equal_values_have_no_width),
        cmocka_unit_test(test_interval_exp),
        cmocka_unit_test(test_one_replicate_has_the_error_of_a_trimmed_mean),
        cmocka_unit_test(test_replicates_of_one_round),
        cmocka_unit_test(test_the_guard_keeps_luck_from_narrowing),
        cmocka_unit_test(test_blocks_see_autocorrelation),
        cmocka_unit_test(test_short_replicates_borrow_a_spread),
        cmocka_unit_test(test_empty_replicates_are_ignored),
        cmocka_unit_test(test_any_number_of_rounds_works),
        cmocka_unit_test(test_estimate_is_mirrored_by_a_swap),
        cmocka_unit_test(test_more_confidence_is_wider),
        cmocka_unit_test(test_senseless_input_is_refused),
        cmocka_unit_test(test_shared_links_count_once_each),
        cmocka_unit_test(test_two_kinds_have_the_interval_of_their_share),
        cmocka_unit_test(test_skewed_values_have_a_longer_end),
        cmocka_unit_test(test_neighbours_that_resemble_each_other_widen_it),
        cmocka_unit_test(test_intervals_are_nested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
