#include "assert_close.h"
#include "stats/quantile.h"

#include <countersign.h>
#include <stdlib.h>

/* numpy 1.24: numpy.quantile([15, 20, 35, 40, 50, -3, 8.5, 1000], p), whose default method is type 7. */
static void test_quantile_is_type_7(void **state) {
    (void)state;
    static const double expected[][2] = {{0, -3},     {0.05, 1.025}, {0.25, 13.375}, {0.4, 19},
                                         {0.5, 27.5}, {0.9, 335},    {0.95, 667.5},  {1, 1000}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        double values[] = {15, 20, 35, 40, 50, -3, 8.5, 1000};
        assert_close(quantile(values, 8, expected[i][0]), expected[i][1], 1e-9);
        assert_close(quantile_sorted(values, 8, expected[i][0]), expected[i][1], 1e-9);
    }
}

static void test_quantile_of_few_values(void **state) {
    (void)state;
    double one = 4, two[] = {7, 3};
    assert_close(quantile(&one, 1, 0.95), 4, 0);
    assert_close(quantile(two, 2, 0.25), 4, 1e-15);
    assert_true(isnan(quantile(two, 0, 0.5)));
    assert_true(isnan(quantile(two, 2, 1.5)));
    assert_true(isnan(quantile(two, 2, NAN)));
}

/* Counts divisible by 4 have whole ends: scipy 1.10, scipy.stats.trim_mean(y, 0.25) gives 0.00575. */
static void test_midmean_is_the_quarter_trimmed_mean(void **state) {
    (void)state;
    double y[] = {.012, -.03, .4, .021, .005, -.011, .017, -.9};
    assert_close(midmean(y, 8), 0.00575, 1e-15);
}

/* Worked from the definition: weights of the middle half [n / 4, 3 n / 4] of the sorted values. */
static void test_midmean_weights_fractional_ends(void **state) {
    (void)state;
    double one[] = {5}, two[] = {9, 1}, three[] = {100, 2, 8}, five[] = {1000, 3, 1, 2, -50},
           six[] = {6, 5, 4, 3, 2, 90};
    assert_close(midmean(one, 1), 5, 0);
    assert_close(midmean(two, 2), 5, 1e-15);
    assert_close(midmean(three, 3), (0.25 * 2 + 8 + 0.25 * 100) / 1.5, 1e-13);
    assert_close(midmean(five, 5), (0.75 * 1 + 2 + 0.75 * 3) / 2.5, 1e-15);
    assert_close(midmean(six, 6), (0.5 * 3 + 4 + 5 + 0.5 * 6) / 3, 1e-15);
    assert_true(isnan(midmean(one, 0)));
}

static void test_midmean_moves_with_its_values(void **state) {
    (void)state;
    struct cs_random random = cs_random_seed(5);
    for (size_t count = 1; count < 60; count++) {
        double values[60], moved[60];
        for (size_t i = 0; i < count; i++) {
            values[i] = cs_random_unit(&random) - 0.5;
            moved[i] = 3 - 2 * values[i];
        }
        assert_close(midmean(moved, count), 3 - 2 * midmean(values, count), 1e-13);
    }
}

static void test_a_burst_does_not_move_the_midmean(void **state) {
    (void)state;
    double quiet[40], bursty[40];
    for (size_t i = 0; i < 40; i++)
        quiet[i] = bursty[i] = (double)(i * 7 % 40);
    for (size_t i = 0; i < 40; i++)
        if (bursty[i] >= 31)
            bursty[i] *= 1e6;
    assert_close(midmean(bursty, 40), midmean(quiet, 40), 1e-12);
}

static void test_times_are_summarized(void **state) {
    (void)state;
    double values[101];
    for (size_t i = 0; i <= 100; i++)
        values[i] = (double)((i * 37) % 101) + 10;
    struct time_summary summary = summarize_times(values, 101);
    assert_close(summary.min, 10, 0);
    assert_close(summary.p5, 15, 1e-12);
    assert_close(summary.median, 60, 1e-12);
    assert_close(summary.p95, 105, 1e-12);
    assert_true(isnan(summarize_times(values, 0).median));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantile_is_type_7),
        cmocka_unit_test(test_quantile_of_few_values),
        cmocka_unit_test(test_midmean_is_the_quarter_trimmed_mean),
        cmocka_unit_test(test_midmean_weights_fractional_ends),
        cmocka_unit_test(test_midmean_moves_with_its_values),
        cmocka_unit_test(test_a_burst_does_not_move_the_midmean),
        cmocka_unit_test(test_times_are_summarized),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
