/*
 * Processes of two kinds: how often the interval covers, and how often a kind that was not drawn lets a
 * comparison be called equivalent. `test_stats_rare_kinds 10` simulates so many times as many and gives the
 * figures of docs/METHOD.md.
 */
#include "assert_close.h"
#include "simulated_noise.h"
#include "stats/verdict.h"

#include <stdlib.h>

enum { most_replicates = 128 };
static const struct interval no_placebo = {NAN, NAN, NAN};
static size_t factor = 1;

struct design {
    size_t replicates;
    double share, shift; /* of the second kind */
};

struct outcome {
    double covered, covered_plain, equivalent, unguarded;
};

/* Replicates with a deviation of 0.1 % around their kind. */
static struct outcome simulate(const struct design *design, size_t tries) {
    struct cs_random random = cs_random_seed(29);
    struct replicate_ratios ratios[most_replicates];
    double values[most_replicates], truth = design->share * design->shift, n = (double)tries;
    size_t covered = 0, plain = 0, equivalent = 0, unguarded = 0;
    for (size_t i = 0; i < tries; i++) {
        for (size_t r = 0; r < design->replicates; r++) {
            values[r] =
                0.001 * draw_normal(&random) + (cs_random_unit(&random) < design->share ? design->shift : 0);
            ratios[r] = (struct replicate_ratios){&values[r], 1, 0};
        }
        struct ratio_estimate estimate;
        assert_int_equal(estimate_log_ratio(ratios, design->replicates, 0.95, &estimate), 0);
        covered += estimate.log.low <= truth && truth <= estimate.log.high;
        plain += fabs(estimate.log.estimate - truth) <= estimate.between_half;
        bool within = verdict_of(interval_exp(estimate.log), no_placebo, 0.01) == VERDICT_EQUIVALENT;
        unguarded += within;
        equivalent += within && estimate.units >= VERDICT_EQUIVALENT_UNITS;
    }
    return (struct outcome){(double)covered / n, (double)plain / n, (double)equivalent / n,
                            (double)unguarded / n};
}

/* A tenth of the processes is 15 % slower: 1.5 % in the mean, which is more than delta. */
static void a_rare_kind_is_seldom_equivalent(void **unused) {
    (void)unused;
    static const size_t counts[] = {4, 8, 16, 28, 29, 32, 48, 64};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        size_t tries = 2000 * factor;
        const struct design design = {counts[i], 0.1, log(1 / 1.15)};
        struct outcome outcome = simulate(&design, tries);
        print_message(
            "15 %% slower in a tenth, %2zu replicates: equivalent %4.1f %%, without the guard %4.1f %%\n",
            counts[i], 100 * outcome.equivalent, 100 * outcome.unguarded);
        assert_true(outcome.equivalent <= 0.05 + 3 * sqrt(0.05 * 0.95 / (double)tries));
        if (counts[i] == 8)
            assert_true(outcome.unguarded > 0.35);
    }
}

/* Kinds that are both seen: the interval is never worse than Student's, and covers from 16 on. */
static void two_kinds_are_covered(void **unused) {
    (void)unused;
    static const struct design designs[] = {{8, 0.5, 0.5},  {16, 0.5, 0.5}, {32, 0.5, 0.5}, {64, 0.5, 0.5},
                                            {8, 0.2, 0.5},  {16, 0.2, 0.5}, {32, 0.2, 0.5}, {64, 0.2, 0.5},
                                            {16, 0.1, 0.5}, {32, 0.1, 0.5}, {64, 0.1, 0.5}, {128, 0.1, 0.5}};
    for (size_t i = 0; i < sizeof designs / sizeof *designs; i++) {
        size_t tries = 2000 * factor;
        struct outcome outcome = simulate(&designs[i], tries);
        print_message("%3.0f %% of another kind, %3zu replicates: covers %.1f %%, Student's t %.1f %%\n",
                      100 * designs[i].share, designs[i].replicates, 100 * outcome.covered,
                      100 * outcome.covered_plain);
        assert_true(outcome.covered >= outcome.covered_plain);
        if (designs[i].replicates >= 16 && designs[i].share * (double)designs[i].replicates >= 3)
            assert_true(outcome.covered >= 0.94 - 3 * sqrt(0.05 / (double)tries));
    }
}

int main(int argc, char **argv) {
    if (argc > 1)
        factor = strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rare_kind_is_seldom_equivalent),
        cmocka_unit_test(two_kinds_are_covered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
