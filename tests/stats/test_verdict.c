#include "assert_close.h"
#include "stats/verdict.h"

#include <countersign.h>
#include <errno.h>
#include <stdlib.h>

static const struct interval no_placebo = {NAN, NAN, NAN}, quiet_placebo = {1, 0.999, 1.001};
static const double delta = 0.01;

static struct interval from_logs(double low, double high) {
    return (struct interval){exp((low + high) / 2), exp(low), exp(high)};
}

static struct interval mirror(struct interval ratio) {
    return (struct interval){1 / ratio.estimate, 1 / ratio.high, 1 / ratio.low};
}

static void assert_verdict(struct interval speedup, struct interval placebo, enum verdict expected) {
    assert_int_equal(verdict_of(speedup, placebo, delta), expected);
}

static void test_each_verdict(void **state) {
    (void)state;
    assert_verdict((struct interval){1.5, 1.4, 1.6}, quiet_placebo, VERDICT_FASTER);
    assert_verdict((struct interval){0.5, 0.4, 0.6}, quiet_placebo, VERDICT_SLOWER);
    assert_verdict((struct interval){1, 0.998, 1.004}, quiet_placebo, VERDICT_EQUIVALENT);
    assert_verdict((struct interval){1.02, 1.005, 1.04}, quiet_placebo, VERDICT_INCONCLUSIVE);
    assert_verdict((struct interval){1, 0.5, 2}, quiet_placebo, VERDICT_INCONCLUSIVE);
    assert_verdict((struct interval){1.5, 1.4, 1.6}, no_placebo, VERDICT_FASTER);
    assert_verdict((struct interval){1, 0.998, 1.004}, no_placebo, VERDICT_EQUIVALENT);
}

/* An end that lies on delta itself is not beyond it, but within it. */
static void test_delta_itself(void **state) {
    (void)state;
    const double worth = 1 + delta, hair = 1e-9;
    assert_verdict((struct interval){1.1, worth, 1.2}, no_placebo, VERDICT_INCONCLUSIVE);
    assert_verdict((struct interval){1.1, worth + hair, 1.2}, no_placebo, VERDICT_FASTER);
    assert_verdict((struct interval){0.9, 0.8, 1 / worth + hair}, no_placebo, VERDICT_INCONCLUSIVE);
    assert_verdict((struct interval){0.9, 0.8, 1 / worth - hair}, no_placebo, VERDICT_SLOWER);
    assert_verdict((struct interval){1, 1 / worth + hair, worth}, no_placebo, VERDICT_EQUIVALENT);
    assert_verdict((struct interval){1, 1, worth + hair}, no_placebo, VERDICT_INCONCLUSIVE);
    assert_verdict((struct interval){1, 1 / worth - hair, 1}, no_placebo, VERDICT_INCONCLUSIVE);
}

static void test_floor_above_delta(void **state) {
    (void)state;
    const struct interval high = {1, 0.99, 1.05}, low = {1, 0.95, 1.01};
    assert_verdict((struct interval){1.06, 1.04, 1.08}, high, VERDICT_INCONCLUSIVE);
    assert_verdict((struct interval){1.08, 1.06, 1.1}, high, VERDICT_FASTER);
    /* 1 / 0.95 is 1.0526: the floor is the placebo's farther end, whichever it is. */
    assert_verdict((struct interval){1.06, 1.052, 1.08}, low, VERDICT_INCONCLUSIVE);
    assert_verdict((struct interval){1.06, 1.053, 1.08}, low, VERDICT_FASTER);
    /* A harness that sees 5 % between two copies of one function cannot vouch for 1 %. */
    assert_verdict((struct interval){1, 0.999, 1.001}, high, VERDICT_INCONCLUSIVE);
    /* A placebo that is off by itself counts in full. */
    assert_verdict((struct interval){1.04, 1.03, 1.05}, (struct interval){1.05, 1.04, 1.06},
                   VERDICT_INCONCLUSIVE);
}

static void test_what_is_not_known_is_inconclusive(void **state) {
    (void)state;
    static const double odd[] = {NAN, 0, -1};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        assert_verdict((struct interval){1.5, odd[i], 1.6}, quiet_placebo, VERDICT_INCONCLUSIVE);
        assert_verdict((struct interval){0.5, 0.4, odd[i]}, quiet_placebo, VERDICT_INCONCLUSIVE);
        assert_verdict((struct interval){1.5, 1.4, 1.6}, (struct interval){1, odd[i], 1.001},
                       VERDICT_INCONCLUSIVE);
        assert_verdict((struct interval){1.5, 1.4, 1.6}, (struct interval){1, 0.999, odd[i]},
                       VERDICT_INCONCLUSIVE);
    }
    assert_verdict((struct interval){NAN, NAN, NAN}, no_placebo, VERDICT_INCONCLUSIVE);
    assert_verdict((struct interval){1.5, 1.6, 1.4}, no_placebo, VERDICT_INCONCLUSIVE);
    /* One replicate of one round: sampled, but without an interval. */
    assert_verdict((struct interval){1.5, 1.4, 1.6}, (struct interval){1, NAN, NAN}, VERDICT_INCONCLUSIVE);
    assert_int_equal(verdict_of((struct interval){1.5, 1.4, 1.6}, no_placebo, NAN), VERDICT_INCONCLUSIVE);
    assert_int_equal(verdict_of((struct interval){1.5, 1.4, 1.6}, no_placebo, -0.1), VERDICT_INCONCLUSIVE);
}

static enum verdict mirrored_verdict(enum verdict verdict) {
    return verdict == VERDICT_FASTER ? VERDICT_SLOWER : verdict == VERDICT_SLOWER ? VERDICT_FASTER : verdict;
}

/* The rule again, written apart from the code: against random intervals, and against the swap of the two
 * variants. */
static void test_random_intervals(void **state) {
    (void)state;
    struct cs_random random = cs_random_seed(3);
    size_t seen[5] = {0};
    for (int i = 0; i < 100000; i++) {
        double low = 0.08 * (cs_random_unit(&random) - 0.5), high = low + 0.03 * cs_random_unit(&random);
        double placebo_low = -0.02 * cs_random_unit(&random), placebo_high = 0.02 * cs_random_unit(&random);
        double floor = fmax(-placebo_low, placebo_high), worth = log(1.01);
        struct interval speedup = from_logs(low, high), placebo = from_logs(placebo_low, placebo_high);
        enum verdict verdict = verdict_of(speedup, placebo, delta);
        seen[verdict]++;
        assert_int_equal(verdict == VERDICT_FASTER, low > worth && low > floor);
        assert_int_equal(verdict == VERDICT_SLOWER, -high > worth && -high > floor);
        assert_int_equal(verdict == VERDICT_EQUIVALENT, fmax(high, -low) < worth && floor < worth);
        assert_int_equal(verdict_of(mirror(speedup), placebo, delta), mirrored_verdict(verdict));
        assert_int_equal(verdict_of(speedup, mirror(placebo), delta), verdict);
    }
    assert_int_equal(seen[VERDICT_INVALID], 0);
    for (int verdict = VERDICT_FASTER; verdict <= VERDICT_INCONCLUSIVE; verdict++)
        assert_true(seen[verdict] > 1000);
}

/* Knowing less must never turn no claim into one, nor one claim into another. */
static void test_a_wider_interval_claims_no_more(void **state) {
    (void)state;
    struct cs_random random = cs_random_seed(4);
    for (int i = 0; i < 100000; i++) {
        double low = 0.08 * (cs_random_unit(&random) - 0.5), high = low + 0.02 * cs_random_unit(&random);
        double more = 0.02 * cs_random_unit(&random);
        enum verdict narrow = verdict_of(from_logs(low, high), quiet_placebo, delta);
        enum verdict wide = verdict_of(from_logs(low - more, high + more), quiet_placebo, delta);
        assert_true(wide == narrow || wide == VERDICT_INCONCLUSIVE);
    }
}

static void test_target(void **state) {
    (void)state;
    assert_true(target_met((struct interval){1.5, 1.25, 1.7}, 1.25));
    assert_false(target_met((struct interval){1.5, 1.2499, 1.7}, 1.25));
    assert_false(target_met((struct interval){1.5, NAN, NAN}, 1.25));
}

static void test_names_round_trip(void **state) {
    (void)state;
    for (int verdict = VERDICT_INVALID; verdict <= VERDICT_INCONCLUSIVE; verdict++)
        assert_int_equal(verdict_by_name(verdict_name((enum verdict)verdict)), verdict);
    assert_string_equal(verdict_name(VERDICT_FASTER), "faster");
    assert_string_equal(verdict_name(VERDICT_SLOWER), "slower");
    assert_string_equal(verdict_name(VERDICT_EQUIVALENT), "equivalent");
    assert_string_equal(verdict_name(VERDICT_INCONCLUSIVE), "inconclusive");
    assert_string_equal(verdict_name(VERDICT_INVALID), "invalid");
    assert_int_equal(verdict_by_name("quick"), -EINVAL);
    assert_int_equal(verdict_by_name("unknown"), -EINVAL);
    assert_int_equal(verdict_by_name(""), -EINVAL);
}

/* 0.9^29 = 0.0471 and 0.9^28 = 0.0523. */
static void twenty_nine_seldom_miss_a_tenth(void **state) {
    (void)state;
    assert_true(verdict_missed_share(VERDICT_EQUIVALENT_UNITS) < 0.1);
    assert_true(verdict_missed_share(VERDICT_EQUIVALENT_UNITS - 1) > 0.1);
    assert_true(fabs(pow(1 - verdict_missed_share(8), 8) - 0.05) < 1e-12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_verdict),
        cmocka_unit_test(test_delta_itself),
        cmocka_unit_test(test_floor_above_delta),
        cmocka_unit_test(test_what_is_not_known_is_inconclusive),
        cmocka_unit_test(test_random_intervals),
        cmocka_unit_test(test_a_wider_interval_claims_no_more),
        cmocka_unit_test(test_target),
        cmocka_unit_test(test_names_round_trip),
        cmocka_unit_test(twenty_nine_seldom_miss_a_tenth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
