#include "stats/growth.h"

#include "assert_close.h"

#include <errno.h>

static void fit(const double *times, size_t count, struct growth *growth) {
    struct growth_point points[16];
    for (size_t i = 0; i < count; i++)
        points[i] = (struct growth_point){8 << (3 * i), times[i]}; /* 8, 64, 512, … */
    assert_int_equal(growth_fit(points, count, 0.95, growth), 0);
}

/* Computed in exact fractions from the normal equations of the relative errors; the exponent by the formula. */
static void linear_with_a_fixed_part(void **state) {
    (void)state;
    static const double times[] = {31, 190, 1430, 12400, 95000};
    struct growth growth;
    fit(times, 5, &growth);
    assert_int_equal(growth.points, 5);
    assert_int_equal(growth.best, GROWTH_LINEAR);
    assert_int_equal(growth_possible(&growth), 1);
    assert_true(growth.possible[GROWTH_LINEAR]);
    assert_close(growth.step.estimate, 2.8840161195957594, 1e-9);
    assert_close(growth.step.high - growth.step.estimate, 0.17226202571605878, 1e-9);
    assert_close(growth.fixed.estimate, 7.841566538344897, 1e-8);
    assert_close(growth.fixed.estimate - growth.fixed.low, 3.858922877663599, 1e-8);
    assert_close(growth.misfit[GROWTH_LINEAR], 0.027671398254013446, 1e-12);
    assert_close(growth.exponent.estimate, 0.973036135234766, 1e-12);
    assert_close(growth.exponent.high - growth.exponent.estimate, 0.053094531239361184, 1e-12);
}

/* Errors of 3 % on each kind: it is found, and no other is possible. */
static void each_kind_is_told(void **state) {
    (void)state;
    static const double noise[] = {1.03, 0.98, 1.01, 0.97, 1.02, 0.99};
    static const double fixed[GROWTH_KINDS] = {0, 1, 5, 20, 30}, step[GROWTH_KINDS] = {50, 3, 0.5, 0.2, 0.01};
    for (int kind = 0; kind < GROWTH_KINDS; kind++) {
        double times[6];
        struct growth growth;
        for (size_t i = 0; i < 6; i++)
            times[i] =
                noise[i] * (fixed[kind] + step[kind] * growth_term((enum growth_kind)kind, 8 << (3 * i)));
        fit(times, 6, &growth);
        assert_int_equal(growth.best, kind);
        assert_int_equal(growth_possible(&growth), 1);
        assert_true(growth.possible[kind]);
        assert_true(growth.misfit[kind] < 0.03);
        if (kind)
            assert_true(growth.step.low < step[kind] && growth.step.high > step[kind]);
    }
}

/* A tenth of n beside a thousand: n, n log n and n² are all within 5 % over this range. */
static void what_cannot_be_told_is_not(void **state) {
    (void)state;
    struct growth_point points[6];
    struct growth growth;
    for (size_t i = 0; i < 6; i++)
        points[i] = (struct growth_point){128 << i, 1000 + 0.1 * (128 << i) * (i % 2 ? 1.05 : 0.95)};
    assert_int_equal(growth_fit(points, 6, 0.95, &growth), 0);
    assert_true(growth.possible[GROWTH_LINEAR] && growth.possible[GROWTH_N_LOG_N]);
    assert_false(growth.possible[GROWTH_CONSTANT]);
    assert_true(growth_possible(&growth) >= 2);
}

static void less_than_a_tenth_is_constant(void **state) {
    (void)state;
    static const double rising[] = {100, 102, 104, 106, 108, 109.9}, more[] = {100, 103, 106, 109, 112, 115};
    struct growth growth;
    fit(rising, 6, &growth);
    assert_int_equal(growth.best, GROWTH_CONSTANT);
    assert_int_equal(growth_possible(&growth), 1);
    assert_close(growth.fixed.estimate, 104.8, 1);
    assert_true(isnan(growth.step.estimate));
    fit(more, 6, &growth); /* log n, but hardly: 1 is off by less than 5 % */
    assert_int_equal(growth.best, GROWTH_LOG);
    assert_true(growth.possible[GROWTH_CONSTANT]);
}

/* A step where a cache ends, a time that falls, n cubed. */
static void none_fits(void **state) {
    (void)state;
    static const double cache[] = {10, 10, 10, 90, 90, 90}, falls[] = {1000, 130, 22, 9, 7, 7};
    double cube[6];
    struct growth growth;
    fit(cache, 6, &growth);
    assert_int_equal(growth_possible(&growth), 0);
    assert_int_equal(growth.best, GROWTH_LINEAR); /* the nearest */
    assert_true(growth.misfit[GROWTH_LINEAR] < growth.misfit[GROWTH_CONSTANT]);
    fit(falls, 6, &growth);
    assert_int_equal(growth_possible(&growth), 0);
    assert_true(growth.exponent.high < 0);
    assert_true(isnan(growth.misfit[GROWTH_LINEAR]) || growth.misfit[GROWTH_LINEAR] > GROWTH_FAR);
    for (size_t i = 0; i < 6; i++)
        cube[i] = pow(8 << (3 * i), 3);
    fit(cube, 6, &growth);
    assert_int_equal(growth_possible(&growth), 0);
    assert_close(growth.exponent.estimate, 3, 1e-9);
}

/* A time that would be below 0 at no size has no fixed part. */
static void no_fixed_part_is_below_0(void **state) {
    (void)state;
    static const double times[] = {13, 125, 1021, 8189, 65533}; /* 2 n - 3 */
    struct growth growth;
    fit(times, 5, &growth);
    assert_int_equal(growth.best, GROWTH_LINEAR);
    assert_true(growth.fixed.estimate == 0 && isnan(growth.fixed.low));
    assert_true(growth.step.estimate > 1.8 && growth.step.estimate < 2);
}

/* So few points that the criterion would rather have a constant that is off by a third. */
static void what_fits_goes_before_what_does_not(void **state) {
    (void)state;
    static const double times[] = {100, 102, 97, 103, 250};
    struct growth growth;
    fit(times, 5, &growth);
    assert_true(growth.misfit[GROWTH_CONSTANT] > GROWTH_FAR && !growth.possible[GROWTH_CONSTANT]);
    assert_int_equal(growth.best, GROWTH_SQUARE);
    assert_true(growth.possible[GROWTH_SQUARE] && growth.misfit[GROWTH_SQUARE] < 0.05);
}

static void too_few_or_too_near(void **state) {
    (void)state;
    static const double times[] = {1, 8, 64, 512};
    struct growth growth;
    struct growth_point near[] = {{4, 4}, {8, 8}, {12, 12}, {16, 16}, {31, 31}};
    fit(times, 4, &growth);
    assert_int_equal(growth.points, 0);
    assert_int_equal(growth_possible(&growth), 0);
    assert_int_equal(growth_fit(near, 5, 0.95, &growth), 0);
    assert_int_equal(growth.points, 0);
    near[4] = (struct growth_point){32, 32};
    assert_int_equal(growth_fit(near, 5, 0.95, &growth), 0);
    assert_int_equal(growth.points, 5);
    near[0].size = 0;
    assert_int_equal(growth_fit(near, 5, 0.95, &growth), -EINVAL);
    near[0] = (struct growth_point){4, NAN};
    assert_int_equal(growth_fit(near, 5, 0.95, &growth), -EINVAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_with_a_fixed_part),
        cmocka_unit_test(each_kind_is_told),
        cmocka_unit_test(what_cannot_be_told_is_not),
        cmocka_unit_test(less_than_a_tenth_is_constant),
        cmocka_unit_test(none_fits),
        cmocka_unit_test(no_fixed_part_is_below_0),
        cmocka_unit_test(what_fits_goes_before_what_does_not),
        cmocka_unit_test(too_few_or_too_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
