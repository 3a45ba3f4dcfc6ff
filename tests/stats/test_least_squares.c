#include "stats/least_squares.h"

#include "assert_close.h"

#include <errno.h>

/* Anscombe, "Graphs in Statistical Analysis", The American Statistician 27(1), 1973: the first of his four. */
static const double x[] = {10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5};
static const double y[] = {8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68};

static void published_line(void **state) {
    (void)state;
    struct least_squares_row rows[11];
    struct least_squares fit;
    for (size_t i = 0; i < 11; i++)
        rows[i] = (struct least_squares_row){{x[i], 1}, y[i]};
    assert_int_equal(least_squares_fit(rows, 11, 2, &fit), 0);
    assert_close(fit.coefficients[0], 0.5000909, 1e-7);
    assert_close(fit.coefficients[1], 3.0000909, 1e-7);
    assert_close(sqrt(fit.covariance[0][0]), 0.1179055, 1e-7);
    assert_close(sqrt(fit.covariance[1][1]), 1.1247468, 1e-7);
    assert_close(fit.degrees, 9, 0);
    assert_close(fit.misfit, sqrt(13.76269 / 11), 1e-6);
    struct interval slope = least_squares_coefficient(&fit, 0, 0.95);
    assert_close(slope.high - slope.estimate, 2.262157 * 0.1179055, 1e-6);
    assert_close(slope.estimate - slope.low, slope.high - slope.estimate, 1e-12);
}

/* NIST, Statistical Reference Datasets, NoInt1: y = 130 … 140 at x = 60 … 70, through the origin. */
static void certified_line_through_the_origin(void **state) {
    (void)state;
    struct least_squares_row rows[11];
    struct least_squares fit;
    for (int i = 0; i < 11; i++)
        rows[i] = (struct least_squares_row){{60 + i}, 130 + i};
    assert_int_equal(least_squares_fit(rows, 11, 1, &fit), 0);
    assert_close(fit.coefficients[0], 2.07438016528926, 1e-13);
    assert_close(sqrt(fit.covariance[0][0]), 0.165289256198347e-1, 1e-14);
}

static void too_little_to_fit(void **state) {
    (void)state;
    struct least_squares_row rows[] = {{{1, 1}, 2}, {{2, 2}, 4}, {{3, 3}, 7}};
    struct least_squares fit;
    assert_int_equal(least_squares_fit(rows, 3, 2, &fit), -EINVAL); /* one term is the other */
    assert_int_equal(least_squares_fit(rows, 1, 2, &fit), -EINVAL);
    rows[1].value = NAN;
    assert_int_equal(least_squares_fit(rows, 3, 1, &fit), -EINVAL);
    rows[1].value = 4;
    rows[1].terms[0] = INFINITY;
    assert_int_equal(least_squares_fit(rows, 3, 1, &fit), -EINVAL);
}

/* Two points on a line are no evidence for it. */
static void no_degree_of_freedom_no_interval(void **state) {
    (void)state;
    struct least_squares_row rows[] = {{{1, 1}, 3}, {{2, 1}, 5}};
    struct least_squares fit;
    assert_int_equal(least_squares_fit(rows, 2, 2, &fit), 0);
    struct interval slope = least_squares_coefficient(&fit, 0, 0.95);
    struct interval ratio = least_squares_ratio(&fit, (double[LEAST_SQUARES_TERMS]){1, 0},
                                                (double[LEAST_SQUARES_TERMS]){0, 1}, 0.95);
    assert_close(slope.estimate, 2, 1e-12);
    assert_close(ratio.estimate, 2, 1e-12);
    assert_true(isnan(slope.low) && isnan(slope.high) && isnan(ratio.low) && isnan(ratio.high));
}

/* A ratio's interval ends where the numerator less the ratio times the denominator is just told from 0. */
static void ratio_ends_where_the_difference_is_told(void **state) {
    (void)state;
    static const double one[LEAST_SQUARES_TERMS] = {1, 0}, other[LEAST_SQUARES_TERMS] = {0, 1};
    struct least_squares_row rows[11];
    struct least_squares fit;
    for (size_t i = 0; i < 11; i++)
        rows[i] = (struct least_squares_row){{x[i], 1}, y[i]};
    assert_int_equal(least_squares_fit(rows, 11, 2, &fit), 0);
    struct interval ratio = least_squares_ratio(&fit, one, other, 0.9);
    const double ends[] = {ratio.low, ratio.high};
    assert_true(ratio.low < ratio.estimate && ratio.estimate < ratio.high);
    for (int i = 0; i < 2; i++) {
        double difference = fit.coefficients[0] - ends[i] * fit.coefficients[1];
        double variance = fit.covariance[0][0] - 2 * ends[i] * fit.covariance[0][1] +
                          ends[i] * ends[i] * fit.covariance[1][1];
        assert_close(fabs(difference) / sqrt(variance), student_quantile(0.95, 9), 1e-9);
    }
    for (size_t i = 0; i < 11; i++) /* now a constant part that cannot be told from none */
        rows[i].value -= 3;
    assert_int_equal(least_squares_fit(rows, 11, 2, &fit), 0);
    assert_true(isnan(least_squares_ratio(&fit, one, other, 0.9).low));
    assert_false(isnan(least_squares_ratio(&fit, other, one, 0.9).low));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_line),
        cmocka_unit_test(certified_line_through_the_origin),
        cmocka_unit_test(too_little_to_fit),
        cmocka_unit_test(no_degree_of_freedom_no_interval),
        cmocka_unit_test(ratio_ends_where_the_difference_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
