#include "assert_close.h"
#include "stats/proportion.h"

/*
 * Newcombe, "Two-sided confidence intervals for the single proportion: comparison of seven methods",
 * Statistics in Medicine 17, 1998, table I, method 5 (Clopper-Pearson), 95 %, to four places.
 */
static void newcombes_table(void **state) {
    (void)state;
    static const struct {
        size_t count, tries;
        double low, high;
    } table[] = {
        {81, 263, 0.2527, 0.3676}, {15, 148, 0.0578, 0.1617}, {0, 20, 0, 0.1684}, {1, 29, 0.0009, 0.1776}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct interval rate = proportion_interval(table[i].count, table[i].tries, 0.95);
        assert_close(rate.estimate, (double)table[i].count / (double)table[i].tries, 1e-15);
        assert_close(rate.low, table[i].low, 0.000051);
        assert_close(rate.high, table[i].high, 0.000051);
    }
}

/* Sums of exact binomial terms and bisection with Python's decimals of 60 digits. */
static void exact_to_a_hundred_billionth(void **state) {
    (void)state;
    static const struct {
        size_t count, tries;
        double confidence, low, high;
    } expected[] = {
        {81, 263, 0.95, 0.2527367455852711, 0.3676219226013513},
        {1, 29, 0.95, 0.000872646883579922, 0.1776442954887229},
        {3, 10, 0.9, 0.0872644339141503, 0.6066242161054134},
        {2, 420, 0.95, 0.000577209904409099, 0.01709497716308226},
        {19, 20, 0.99, 0.6828582652429046, 0.9997494043131685},
        {1, 1000, 0.95, 2.531748749129404e-05, 0.005558924279826673},
        {500, 1000, 0.95, 0.4685491729717919, 0.531450827028208},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct interval rate =
            proportion_interval(expected[i].count, expected[i].tries, expected[i].confidence);
        assert_close(rate.low, expected[i].low, 1e-11);
        assert_close(rate.high, expected[i].high, 1e-11);
    }
}

/* With nothing seen, (1 - rate)^tries = outside at the upper end; with everything, the mirror image. */
static void closed_forms(void **state) {
    (void)state;
    for (size_t tries = 1; tries <= 100000; tries = tries * 3 + 1) {
        double far = -expm1(log(0.025) / (double)tries);
        struct interval none = proportion_interval(0, tries, 0.95),
                        all = proportion_interval(tries, tries, 0.95);
        assert_true(none.low == 0 && all.high == 1);
        assert_close(none.high, far, 1e-12);
        assert_close(all.low, 1 - far, 1e-12);
    }
}

static void failures_mirror_successes(void **state) {
    (void)state;
    for (size_t tries = 1; tries < 60; tries += 7)
        for (size_t count = 0; count <= tries; count++) {
            struct interval rate = proportion_interval(count, tries, 0.9);
            struct interval mirror = proportion_interval(tries - count, tries, 0.9);
            assert_close(rate.low, 1 - mirror.high, 1e-12);
            assert_true(rate.low <= rate.estimate && rate.estimate <= rate.high);
        }
}

/* The definition itself: of all counts that a rate can give, those whose interval holds it have at least the
 * confidence. Probabilities by the recurrence from (1 - p)^n. */
static void covers_at_least_its_confidence(void **state) {
    (void)state;
    enum { TRIES = 40 };
    for (double rate = 0.01; rate < 1; rate += 0.0173) {
        double probability = pow(1 - rate, TRIES), covered = 0;
        for (size_t count = 0; count <= TRIES; count++) {
            struct interval interval = proportion_interval(count, TRIES, 0.95);
            if (interval.low <= rate && rate <= interval.high)
                covered += probability;
            probability *= (double)(TRIES - count) / (double)(count + 1) * rate / (1 - rate);
        }
        assert_true(covered >= 0.95);
        assert_true(covered <= 1 + 1e-9);
    }
}

static void nonsense_is_not_a_number(void **state) {
    (void)state;
    assert_true(isnan(proportion_interval(0, 0, 0.95).low));
    assert_true(isnan(proportion_interval(3, 2, 0.95).high));
    assert_true(isnan(proportion_interval(1, 2, 1).estimate));
    assert_true(isnan(proportion_interval(1, 2, 0).estimate));
    assert_true(isnan(proportion_interval(1, 2, NAN).estimate));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newcombes_table),
        cmocka_unit_test(exact_to_a_hundred_billionth),
        cmocka_unit_test(closed_forms),
        cmocka_unit_test(failures_mirror_successes),
        cmocka_unit_test(covers_at_least_its_confidence),
        cmocka_unit_test(nonsense_is_not_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
