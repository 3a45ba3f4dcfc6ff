/*
 * How often two identical variants are called different, over simulated comparisons with a placebo. Run by
 * hand with a factor, `test_stats_false_claims 5`, it simulates that many times as many and gives the figures
 * of docs/METHOD.md.
 */
#include "assert_close.h"
#include "simulated_noise.h"
#include "stats/verdict.h"

#include <stdlib.h>

enum { most_rounds = 50, most_replicates = 8, comparisons_per_design = 2000 };
static const double delta = 0.01;
static size_t factor = 1;

struct design {
    struct noise_model noise;
    size_t replicates, rounds;
    double own_spread; /**< what a process adds to the candidate alone, which the placebo does not see */
};

struct claims {
    size_t faster, slower, equivalent, inconclusive;
    size_t without_placebo; /**< faster or slower, had there been no floor */
    size_t excludes_one;    /**< intervals that do not hold 1: what a plain test would call different */
};

/*
 * Ratios of one process: the candidate and the placebo share the baseline's samples, as they do in a round.
 */
static void draw_process(struct cs_random *random, const struct design *design, double speedup,
                         size_t process, double *candidate, double *placebo) {
    const struct noise_model *noise = &design->noise;
    double baseline[most_rounds], spread = process_noise(noise, process);
    draw_arm(random, noise, spread, true, draw_level(random, noise, 0), baseline, design->rounds);
    double level = draw_level(random, noise, -log(speedup)) + design->own_spread * draw_normal(random);
    draw_arm(random, noise, spread, true, level, candidate, design->rounds);
    draw_arm(random, noise, spread, true, draw_level(random, noise, 0), placebo, design->rounds);
    for (size_t i = 0; i < design->rounds; i++) {
        candidate[i] = baseline[i] - candidate[i];
        placebo[i] = baseline[i] - placebo[i];
    }
}

/* Intervals of the speedup of one simulated comparison and of its placebo. */
static void draw_comparison(struct cs_random *random, const struct design *design, double speedup,
                            struct interval *candidate, struct interval *placebo) {
    static double values[2][most_replicates][most_rounds];
    struct replicate_ratios replicates[2][most_replicates];
    struct ratio_estimate estimates[2];
    for (size_t r = 0; r < design->replicates; r++) {
        draw_process(random, design, speedup, r, values[0][r], values[1][r]);
        for (size_t arm = 0; arm < 2; arm++)
            replicates[arm][r] = (struct replicate_ratios){values[arm][r], design->rounds, 0};
    }
    for (size_t arm = 0; arm < 2; arm++)
        assert_int_equal(estimate_log_ratio(replicates[arm], design->replicates, 0.95, &estimates[arm]), 0);
    *candidate = interval_exp(estimates[0].log);
    *placebo = interval_exp(estimates[1].log);
}

static struct claims count_claims(const struct design *design, double speedup, size_t comparisons) {
    const struct interval none = {NAN, NAN, NAN};
    struct cs_random random = cs_random_seed(19990731);
    struct claims claims = {0};
    for (size_t i = 0; i < comparisons; i++) {
        struct interval candidate, placebo;
        draw_comparison(&random, design, speedup, &candidate, &placebo);
        enum verdict verdict = verdict_of(candidate, placebo, delta),
                     bare = verdict_of(candidate, none, delta);
        claims.faster += verdict == VERDICT_FASTER;
        claims.slower += verdict == VERDICT_SLOWER;
        claims.equivalent += verdict == VERDICT_EQUIVALENT;
        claims.inconclusive += verdict == VERDICT_INCONCLUSIVE;
        claims.without_placebo += bare == VERDICT_FASTER || bare == VERDICT_SLOWER;
        claims.excludes_one += candidate.low > 1 || candidate.high < 1;
    }
    return claims;
}

static const struct design designs[] = {
    {{.name = "Gaussian, quiet", .spread = 0.02}, 8, 50, 0},
    {{.name = "Gaussian, as wide as delta", .spread = 0.1}, 8, 50, 0},
    {{.name = "Gaussian, far wider than delta", .spread = 0.5}, 8, 50, 0},
    {{.name = "bursts", .kind = NOISE_BURSTS, .spread = 0.1}, 8, 50, 0},
    {{.name = "bursts, 5 rounds", .kind = NOISE_BURSTS, .spread = 0.1}, 8, 5, 0},
    {{.name = "Student's t, 2 degrees", .kind = NOISE_HEAVY, .spread = 0.1}, 8, 50, 0},
    {{.name = "AR(1), rho 0.9", .kind = NOISE_CORRELATED, .spread = 0.1}, 8, 50, 0},
    {{.name = "process effect of 1 %", .spread = 0.02, .process_spread = 0.01}, 8, 50, 0},
    {{.name = "process effect of 10 %", .spread = 0.02, .process_spread = 0.1}, 8, 50, 0},
    {{.name = "process effect of 10 %", .spread = 0.02, .process_spread = 0.1}, 3, 50, 0},
    {{.name = "a tenth of processes 5 % off", .spread = 0.02, .rare_shift = 0.05}, 8, 50, 0},
    {{.name = "one process ten times as noisy", .spread = 0.05, .loud_factor = 10}, 8, 50, 0},
};

/* Share of comparisons called faster or slower where the true speedup is 1. */
static double show_false_claims(const struct design *design) {
    size_t comparisons = comparisons_per_design * factor;
    double percent = 100 / (double)comparisons;
    struct claims c = count_claims(design, 1, comparisons);
    double false_claims = (double)(c.faster + c.slower) * percent;
    print_message(
        "%-32s %zu x %-2zu  false %.2f %%  equivalent %.1f %%  (no placebo: false %.2f %%; interval "
        "without 1: %.1f %%)\n",
        design->noise.name, design->replicates, design->rounds, false_claims, (double)c.equivalent * percent,
        (double)c.without_placebo * percent, (double)c.excludes_one * percent);
    return false_claims / 100;
}

static void test_identical_variants_are_not_called_different(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof designs / sizeof *designs; i++)
        assert_true(show_false_claims(&designs[i]) <= 0.01);
}

/* The placebo shows the baseline's noise alone; against a candidate's own, the interval's 5 % is all there
 * is. */
static void test_a_candidate_noisier_than_its_placebo_is_held_to_the_confidence(void **state) {
    (void)state;
    static const struct design noisier[] = {
        {{.name = "candidate varies 3 % a process", .spread = 0.02}, 8, 50, 0.03},
        {{.name = "candidate varies 20 % a process", .spread = 0.02}, 8, 50, 0.2},
    };
    double n = comparisons_per_design * (double)factor;
    for (size_t i = 0; i < sizeof noisier / sizeof *noisier; i++)
        assert_true(show_false_claims(&noisier[i]) <= 0.05 + 3 * sqrt(0.05 * 0.95 / n));
}

/* The rate above would be as low if nothing were ever claimed. */
static void test_a_true_difference_is_called_by_name(void **state) {
    (void)state;
    const struct design quiet = designs[0];
    struct claims same = count_claims(&quiet, 1, 500);
    struct claims better = count_claims(&quiet, 1.03, 500), worse = count_claims(&quiet, 1 / 1.03, 500);
    assert_true(same.equivalent >= 475);
    assert_true(better.faster >= 475 && better.slower == 0);
    assert_true(worse.slower >= 475 && worse.faster == 0);
}

int main(int argc, char **argv) {
    if (argc > 1)
        factor = strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identical_variants_are_not_called_different),
        cmocka_unit_test(test_a_candidate_noisier_than_its_placebo_is_held_to_the_confidence),
        cmocka_unit_test(test_a_true_difference_is_called_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
