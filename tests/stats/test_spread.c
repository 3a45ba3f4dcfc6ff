#include "assert_close.h"
#include "simulated_noise.h"
#include "stats/spread.h"

#include <stdlib.h>

static struct ratio_estimate estimate_with(double within, double between) {
    return (struct ratio_estimate){.within_variance = within, .between_variance = between, .replicates = 8};
}

static void test_the_placebo_shows_what_layouts_do(void **state) {
    (void)state;
    struct ratio_estimate estimate = estimate_with(2, 6), placebo = estimate_with(1, 4);
    struct spread spread = spread_split(&estimate, &placebo);
    assert_close(spread.round, 2, 0);
    assert_close(spread.process, 2, 1e-15);
    assert_close(spread.layout, 4, 0);
    struct spread shares = spread_shares(spread);
    assert_close(shares.round, 0.25, 1e-15);
    assert_close(shares.process, 0.25, 1e-15);
    assert_close(shares.layout, 0.5, 1e-15);
}

static void test_layouts_are_no_more_than_all_processes_show(void **state) {
    (void)state;
    struct ratio_estimate estimate = estimate_with(1, 3), wild = estimate_with(1, 50);
    struct spread spread = spread_split(&estimate, &wild);
    assert_close(spread.process, 0, 0);
    assert_close(spread.layout, 3, 0);
}

static void test_without_a_placebo_layout_is_not_told_apart(void **state) {
    (void)state;
    struct ratio_estimate estimate = estimate_with(1, 3), unknown = estimate_with(NAN, NAN);
    const struct ratio_estimate *const placebos[] = {NULL, &unknown};
    for (size_t i = 0; i < 2; i++) {
        struct spread spread = spread_split(&estimate, placebos[i]);
        assert_close(spread.process, 3, 0);
        assert_true(isnan(spread.layout));
        struct spread shares = spread_shares(spread);
        assert_close(shares.round, 0.25, 1e-15);
        assert_close(shares.process, 0.75, 1e-15);
        assert_true(isnan(shares.layout));
    }
}

static void test_no_spread_has_no_shares(void **state) {
    (void)state;
    struct spread none = spread_shares((struct spread){0, 0, 0});
    struct spread unknown = spread_shares((struct spread){NAN, NAN, NAN});
    assert_true(isnan(none.round) && isnan(none.process) && isnan(none.layout));
    assert_true(isnan(unknown.round) && isnan(unknown.process) && isnan(unknown.layout));
}

/*
 * Levels of one arm over processes: what the process does to every arm, and what its place does to this one.
 */
static void draw_levels(struct cs_random *random, double *levels, size_t count, double spread) {
    for (size_t i = 0; i < count; i++)
        levels[i] += spread * draw_normal(random);
}

/*
 * Baseline, candidate and placebo each at a random place (standard deviation 3 of the log time), the
 * candidate with 4 of its own from process to process, rounds with 1: over many replicates the split must
 * find 18, 16 and 2 / 20, a midmean's error of Gaussian rounds being a little more than a mean's.
 */
static void test_known_components_are_found(void **state) {
    (void)state;
    enum { replicates = 4000, rounds = 20 };
    struct cs_random random = cs_random_seed(21);
    struct replicate_ratios lists[2][replicates];
    double *ratios = malloc(2 * replicates * rounds * sizeof *ratios);
    assert_non_null(ratios);
    for (size_t r = 0; r < replicates; r++) {
        double levels[3] = {0};
        draw_levels(&random, levels, 3, 3);
        draw_levels(&random, &levels[1], 1, 4);
        double *values[2] = {&ratios[2 * r * rounds], &ratios[(2 * r + 1) * rounds]};
        for (size_t i = 0; i < rounds; i++) {
            double baseline = levels[0] + draw_normal(&random);
            for (size_t arm = 0; arm < 2; arm++)
                values[arm][i] = baseline - levels[arm + 1] - draw_normal(&random);
        }
        for (size_t arm = 0; arm < 2; arm++)
            lists[arm][r] = (struct replicate_ratios){values[arm], rounds, 0};
    }
    struct ratio_estimate candidate, placebo;
    assert_int_equal(estimate_log_ratio(lists[0], replicates, 0.95, &candidate), 0);
    assert_int_equal(estimate_log_ratio(lists[1], replicates, 0.95, &placebo), 0);
    free(ratios);
    struct spread spread = spread_split(&candidate, &placebo);
    /* A variance from 4000 values has a standard error of 2.2 %. */
    assert_close(spread.layout, 18, 18 * 0.08);
    assert_close(spread.process, 16, 34 * 0.08);
    assert_true(spread.round > 0.1 && spread.round < 0.15);
    struct spread shares = spread_shares(spread);
    assert_close(shares.round + shares.process + shares.layout, 1, 1e-12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_placebo_shows_what_layouts_do),
        cmocka_unit_test(test_layouts_are_no_more_than_all_processes_show),
        cmocka_unit_test(test_without_a_placebo_layout_is_not_told_apart),
        cmocka_unit_test(test_no_spread_has_no_shares),
        cmocka_unit_test(test_known_components_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
