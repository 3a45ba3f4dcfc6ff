#include "countersign.h"
#include "stats/change_points.h"
#include "stats/student.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define LENGTH 60
#define MOST 16

static double normal(struct cs_random *random) {
    double u = cs_random_unit(random);
    return normal_quantile(u > 0 ? u : 0.5);
}

/* Normal values around 10, `size` standard deviations more from `change` on. */
static void make(struct cs_random *random, size_t change, double size, double *values) {
    for (size_t i = 0; i < LENGTH; i++)
        values[i] = 10 + normal(random) + (i >= change ? size : 0);
}

static long find(const double *values, size_t count, struct change_point *points) {
    return change_points_find(values, count, 0.01, 199, 1, points, MOST);
}

/* Of 300 series without a change about 3 may be split; 10 have a probability below 0.1 %. */
static void a_series_that_does_not_change_is_seldom_split(void **state) {
    (void)state;
    struct cs_random random = cs_random_seed(7);
    int split = 0;
    for (int i = 0; i < 300; i++) {
        double values[LENGTH];
        struct change_point points[MOST];
        make(&random, LENGTH, 0, values);
        split += find(values, LENGTH, points) > 0;
    }
    assert_true(split < 10);
}

/* Two standard deviations, in the middle or towards an end: found, and near where they were planted. */
static void what_is_planted_is_found_where_it_is(void **state) {
    (void)state;
    static const size_t planted[] = {15, 30, 45};
    struct cs_random random = cs_random_seed(8);
    int found = 0, near = 0, tries = 0;
    for (int i = 0; i < 40; i++)
        for (size_t p = 0; p < 3; p++, tries++) {
            double values[LENGTH];
            struct change_point points[MOST];
            make(&random, planted[p], 2, values);
            if (find(values, LENGTH, points) < 1)
                continue;
            found++;
            size_t off =
                points[0].index > planted[p] ? points[0].index - planted[p] : planted[p] - points[0].index;
            near += off <= 3;
        }
    assert_true(found >= tries * 95 / 100);
    assert_true(near >= tries * 80 / 100);
}

/* Neither side of a split is favoured: backwards, a series changes at the same place. */
static void both_directions_are_alike(void **state) {
    (void)state;
    struct cs_random random = cs_random_seed(11);
    for (int i = 0; i < 20; i++) {
        double values[LENGTH], backwards[LENGTH];
        struct change_point points[MOST], mirrored[MOST];
        make(&random, 20, 1.5, values);
        for (size_t k = 0; k < LENGTH; k++)
            backwards[k] = values[LENGTH - 1 - k];
        if (find(values, LENGTH, points) == 1 && find(backwards, LENGTH, mirrored) == 1)
            assert_int_equal(points[0].index, LENGTH - mirrored[0].index);
    }
}

static void several_changes_are_told_apart_with_their_levels(void **state) {
    (void)state;
    double values[90];
    struct change_point points[MOST];
    struct cs_random random = cs_random_seed(9);
    for (size_t i = 0; i < 90; i++)
        values[i] = (i < 30 ? 1 : i < 60 ? 2 : 1.5) + 0.01 * normal(&random);
    assert_int_equal(find(values, 90, points), 2);
    assert_int_equal(points[0].index, 30);
    assert_int_equal(points[1].index, 60);
    assert_float_equal(points[0].before, 1, 0.01);
    assert_float_equal(points[0].after, 2, 0.01);
    assert_float_equal(points[1].before, 2, 0.01);
    assert_float_equal(points[1].after, 1.5, 0.01);
    assert_float_equal(points[0].p_value, 0.005, 1e-12);
    assert_int_equal(change_points_find(values, 90, 0.01, 199, 1, points, 1),
                     2); /* how many, though one fits */
}

/* By hand: left {0,0,0,0}, right {1,1,1,1} has divergence 4 * 4 / 8 * 2 = 4; no permutation can do better, but 2 of 70
 * choices do as well, so that so few values prove nothing at 1 %. */
static void few_values_prove_nothing(void **state) {
    (void)state;
    static const double values[] = {0, 0, 0, 0, 1, 1, 1, 1};
    struct change_point points[MOST];
    assert_int_equal(find(values, 8, points), 0);
    assert_int_equal(find(values, 7, points), 0);
    assert_int_equal(find(values, 0, points), 0);
    assert_int_equal(change_points_find(values, 8, 0.1, 199, 1, points, MOST), 1);
    assert_int_equal(points[0].index, 4);
    static const double same[20] = {0};
    assert_int_equal(find(same, 20, points), 0);
}

static void what_is_no_number_is_refused(void **state) {
    (void)state;
    const double values[] = {1, NAN, 2};
    struct change_point points[MOST];
    assert_int_equal(find(values, 3, points), -EINVAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_series_that_does_not_change_is_seldom_split),
                                       cmocka_unit_test(what_is_planted_is_found_where_it_is),
                                       cmocka_unit_test(both_directions_are_alike),
                                       cmocka_unit_test(several_changes_are_told_apart_with_their_levels),
                                       cmocka_unit_test(few_values_prove_nothing),
                                       cmocka_unit_test(what_is_no_number_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
