/*
 * Is the budget that an inconclusive comparison names the right one? Whole comparisons with a placebo are
 * simulated until they come out inconclusive, and the factor each names is held against the one at which half
 * of such comparisons are settled, found by simulating longer ones. Run by hand with a factor,
 * `test_stats_settling 10`, it simulates that many times as many and gives the figures of docs/METHOD.md.
 */
#include "assert_close.h"
#include "simulated_noise.h"
#include "stats/family.h"

#include <stdlib.h>

enum { most_replicates = 1024, most_rounds = 20, comparisons_per_design = 50, tries_per_length = 50 };
static const double delta = 0.01, confidence = 0.95;
static size_t factor = 1;

struct design {
    struct noise_model noise;
    size_t replicates, rounds;
    double effect; /**< true log ratio, in units of log(1 + delta) */
};

/* The candidate and the placebo share the baseline's samples, as they do in a round. */
static void draw_comparison(struct cs_random *random, const struct design *design, size_t replicates,
                            struct ratio_estimate *candidate, struct ratio_estimate *placebo) {
    static double ratios[2][most_replicates][most_rounds];
    struct replicate_ratios lists[2][most_replicates];
    double baseline[most_rounds], levels[2] = {-design->effect * log1p(delta), 0};
    const struct noise_model *noise = &design->noise;
    for (size_t r = 0; r < replicates; r++) {
        draw_arm(random, noise, noise->spread, true, draw_level(random, noise, 0), baseline, design->rounds);
        for (size_t arm = 0; arm < 2; arm++) {
            double *values = ratios[arm][r];
            draw_arm(random, noise, noise->spread, true, draw_level(random, noise, levels[arm]), values,
                     design->rounds);
            for (size_t i = 0; i < design->rounds; i++)
                values[i] = baseline[i] - values[i];
            lists[arm][r] = (struct replicate_ratios){values, design->rounds, 0};
        }
    }
    assert_int_equal(estimate_log_ratio(lists[0], replicates, confidence, candidate), 0);
    assert_int_equal(estimate_log_ratio(lists[1], replicates, confidence, placebo), 0);
}

static bool is_settled(const struct ratio_estimate *candidate, const struct ratio_estimate *placebo) {
    return verdict_of(interval_exp(candidate->log), interval_exp(placebo->log), delta) !=
           VERDICT_INCONCLUSIVE;
}

/* No more tries than it takes to know. */
static bool half_are_settled(const struct design *design, size_t replicates) {
    struct cs_random random = cs_random_seed(1 + replicates);
    size_t settled = 0, half = (tries_per_length * factor + 1) / 2;
    for (size_t tries = 0; settled < half && tries - settled <= half; tries++) {
        struct ratio_estimate candidate, placebo;
        draw_comparison(&random, design, replicates, &candidate, &placebo);
        settled += is_settled(&candidate, &placebo);
    }
    return settled == half;
}

/* The number of replicates at which half of the comparisons are settled, over that of the design; NAN: more
 * than can be simulated. */
static double true_factor(const struct design *design) {
    size_t low = design->replicates, high = low;
    while (high <= most_replicates && !half_are_settled(design, high)) {
        low = high;
        high *= 2;
    }
    if (high > most_replicates)
        return NAN;
    while (high - low > 1 && (double)high / (double)low > 1.03) {
        size_t middle = (low + high) / 2;
        if (half_are_settled(design, middle))
            high = middle;
        else
            low = middle;
    }
    return (double)high / (double)design->replicates;
}

static double named_factor(const struct ratio_estimate *candidate, const struct ratio_estimate *placebo) {
    const struct settling settling = {.estimate = candidate,
                                      .placebo = placebo,
                                      .delta = delta,
                                      .confidence = confidence,
                                      .placebo_confidence = confidence};
    return family_settling_factor(&settling);
}

/*
 * Factors that inconclusive ones among so many comparisons of the design name, each over the true one;
 * appended to found, whose new length is returned.
 */
static size_t name_factors(const struct design *design, double truth, double *found, size_t count) {
    struct cs_random random = cs_random_seed(31);
    for (size_t i = 0; i < comparisons_per_design * factor; i++) {
        struct ratio_estimate candidate, placebo;
        draw_comparison(&random, design, design->replicates, &candidate, &placebo);
        if (!is_settled(&candidate, &placebo))
            found[count++] = named_factor(&candidate, &placebo) / truth;
    }
    return count;
}

static double share_within_two(const double *found, size_t count) {
    size_t near = 0;
    for (size_t i = 0; i < count; i++)
        near += found[i] >= 0.5 && found[i] <= 2;
    return (double)near / (double)count;
}

/* Median of what a design's inconclusive comparisons name over the truth; NAN where hardly any is
 * inconclusive, or half are settled as it is. */
static double show_design(const struct design *design, double *found, size_t *count) {
    double truth = true_factor(design);
    size_t end = truth > 1 ? name_factors(design, truth, found, *count) : *count, own = end - *count;
    if (own < comparisons_per_design * factor / 10)
        return NAN;
    double *values = &found[*count];
    sort_values(values, own);
    double median = quantile_sorted(values, own, 0.5);
    print_message("%-14s %2zu x %-2zu  effect %.1f  inconclusive %3.0f %%  true factor %5.1f  named/true "
                  "%.2f (%.2f to %.2f)  within two %3.0f %%\n",
                  design->noise.name, design->replicates, design->rounds, design->effect,
                  100 * (double)own / (double)(comparisons_per_design * factor), truth, median,
                  quantile_sorted(values, own, 0.25), quantile_sorted(values, own, 0.75),
                  100 * share_within_two(values, own));
    *count = end;
    return median;
}

/*
 * Differences of all sizes, spreads from one that leaves few comparisons inconclusive to one that leaves all
 * so. Their middle must be right within a factor of two; and each for itself where neither the difference
 * lies near the limit nor its standard error is larger than the limit, as there one measurement cannot know.
 */
static void test_the_named_budget_is_right_within_two(void **state) {
    (void)state;
    static const double effects[] = {0, 0.3, 0.5, 0.8, 1.2, 1.5, 2, 3, 5}, errors[] = {0.25, 0.5, 1, 2};
    enum { effect_count = sizeof effects / sizeof *effects, error_count = sizeof errors / sizeof *errors };
    double *found = malloc(effect_count * error_count * comparisons_per_design * factor * sizeof *found);
    assert_non_null(found);
    size_t count = 0, judged = 0;
    for (size_t e = 0; e < effect_count; e++)
        for (size_t s = 0; s < error_count; s++) {
            struct design design = {
                {.name = "process effect", .process_spread = errors[s] * log1p(delta) * sqrt(8.0 / 2)},
                .replicates = 8,
                .rounds = 1,
                .effect = effects[e]};
            double median = show_design(&design, found, &count);
            if (isnan(median) || errors[s] > 1 || (effects[e] > 0.3 && effects[e] < 2))
                continue;
            assert_true(median >= 0.5 && median <= 2);
            judged++;
        }
    sort_values(found, count);
    double median = quantile_sorted(found, count, 0.5);
    print_message("all: %zu inconclusive, named/true %.2f (%.2f to %.2f), within two %.0f %%\n", count,
                  median, quantile_sorted(found, count, 0.25), quantile_sorted(found, count, 0.75),
                  100 * share_within_two(found, count));
    assert_true(median >= 0.5 && median <= 2);
    assert_true(judged >= 8);
    free(found);
}

/* Few replicates, whose quantile of t falls fast with more; and noise of rounds. */
static void test_other_noise_and_other_numbers_of_replicates(void **state) {
    (void)state;
    static const struct design designs[] = {
        {{.name = "process effect", .process_spread = 0.01}, 2, 1, 0},
        {{.name = "process effect", .process_spread = 0.01}, 2, 1, 3},
        {{.name = "process effect", .process_spread = 0.01}, 3, 1, 0},
        {{.name = "process effect", .process_spread = 0.01}, 4, 1, 2},
        {{.name = "process effect", .process_spread = 0.02}, 16, 1, 2},
        {{.name = "Gaussian", .spread = 0.08}, 8, 20, 0},
        {{.name = "bursts", .kind = NOISE_BURSTS, .spread = 0.08}, 8, 20, 0},
        {{.name = "bursts", .kind = NOISE_BURSTS, .spread = 0.08}, 8, 20, 2},
        {{.name = "AR(1)", .kind = NOISE_CORRELATED, .spread = 0.03}, 8, 20, 0},
    };
    double *found = malloc(comparisons_per_design * factor * sizeof *found);
    assert_non_null(found);
    for (size_t i = 0; i < sizeof designs / sizeof *designs; i++) {
        size_t count = 0;
        double median = show_design(&designs[i], found, &count);
        assert_true(median >= 0.5 && median <= 2);
    }
    free(found);
}

int main(int argc, char **argv) {
    if (argc > 1)
        factor = strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_named_budget_is_right_within_two),
        cmocka_unit_test(test_other_noise_and_other_numbers_of_replicates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
