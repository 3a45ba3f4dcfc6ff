#include "../report/golden.h"
#include "page/scale.h"

#include <math.h>

static void assert_near(double value, double expected) {
    assert_true(fabs(value - expected) < 1e-9 * (1 + fabs(expected)));
}

static void places_are_logarithmic(void **state) {
    (void)state;
    struct scale scale = {.low = 0.1, .high = 10, .from = 0, .to = 100};
    assert_near(scale_at(&scale, 0.1), 0);
    assert_near(scale_at(&scale, 1), 50);
    assert_near(scale_at(&scale, 10), 100);
    assert_near(scale_at(&scale, 0.01), 0);
    assert_near(scale_at(&scale, 1000), 100);
    assert_near(scale_at(&scale, -1), 0);
    assert_near(scale_at(&scale, NAN), 0);
}

static void charts_may_grow_upwards(void **state) {
    (void)state;
    struct scale scale = {.linear = true, .low = 0, .high = 4, .from = 200, .to = 100};
    assert_near(scale_at(&scale, 1), 175);
    assert_near(scale_at(&scale, 4), 100);
}

static void assert_ticks(struct scale scale, size_t most, const double *expected, size_t count) {
    double ticks[SCALE_TICKS];
    assert_int_equal(scale_ticks(&scale, most, ticks), count);
    for (size_t i = 0; i < count; i++)
        assert_near(ticks[i], expected[i]);
}

static void ticks_are_round_and_few(void **state) {
    (void)state;
    static const double fives[] = {0.5, 1, 2, 5, 10, 20}, tens[] = {0.01, 0.1, 1, 10, 100},
                        stride[] = {1e-6, 1e-3, 1, 1e3}, steps[] = {0.98, 0.99, 1, 1.01, 1.02};
    assert_ticks((struct scale){.low = 0.4, .high = 30}, 7, fives, 6);
    assert_ticks((struct scale){.low = 0.01, .high = 200}, 7, tens, 5);
    assert_ticks((struct scale){.low = 1e-7, .high = 1e5}, 5, stride, 4);
    assert_ticks((struct scale){.low = 0.978, .high = 1.022}, 7, steps, 5);
}

static void ranges_hold_what_is_a_ratio(void **state) {
    (void)state;
    struct interval range = {NAN, INFINITY, 0};
    range_add(&range, (struct interval){2, 1.5, 2.5});
    range_add(&range, (struct interval){NAN, NAN, NAN});
    range_add(&range, (struct interval){-1, -2, 3});
    assert_near(range.low, 1.5);
    assert_near(range.high, 2.5);
    range_add(&range, (struct interval){3, 0.001, 1e9}); /* says nothing, and must not flatten all others */
    assert_near(range.low, 0.75);
    assert_near(range.high, 12);
}

static void scales_of_ratios_hold_one_and_delta(void **state) {
    (void)state;
    struct scale scale = scale_of_ratios((struct interval){NAN, 3, 4}, 0.01, 0, 100);
    assert_true(scale.low < 1 / 1.01 && scale.high > 4);
    scale = scale_of_ratios((struct interval){NAN, INFINITY, 0}, NAN, 0, 100); /* nothing measured */
    assert_true(scale.low < 1 && scale.high > 1 && isfinite(scale.high));
}

static void places_are_written_in_tenths(void **state) {
    (void)state;
    assert_string_equal(PLACE(64), "64");
    assert_string_equal(PLACE(64.04), "64");
    assert_string_equal(PLACE(100.25 + 0.01), "100.3");
    assert_string_equal(PLACE(0.05 + 0.001), "0.1");
    assert_string_equal(PLACE(-0.04), "0");
    assert_string_equal(PLACE(-12), "-12");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(places_are_logarithmic),
                                       cmocka_unit_test(charts_may_grow_upwards),
                                       cmocka_unit_test(ticks_are_round_and_few),
                                       cmocka_unit_test(ranges_hold_what_is_a_ratio),
                                       cmocka_unit_test(scales_of_ratios_hold_one_and_delta),
                                       cmocka_unit_test(places_are_written_in_tenths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
