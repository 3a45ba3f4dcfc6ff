/* Run by hand with a factor, `test_stats_groups 20`, it simulates that many times as many. */
#include "stats/groups.h"

#include "assert_close.h"
#include "simulated_noise.h"

#include <stdlib.h>

static size_t factor = 1;

static void two_kinds_are_found_with_their_means(void **unused) {
    (void)unused;
    double values[] = {1.52, 2.95, 1.53, 1.51, 1.52, 2.94, 1.52, 1.53, 2.96, 1.52, 1.52, 1.51};
    struct value_groups groups = groups_find(values, 12);
    assert_int_equal(groups.low_count, 9);
    assert_int_equal(groups.high_count, 3);
    assert_close(groups.low, 13.68 / 9, 1e-12);
    assert_close(groups.high, 2.95, 1e-12);
}

/* What the roles of baseline and candidate are must not matter. */
static void negated_values_fall_into_mirrored_groups(void **unused) {
    (void)unused;
    double values[] = {0.1, 0.11, 0.5, 0.12, 0.51, 0.1, 0.11, 0.1}, mirrored[8];
    for (size_t i = 0; i < 8; i++)
        mirrored[i] = -values[i];
    struct value_groups groups = groups_find(values, 8), other = groups_find(mirrored, 8);
    assert_int_equal(groups.high_count, 2);
    assert_true(other.low_count == 2 && other.high_count == 6);
    assert_close(groups.high, -other.low, 1e-12);
}

static void one_far_value_is_no_kind(void **unused) {
    (void)unused;
    double values[] = {1, 1.01, 1.02, 0.99, 0.98, 1, 1.01, 9};
    assert_int_equal(groups_find(values, 8).high_count, 0);
}

static void few_or_equal_values_are_one_kind(void **unused) {
    (void)unused;
    double three[] = {1, 1, 9}, equal[] = {2, 2, 2, 2, 2, 2}, two[] = {1, 9, 1, 9};
    assert_int_equal(groups_find(three, 3).high_count, 0);
    assert_int_equal(groups_find(equal, 6).high_count, 0);
    assert_int_equal(groups_find(equal, 0).high_count, 0);
    assert_int_equal(groups_find(two, 4).high_count, 2);
}

static double share_found(size_t count, bool heavy, double apart, double upper, size_t tries) {
    struct cs_random random = cs_random_seed(3);
    double values[512];
    size_t found = 0;
    for (size_t i = 0; i < tries; i++) {
        for (size_t k = 0; k < count; k++) {
            double squares = 0;
            for (int d = 0; heavy && d < 5; d++)
                squares += pow(draw_normal(&random), 2);
            values[k] = draw_normal(&random) / (heavy ? sqrt(squares / 5) : 1);
            values[k] += cs_random_unit(&random) < upper ? apart : 0;
        }
        found += groups_find(values, count).high_count > 0;
    }
    return (double)found / (double)tries;
}

/* Below 1 %, three standard errors of the simulation allowed for. */
static void one_kind_is_seldom_called_two(void **unused) {
    (void)unused;
    static const size_t counts[] = {4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 48, 64, 128, 512};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        size_t tries = (counts[i] > 64 ? 1000 : 5000) * factor;
        double normal = share_found(counts[i], false, 0, 0, tries),
               t5 = share_found(counts[i], true, 0, 0, tries);
        print_message("%3zu values: two kinds in %.2f %% normal, %.2f %% Student's t 5\n", counts[i],
                      100 * normal, 100 * t5);
        double most = 0.01 + 3 * sqrt(0.01 / (double)tries);
        assert_true(normal < most && t5 < most);
    }
}

/* A fifth of 16 processes 20 standard deviations off: at least two of them in 86 % of tries. */
static void two_kinds_are_mostly_found(void **unused) {
    (void)unused;
    double found = share_found(16, false, 20, 0.2, 2000);
    print_message("a fifth of 16 is 20 standard deviations off: found in %.0f %%\n", 100 * found);
    assert_true(found > 0.82);
}

int main(int argc, char **argv) {
    if (argc > 1)
        factor = strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_kinds_are_found_with_their_means),
        cmocka_unit_test(negated_values_fall_into_mirrored_groups),
        cmocka_unit_test(one_far_value_is_no_kind),
        cmocka_unit_test(few_or_equal_values_are_one_kind),
        cmocka_unit_test(one_kind_is_seldom_called_two),
        cmocka_unit_test(two_kinds_are_mostly_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
