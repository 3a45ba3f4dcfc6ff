/*
 * Whole runs of sequential comparisons, simulated as they are made: looks, arms that end when they are
 * settled or hopeless, repeated p-values, Holm's procedure. By hand with a factor,
 * `test_stats_sequential_runs 10`, it simulates that many times as many and gives the figures of
 * docs/METHOD.md.
 */
#include "assert_close.h"
#include "simulated_noise.h"
#include "stats/family.h"
#include "stats/sequential.h"

#include <stdlib.h>

enum { most_replicates = 512, most_comparisons = 303 };
static const double delta = 0.01, error_level = 0.05;
static const struct interval no_placebo = {NAN, NAN, NAN};
static size_t factor = 1;

/* Replicates of a comparison: normal around `truth`, or exponential where `skewed`. */
struct design {
    const char *name;
    double truth, spread; /* log ratios */
    unsigned most;
    size_t comparisons; /* of the run, which its claims are to hold among */
    bool fixed, skewed;
};

struct result {
    size_t replicates;
    enum verdict verdict;
    double p_value;
    struct interval log;
};

static double nominal_of(const struct design *design, size_t done, double level) {
    return design->fixed ? level : sequential_level(design->most, (unsigned)done, level);
}

/* As comparison_judge does, for a comparison without a placebo. */
static void judge(const struct design *design, const struct ratio_estimate *estimate, struct result *result) {
    result->replicates = estimate->replicates;
    result->log = estimate_interval(estimate, 1 - nominal_of(design, estimate->replicates, error_level));
    result->verdict = verdict_of(interval_exp(result->log), no_placebo, delta);
    result->p_value = 1;
    if (result->verdict == VERDICT_EQUIVALENT && estimate->units < VERDICT_EQUIVALENT_UNITS)
        result->verdict = VERDICT_INCONCLUSIVE;
    if (result->verdict == VERDICT_INCONCLUSIVE)
        return;
    double nominal = family_p_value(estimate, no_placebo, delta, result->verdict);
    result->p_value =
        design->fixed ? nominal : sequential_p_value(design->most, (unsigned)result->replicates, nominal);
}

/* As comparison_progress does. */
static bool is_over(const struct design *design, const struct ratio_estimate *estimate,
                    const struct result *result) {
    if (result->p_value <= error_level / (double)design->comparisons)
        return true;
    if (result->replicates < 8 || result->replicates >= design->most)
        return false;
    const struct settling settling = {.estimate = estimate,
                                      .delta = delta,
                                      .confidence = 1 - nominal_of(design, design->most, error_level),
                                      .placebo_confidence = 1 - error_level,
                                      .equivalent_units = VERDICT_EQUIVALENT_UNITS};
    return family_chance_going_on(&settling, (double)design->most / (double)result->replicates) < 0.1;
}

static double draw_replicate(struct cs_random *random, const struct design *design) {
    double deviation = design->skewed ? -log(1 - cs_random_unit(random)) - 1 : draw_normal(random);
    return design->truth + design->spread * deviation;
}

static struct result simulate_one(struct cs_random *random, const struct design *design) {
    static double values[most_replicates];
    static struct replicate_ratios ratios[most_replicates];
    struct result result = {0};
    struct ratio_estimate estimate;
    for (unsigned done = 1; done <= design->most; done++) {
        values[done - 1] = draw_replicate(random, design);
        ratios[done - 1] = (struct replicate_ratios){&values[done - 1], 1, 0};
        if (design->fixed ? done < design->most : !sequential_is_look(design->most, done))
            continue;
        assert_int_equal(estimate_log_ratio(ratios, done, 1 - error_level, &estimate), 0);
        judge(design, &estimate, &result);
        if (is_over(design, &estimate, &result))
            break;
    }
    return result;
}

static double three_errors(double p, size_t n) {
    return 3 * sqrt(p * (1 - p) / (double)n);
}

/* Share of runs in which some claim is accepted although every difference is exactly delta: each claim is
 * false. */
static double runs_with_a_false_claim(const struct design *design, size_t runs) {
    static double p_values[most_comparisons];
    static bool accepted[most_comparisons];
    struct cs_random random = cs_random_seed(51);
    size_t wrong = 0;
    for (size_t run = 0; run < runs; run++) {
        bool any = false;
        for (size_t i = 0; i < design->comparisons; i++)
            p_values[i] = simulate_one(&random, design).p_value;
        assert_int_equal(family_holm(p_values, design->comparisons, error_level, accepted), 0);
        for (size_t i = 0; i < design->comparisons; i++)
            any |= accepted[i];
        wrong += any;
    }
    return (double)wrong / (double)runs;
}

static void differences_at_delta_are_seldom_claimed(void **unused) {
    (void)unused;
    static const struct design designs[] = {
        {.name = "fixed", .most = 16, .comparisons = 51, .fixed = true},
        {.name = "fixed", .most = 16, .comparisons = 303, .fixed = true},
        {.name = "sequential", .most = 32, .comparisons = 51},
        {.name = "sequential", .most = 32, .comparisons = 303},
        {.name = "sequential", .most = 64, .comparisons = 51},
        {.name = "sequential, skewed", .most = 32, .comparisons = 51, .skewed = true},
    };
    for (size_t i = 0; i < sizeof designs / sizeof *designs; i++) {
        struct design design = designs[i];
        size_t runs = (design.comparisons > 100 ? 40 : 200) * factor;
        design.truth = log1p(delta);
        design.spread = 0.005;
        double share = runs_with_a_false_claim(&design, runs);
        print_message(
            "%-20s most %2u, %3zu comparisons, all at delta: a false claim in %.1f %% of %zu runs\n",
            design.name, design.most, design.comparisons, 100 * share, runs);
        if (!design.skewed)
            assert_true(share <= 0.05 + three_errors(0.05, runs));
    }
}

/* The last interval, whenever it was the last: stopping where it pleases may not hurt it. */
static void the_repeated_interval_covers(void **unused) {
    (void)unused;
    static const struct design designs[] = {
        {.name = "no difference", .truth = 0, .spread = 0.01, .most = 16},
        {.name = "no difference", .truth = 0, .spread = 0.01, .most = 32},
        {.name = "no difference", .truth = 0, .spread = 0.01, .most = 64},
        {.name = "no difference", .truth = 0, .spread = 0.01, .most = 128},
        {.name = "at delta", .truth = 0.00995, .spread = 0.01, .most = 32},
        {.name = "2 %", .truth = 0.0198, .spread = 0.01, .most = 32},
        {.name = "5 %", .truth = 0.0488, .spread = 0.01, .most = 32},
        {.name = "2 %, skewed", .truth = 0.0198, .spread = 0.01, .most = 32, .skewed = true},
        {.name = "2 %, skewed", .truth = 0.0198, .spread = 0.01, .most = 64, .skewed = true},
    };
    for (size_t i = 0; i < sizeof designs / sizeof *designs; i++) {
        struct design design = designs[i];
        struct cs_random random = cs_random_seed(7);
        size_t tries = 2000 * factor, covered = 0, ever = 0;
        design.comparisons = 1;
        for (size_t k = 0; k < tries; k++) {
            struct result result = simulate_one(&random, &design);
            covered += result.log.low <= design.truth && design.truth <= result.log.high;
            ever += result.verdict == (design.truth > 0.01 ? VERDICT_SLOWER : VERDICT_FASTER);
        }
        double share = (double)covered / (double)tries;
        print_message("%-14s most %3u: the last interval covers %.1f %%, calls it otherwise %.2f %%\n",
                      design.name, design.most, 100 * share, 100.0 * (double)ever / (double)tries);
        assert_true(share >= (design.skewed ? 0.93 : 0.95) - three_errors(0.05, tries));
    }
}

static int compare_sizes(const void *a, const void *b) {
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* How many replicates a verdict takes, and how often there is one. */
static void large_differences_take_few_replicates(void **unused) {
    (void)unused;
    static const struct {
        const char *name;
        double ratio;
        enum verdict right;
    } effects[] = {{"2x", 2, VERDICT_FASTER},
                   {"1.25x", 1.25, VERDICT_FASTER},
                   {"5 %", 1.05, VERDICT_FASTER},
                   {"2 %", 1.02, VERDICT_FASTER},
                   {"1 %: delta", 1.01, VERDICT_INVALID},
                   {"none", 1, VERDICT_EQUIVALENT}};
    static const double spreads[] = {0.0005, 0.005, 0.02};
    static const unsigned plans[] = {32, 64};
    static const size_t families[] = {1, 51};
    for (size_t e = 0; e < sizeof effects / sizeof *effects; e++)
        for (size_t s = 0; s < 3; s++)
            for (size_t p = 0; p < 2; p++)
                for (size_t f = 0; f < 2; f++) {
                    struct design design = {.truth = log(effects[e].ratio),
                                            .spread = spreads[s],
                                            .most = plans[p],
                                            .comparisons = families[f]};
                    size_t tries = 200 * factor, right = 0, *counts = malloc(tries * sizeof *counts);
                    struct cs_random random = cs_random_seed(21);
                    assert_non_null(counts);
                    for (size_t k = 0; k < tries; k++) {
                        struct result result = simulate_one(&random, &design);
                        counts[k] = result.replicates;
                        right += result.verdict == effects[e].right &&
                                 result.p_value <= error_level / (double)design.comparisons;
                    }
                    qsort(counts, tries, sizeof *counts, compare_sizes);
                    print_message("%-10s spread %4.2f %%, most %2u, among %2zu: %5.1f %% told, median %2zu "
                                  "replicates\n",
                                  effects[e].name, 100 * spreads[s], plans[p], families[f],
                                  100.0 * (double)right / (double)tries, counts[tries / 2]);
                    if (effects[e].ratio >= 1.25 && spreads[s] <= 0.005)
                        assert_true(counts[tries / 2] <= 8 && right == tries);
                    free(counts);
                }
}

int main(int argc, char **argv) {
    if (argc > 1)
        factor = strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_at_delta_are_seldom_claimed),
        cmocka_unit_test(the_repeated_interval_covers),
        cmocka_unit_test(large_differences_take_few_replicates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
