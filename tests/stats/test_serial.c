/* Run by hand with a factor, `test_stats_serial 20`, it simulates that many times as many. */
#include "stats/serial.h"

#include "assert_close.h"
#include "simulated_noise.h"
#include "stats/estimate.h"

#include <stdlib.h>

static size_t factor = 1;

/* Of the orders of eight values, 2 in 8! have as small a ratio as a trend. */
static void a_trend_is_found(void **unused) {
    (void)unused;
    const double rising[] = {1, 2, 3, 4, 5, 6, 7, 8}, turning[] = {1, 8, 2, 7, 3, 6, 4, 5};
    double ranks[8];
    assert_true(serial_dependence(rising, 8, ranks).p_value < 1e-4);
    assert_true(serial_dependence(turning, 8, ranks).p_value > 0.95);
    assert_close(serial_dependence(rising, 8, ranks).correlation, 1, 1e-12);
}

/* By counting: the approximation of its distribution against independent values. */
static void the_level_holds_under_independence(void **unused) {
    (void)unused;
    static const size_t counts[] = {8, 12, 16, 32, 64};
    struct cs_random random = cs_random_seed(12);
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        size_t fired[2] = {0, 0}, tries = 10000 * factor;
        double values[64], ranks[64];
        for (size_t i = 0; i < tries; i++) {
            for (size_t k = 0; k < counts[c]; k++)
                values[k] = draw_normal(&random);
            double p = serial_dependence(values, counts[c], ranks).p_value;
            fired[0] += p < 0.01;
            fired[1] += p < 0.05;
        }
        print_message("%2zu independent values: %.2f %% below 0.01, %.2f %% below 0.05\n", counts[c],
                      100.0 * (double)fired[0] / (double)tries, 100.0 * (double)fired[1] / (double)tries);
        assert_close((double)fired[0] / (double)tries, 0.01, 0.004);
        assert_close((double)fired[1] / (double)tries, 0.05, 0.012);
    }
}

static void too_few_or_equal_values_tell_nothing(void **unused) {
    (void)unused;
    const double seven[] = {1, 2, 3, 4, 5, 6, 7}, equal[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    double ranks[9];
    assert_true(isnan(serial_dependence(seven, 7, ranks).p_value));
    assert_true(isnan(serial_dependence(equal, 9, ranks).p_value));
    assert_true(serial_dependence(equal, 9, ranks).correlation == 0);
}

/* Replicates that follow AR(1), or `length` consecutive ones that are off by `shift`. */
static void draw_disturbed(struct cs_random *random, double *values, size_t count, double rho, size_t length,
                           double shift) {
    double state = draw_normal(random);
    size_t start = length ? cs_random_below(random, (uint32_t)(count + length)) : 0;
    for (size_t i = 0; i < count; i++) {
        state = rho * state + sqrt(1 - rho * rho) * draw_normal(random);
        bool within = length && i + length >= start && i < start;
        values[i] = state + (within ? shift : 0);
    }
}

struct outcome {
    double fired, excluded, excluded_plain;
};

/* How often it fires, and how often the 95 % interval excludes the truth, with and without the correction. */
static struct outcome simulate(size_t count, double rho, size_t length, double shift, size_t tries) {
    struct cs_random random = cs_random_seed(8);
    struct replicate_ratios ratios[64];
    double values[64], n = (double)tries;
    size_t fired = 0, excluded = 0, plain = 0;
    for (size_t i = 0; i < tries; i++) {
        draw_disturbed(&random, values, count, rho, length, shift);
        for (size_t r = 0; r < count; r++)
            ratios[r] = (struct replicate_ratios){&values[r], 1, 0};
        struct ratio_estimate estimate;
        assert_int_equal(estimate_log_ratio(ratios, count, 0.95, &estimate), 0);
        fired += estimate.serial.p_value < ESTIMATE_SERIAL_LEVEL;
        excluded += estimate.log.low > 0 || estimate.log.high < 0;
        plain += fabs(estimate.log.estimate) > estimate.between_half;
    }
    return (struct outcome){(double)fired / n, (double)excluded / n, (double)plain / n};
}

/*
 * The figures of docs/METHOD.md, and that the correction never makes more claims and takes most false ones.
 */
static void lasting_disturbances_make_wider_intervals(void **unused) {
    (void)unused;
    static const struct {
        const char *name;
        size_t count;
        double rho;
        size_t length;
        double shift;
    } kinds[] = {{"independent", 16, 0, 0, 0},
                 {"independent", 32, 0, 0, 0},
                 {"AR(1), rho 0.5", 16, 0.5, 0, 0},
                 {"AR(1), rho 0.5", 32, 0.5, 0, 0},
                 {"AR(1), rho 0.5", 64, 0.5, 0, 0},
                 {"AR(1), rho 0.8", 16, 0.8, 0, 0},
                 {"AR(1), rho 0.8", 32, 0.8, 0, 0},
                 {"AR(1), rho 0.8", 64, 0.8, 0, 0},
                 {"8 consecutive 5 deviations off", 16, 0, 8, 5},
                 {"8 consecutive 5 deviations off", 32, 0, 8, 5},
                 {"8 consecutive 5 deviations off", 64, 0, 8, 5}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct outcome outcome =
            simulate(kinds[i].count, kinds[i].rho, kinds[i].length, kinds[i].shift, 2000 * factor);
        print_message(
            "%-32s %2zu replicates: fires %5.1f %%, excludes the truth %5.1f %%, without %5.1f %%\n",
            kinds[i].name, kinds[i].count, 100 * outcome.fired, 100 * outcome.excluded,
            100 * outcome.excluded_plain);
        assert_true(outcome.excluded <= outcome.excluded_plain);
        if (kinds[i].count >= 32 && (kinds[i].rho > 0.6 || kinds[i].length))
            assert_true(outcome.excluded < 0.75 * outcome.excluded_plain);
    }
}

int main(int argc, char **argv) {
    if (argc > 1)
        factor = strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trend_is_found),
        cmocka_unit_test(the_level_holds_under_independence),
        cmocka_unit_test(too_few_or_equal_values_tell_nothing),
        cmocka_unit_test(lasting_disturbances_make_wider_intervals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
