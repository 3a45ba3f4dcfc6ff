#include "stats/scaling.h"

#include "assert_close.h"

#include <errno.h>

/* Computed in exact fractions from the normal equations; the interval's ends by bisection of its definition. */
static void both_laws(void **state) {
    (void)state;
    static const struct scaling_point points[] = {{1, 100}, {2, 53}, {4, 30}, {8, 20}, {16, 19}};
    struct scaling scaling;
    assert_int_equal(scaling_fit(points, 5, 0.95, &scaling), 0);
    assert_int_equal(scaling.points, 5);
    assert_close(scaling.most_threads, 16, 0);
    assert_close(scaling.serial.estimate, 0.12549917400786853, 1e-12);
    assert_close(scaling.amdahl_misfit, 0.07988196517934483, 1e-12);
    assert_close(scaling.contention.estimate, 0.03769436320593377, 1e-12);
    assert_close(scaling.contention.low, 0.01993641265673031, 1e-9);
    assert_close(scaling.contention.high, 0.05619729909872035, 1e-9);
    assert_close(scaling.coherence.estimate, 0.006045843269904512, 1e-12);
    assert_close(scaling.coherence.low, 0.004869000744788913, 1e-9);
    assert_close(scaling.coherence.high, 0.007195877550721214, 1e-9);
    assert_close(scaling.peak.estimate, 12.61618569355243, 1e-9);
    assert_close(scaling.peak.low, 11.65600446922428, 1e-7);
    assert_close(scaling.peak.high, 13.939789859614342, 1e-7);
    assert_close(scaling.usl_misfit, 0.005388295531063672, 1e-12);
}

/*
 * SPEC SDM91, as published with the R package usl (Möding). Its nonlinear least squares of the throughput, not of
 * relative errors, gives coherence 0.000104 and a peak at 96.5, and leaves one thread's throughput off by a third, so
 * that its contention is another one.
 */
static void published_throughputs(void **state) {
    (void)state;
    static const double load[] = {1, 18, 36, 72, 108, 144, 216};
    static const double throughput[] = {64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2};
    struct scaling_point points[7];
    struct scaling scaling;
    for (size_t i = 0; i < 7; i++)
        points[i] = (struct scaling_point){load[i], 1 / throughput[i]};
    assert_int_equal(scaling_fit(points, 7, 0.95, &scaling), 0);
    assert_close(scaling.coherence.estimate, 0.000104, 0.000015);
    assert_close(scaling.peak.estimate, 96.5, 5);
    assert_true(scaling.peak.low < 96.5 && scaling.peak.high > 96.5);
}

static void few_points_say_little(void **state) {
    (void)state;
    static const struct scaling_point points[] = {{1, 100}, {2, 60}, {4, 40}};
    struct scaling scaling;
    assert_int_equal(scaling_fit(points, 1, 0.95, &scaling), 0);
    assert_int_equal(scaling.points, 0);
    assert_true(isnan(scaling.serial.estimate));
    assert_int_equal(scaling_fit(points, 2, 0.95, &scaling), 0);
    assert_close(scaling.serial.estimate, 0.2, 1e-12);
    assert_true(isnan(scaling.serial.low) && isnan(scaling.contention.estimate) &&
                isnan(scaling.peak.estimate));
    assert_int_equal(scaling_fit(points, 3, 0.95, &scaling), 0);
    assert_false(isnan(scaling.serial.low));
    assert_close(scaling.serial.estimate, 0.2, 1e-12);
    assert_close(scaling.coherence.estimate, 0, 1e-12);
    assert_true(isnan(scaling.coherence.low)); /* as many coefficients as points */
}

/* What does not turn has no peak, and one that may not turn has no interval. */
static void no_peak(void **state) {
    (void)state;
    static const struct scaling_point amdahl[] = {{1, 100}, {2, 55}, {3, 40}, {4, 32.4}, {8, 21.2}};
    static const struct scaling_point rising[] = {{1, 100}, {2, 120}, {4, 150}, {8, 200}};
    struct scaling scaling;
    assert_int_equal(scaling_fit(amdahl, 5, 0.95, &scaling), 0);
    assert_true(scaling.coherence.low < 0 && scaling.coherence.high > 0);
    assert_true(isnan(scaling.peak.low) && isnan(scaling.peak.high));
    assert_int_equal(scaling_fit(rising, 4, 0.95, &scaling), 0);
    assert_true(isnan(scaling.peak.estimate)); /* it never falls */
    assert_true(scaling.serial.estimate > 1);
    static const struct scaling_point hill[] = {{1, 100}, {2, 130}, {4, 140}, {8, 100}};
    assert_int_equal(scaling_fit(hill, 4, 0.95, &scaling), 0);
    assert_true(scaling.coherence.estimate < 0);
    assert_true(isnan(scaling.peak.estimate)); /* where it turns, the time is the longest */
}

static void impossible_points(void **state) {
    (void)state;
    struct scaling scaling;
    assert_int_equal(scaling_fit((struct scaling_point[]){{0, 1}, {2, 1}}, 2, 0.95, &scaling), -EINVAL);
    assert_int_equal(scaling_fit((struct scaling_point[]){{1, 1}, {2, 0}}, 2, 0.95, &scaling), -EINVAL);
    assert_int_equal(scaling_fit((struct scaling_point[]){{1, 1}, {2, NAN}}, 2, 0.95, &scaling), -EINVAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_laws),
        cmocka_unit_test(published_throughputs),
        cmocka_unit_test(few_points_say_little),
        cmocka_unit_test(no_peak),
        cmocka_unit_test(impossible_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
