#include "assert_close.h"
#include "stats/student.h"

#include <stdlib.h>

static void assert_near(double got, double expected, double tolerance) {
    assert_true(fabs(got - expected) <= tolerance * fmax(1, fabs(expected)));
}

/* NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, critical values of Student's t, to three
 * places. */
static void test_nist_table(void **state) {
    (void)state;
    static const double degrees[] = {1, 2, 5, 10, 30, 100};
    static const double p[] = {0.90, 0.95, 0.975, 0.99};
    static const double table[][4] = {
        {3.078, 6.314, 12.706, 31.821}, {1.886, 2.920, 4.303, 6.965}, {1.476, 2.015, 2.571, 3.365},
        {1.372, 1.812, 2.228, 2.764},   {1.310, 1.697, 2.042, 2.457}, {1.290, 1.660, 1.984, 2.364},
    };
    for (size_t row = 0; row < 6; row++)
        for (size_t column = 0; column < 4; column++)
            assert_close(student_quantile(p[column], degrees[row]), table[row][column], 0.00051);
}

/*
 * mpmath 1.2 at 40 digits: the cdf for t < 0 is betainc(v/2, 1/2, 0, v/(v+t*t), regularized=True)/2, and the
 * quantile is where bisection finds it.
 */
static void test_quantile_to_a_billionth(void **state) {
    (void)state;
    static const double expected[][3] = {
        {0.975, 1, 12.706204736174693},        {0.975, 7, 2.3646242515927847},
        {0.975, 9, 2.262157162798205},         {0.995, 30, 2.749995653567225},
        {0.999, 2.5, 13.82219311086596},       {1e-06, 3, -103.29946778041934},
        {0.5000001, 4, 2.6666666652630906e-7}, {0.9, 0.7, 5.0099479596464064},
        {0.975, 71.25, 1.9938221337329136},    {0.975, 500, 1.9647198374673674},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_near(student_quantile(expected[i][0], expected[i][1]), expected[i][2], 1e-11);
    /* scipy 1.10: scipy.stats.t.ppf(1e-9, 0.1). */
    assert_near(student_quantile(1e-9, 0.1) / -1.6044257064141128e+86, 1, 1e-9);
}

static void test_cdf_to_a_billionth(void **state) {
    (void)state;
    static const double expected[][3] = {
        {0.5, 1, 0.64758361765043327},    {-2, 2.5, 0.078695747878982993},  {1.7, 7, 0.93353555160872237},
        {3.3, 40.5, 0.99898862147251394}, {-12, 3, 0.00062250790039466837}, {1, 1000, 0.84122379095766385},
        {40, 2, 0.99968779266390763},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_near(student_cdf(expected[i][0], expected[i][1]), expected[i][2], 1e-12);
}

/* Closed forms: 1/2 + atan(t) / pi for one degree, 1/2 + t / (2 sqrt(2 + t²)) for two. */
static void test_closed_forms(void **state) {
    (void)state;
    for (double t = -30; t <= 30; t += 0.37) {
        assert_near(student_cdf(t, 1), 0.5 + atan(t) / M_PI, 1e-13);
        assert_near(student_cdf(t, 2), 0.5 + t / (2 * sqrt(2 + t * t)), 1e-13);
    }
}

static void test_quantile_undoes_cdf(void **state) {
    (void)state;
    static const double degrees[] = {0.6, 1, 2.2, 5, 17.5, 160, 199, 201, 3000, 9e5, 2e6, 1e9};
    for (size_t i = 0; i < sizeof degrees / sizeof *degrees; i++)
        for (double p = 0.0005; p < 1; p += 0.0473) {
            double t = student_quantile(p, degrees[i]);
            assert_near(student_cdf(t, degrees[i]), p, 1e-11);
            assert_near(student_quantile(1 - p, degrees[i]), -t, 1e-9);
        }
}

/*
 * Cornish and Fisher's expansion (Abramowitz and Stegun 26.7.5), exact to 1e-11 from a million degrees on,
 * across the places where the method changes.
 */
static void test_many_degrees_approach_the_normal(void **state) {
    (void)state;
    static const double p[] = {0.6, 0.9, 0.975, 0.995};
    for (double degrees = 9e5; degrees < 1e13; degrees *= 3)
        for (size_t i = 0; i < 4; i++) {
            double z = normal_quantile(p[i]);
            assert_near(student_quantile(p[i], degrees), z + (z * z * z + z) / (4 * degrees), 1e-9);
        }
    assert_near(student_quantile(0.975, INFINITY), 1.959963984540054, 1e-12);
    assert_near(student_cdf(1.959963984540054, INFINITY), 0.975, 1e-12);
}

/* Abramowitz and Stegun, table 26.5 (0.975 and 0.99, to five places) and scipy 1.10, scipy.stats.norm.ppf
 * (the rest). */
static void test_normal_quantile(void **state) {
    (void)state;
    assert_close(normal_quantile(0.975), 1.95996, 5e-6);
    assert_close(normal_quantile(0.99), 2.32635, 5e-6);
    assert_near(normal_quantile(0.3), -0.5244005127080409, 1e-14);
    assert_near(normal_quantile(1e-10), -6.361340902404056, 1e-14);
    assert_near(normal_quantile(1e-300), -37.0470962993612, 1e-13);
    for (double p = 0.001; p < 1; p += 0.0173)
        assert_near(normal_cdf(normal_quantile(p)), p, 1e-14);
}

static void test_senseless_arguments_give_nan(void **state) {
    (void)state;
    assert_true(isnan(normal_quantile(0)));
    assert_true(isnan(normal_quantile(1)));
    assert_true(isnan(normal_quantile(NAN)));
    assert_true(isnan(student_quantile(0, 3)));
    assert_true(isnan(student_quantile(1.5, 3)));
    assert_true(isnan(student_quantile(0.5, 0)));
    assert_true(isnan(student_quantile(0.9, -1)));
    assert_true(isnan(student_quantile(0.9, NAN)));
    assert_true(isnan(student_cdf(NAN, 3)));
    assert_true(isnan(student_cdf(1, 0)));
}

static void test_far_tails(void **state) {
    (void)state;
    assert_close(student_cdf(INFINITY, 4), 1, 0);
    assert_close(student_cdf(-INFINITY, 4), 0, 0);
    /* One degree: P(T < -t) tends to 1 / (pi t). */
    assert_near(student_cdf(-1e12, 1) * M_PI * 1e12, 1, 1e-12);
    assert_close(student_quantile(0.5, 3), 0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nist_table),          cmocka_unit_test(test_quantile_to_a_billionth),
        cmocka_unit_test(test_cdf_to_a_billionth),  cmocka_unit_test(test_closed_forms),
        cmocka_unit_test(test_quantile_undoes_cdf), cmocka_unit_test(test_many_degrees_approach_the_normal),
        cmocka_unit_test(test_normal_quantile),     cmocka_unit_test(test_senseless_arguments_give_nan),
        cmocka_unit_test(test_far_tails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
