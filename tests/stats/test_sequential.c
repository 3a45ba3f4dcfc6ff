/*
 * Looks and their levels. The table of gains is made by the simulation here: `test_stats_sequential 20` takes
 * that many times as many and prints it.
 */
#include "stats/sequential.h"

#include "assert_close.h"
#include "simulated_noise.h"
#include "stats/student.h"

#include <stdlib.h>

enum { most_looks = 17 };
static size_t factor = 1;

static void looks_are_powers_and_their_halves(void **unused) {
    (void)unused;
    static const unsigned looks[] = {4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 100};
    size_t next = 0;
    for (unsigned done = 0; done <= 101; done++) {
        bool expected = next < sizeof looks / sizeof *looks && looks[next] == done;
        assert_int_equal(sequential_is_look(100, done), expected);
        next += expected;
    }
    assert_true(sequential_is_look(2, 2) && sequential_is_look(3, 3) && sequential_is_look(5, 4));
    assert_false(sequential_is_look(2, 1) || sequential_is_look(4, 3));
    assert_int_equal(sequential_look_count(2), 1);
    assert_int_equal(sequential_look_count(4), 1);
    assert_int_equal(sequential_look_count(5), 2);
    assert_int_equal(sequential_look_count(100), 11);
    assert_int_equal(sequential_look_count(1000), most_looks);
}

/* Shares of 32: 4, 2, 2, 4, 4, 8, 8. At 1e-6 there is no gain. */
static void levels_follow_the_replicates(void **unused) {
    (void)unused;
    static const unsigned looks[] = {4, 6, 8, 12, 16, 24, 32}, shares[] = {4, 2, 2, 4, 4, 8, 8};
    for (size_t i = 0; i < 7; i++)
        assert_close(sequential_level(32, looks[i], 1e-6) / (1e-6 * shares[i] / 32), 1, 1e-9);
    assert_true(sequential_level(32, 32, 0.05) > 1.4 * 0.05 / 4);
    assert_close(sequential_level(4, 4, 0.05), 0.05, 1e-12);
    assert_close(sequential_level(2, 2, 0.05), 0.05, 1e-12);
    assert_true(isnan(sequential_level(32, 8, 0)) && isnan(sequential_level(32, 8, NAN)));
}

/* Replicates that were lost take what the look to come would have had. */
static void what_is_no_look_takes_the_next_ones_share(void **unused) {
    (void)unused;
    assert_close(sequential_level(32, 15, 0.05), sequential_level(32, 16, 0.05), 1e-15);
    assert_close(sequential_level(32, 13, 0.05), sequential_level(32, 16, 0.05), 1e-15);
    assert_close(sequential_level(32, 2, 0.05), sequential_level(32, 4, 0.05), 1e-15);
    assert_close(sequential_level(32, 31, 0.05), sequential_level(32, 32, 0.05), 1e-15);
}

static void the_repeated_p_value_is_the_inverse(void **unused) {
    (void)unused;
    static const double levels[] = {0.9, 0.3, 0.05, 0.03, 0.0123, 1e-3, 2e-4, 1e-5, 1e-9};
    static const unsigned plans[][2] = {{2, 2}, {16, 4}, {32, 8}, {64, 64}, {512, 24}, {1000, 1000}};
    for (size_t p = 0; p < sizeof plans / sizeof *plans; p++)
        for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
            double nominal = sequential_level(plans[p][0], plans[p][1], levels[i]);
            double back = sequential_p_value(plans[p][0], plans[p][1], nominal);
            assert_close(back / levels[i], 1, 1e-9);
        }
    assert_true(sequential_p_value(32, 4, 0.9) == 1 && sequential_p_value(32, 4, 1) == 1);
    assert_true(sequential_p_value(32, 4, 0) == 0 && isnan(sequential_p_value(32, 4, NAN)));
}

/* Of a plan with the given number of looks. */
static double gain_at(unsigned looks, double level) {
    unsigned most = 1;
    while (sequential_look_count(most) < looks)
        most++;
    return sequential_level(most, most, level) / level / (sequential_level(most, most, 1e-9) / 1e-9);
}

/*
 * What looks share with each other is more for large levels, where they are nearer together, and for more
 * looks, of which those of odd and of even number make a row each. An entry of the table that is another by
 * more than its own error stands out from its neighbours.
 */
static void gains_follow_each_other(void **unused) {
    (void)unused;
    static const double levels[] = {0.05, 0.02, 0.01, 1e-3, 1e-4, 1e-5};
    for (unsigned looks = 1; looks <= most_looks; looks++)
        for (size_t i = 0; i < 6; i++) {
            double gain = gain_at(looks, levels[i]);
            assert_true(gain > 1 - 1e-9 && gain < 1.64);
            if (i)
                assert_true(gain <= gain_at(looks, levels[i - 1]) + 1e-9);
            if (looks > 2)
                assert_true(gain >= gain_at(looks - 2, levels[i]) - 0.02);
        }
    assert_close(gain_at(2, 0.05), 1.19, 1e-9);
    assert_close(gain_at(most_looks, 0.05), 1.63, 1e-9);
}

/* A larger overall level never has a smaller nominal one: else Holm's order would be lost. */
static void levels_rise_together(void **unused) {
    (void)unused;
    for (unsigned most = 2; most <= 1000; most += most < 70 ? 1 : 93) {
        double before = 0;
        for (double level = 1e-7; level <= 1; level *= 1.1) {
            double nominal = sequential_level(most, most, level);
            assert_true(nominal > before && nominal <= level);
            before = nominal;
        }
    }
}

/* Gamma of shape a >= 0.5 (Marsaglia and Tsang, ACM Transactions on Mathematical Software 26(3), 2000). */
static double draw_gamma(struct cs_random *random, double a) {
    if (a < 1)
        return draw_gamma(random, a + 1) * pow(1 - cs_random_unit(random), 1 / a);
    double d = a - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = draw_normal(random), v = pow(1 + c * x, 3);
        if (v > 0 && log(1 - cs_random_unit(random)) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v;
    }
}

struct plan {
    unsigned looks[most_looks], count;
    double shares[most_looks], thresholds[most_looks]; /* t beyond which a p-value may matter */
};

static struct plan plan_of(unsigned most, double largest) {
    struct plan plan = {.count = 0};
    for (unsigned done = 1, before = 0; done <= most; done++) {
        if (!sequential_is_look(most, done))
            continue;
        double share = (double)(done - before) / most;
        plan.looks[plan.count] = before = done;
        plan.shares[plan.count] = share;
        plan.thresholds[plan.count++] = -student_quantile(largest * share / 2, done - 1);
    }
    return plan;
}

/* Smallest p-value over its share, of all looks of one comparison without a difference; 1: none matters. The
 * replicates between two looks are drawn by their sum and their squares. */
static double draw_smallest(struct cs_random *random, const struct plan *plan) {
    double sum = 0, squares = 0, smallest = 1;
    unsigned done = 0;
    for (unsigned k = 0; k < plan->count; k++) {
        unsigned more = plan->looks[k] - done;
        double step = sqrt(more) * draw_normal(random);
        sum += step;
        squares += step * step / more + (more > 1 ? 2 * draw_gamma(random, (more - 1) / 2.0) : 0);
        done = plan->looks[k];
        double t = fabs(sum) / sqrt(done * (squares - sum * sum / done) / (done - 1));
        if (t > plan->thresholds[k])
            smallest = fmin(smallest, 2 * student_cdf(-t, done - 1) / plan->shares[k]);
    }
    return smallest;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/*
 * The true error over all looks, at several overall levels: at most the level, by three standard errors of
 * the simulation where that can tell, and at least 0.8 of it at the larger ones. Plans of the sizes in
 * between have one look at the end that shares most with the one before, and may be further below.
 */
static void the_error_over_all_looks_is_the_level(void **unused) {
    (void)unused;
    static const unsigned plans[] = {4,  6,  8,  9,   12,  13,  16,  20,  24,  32,  40,
                                     48, 64, 96, 128, 192, 256, 384, 512, 768, 1000};
    static const double levels[] = {0.05, 0.03, 0.01, 1e-3, 1e-4, 1e-5};
    size_t tries = 50000 * factor;
    double *smallest = malloc(tries * sizeof *smallest);
    assert_non_null(smallest);
    for (size_t p = 0; p < sizeof plans / sizeof *plans; p++) {
        struct plan plan = plan_of(plans[p], 0.11);
        struct cs_random random = cs_random_seed(99 + plans[p]);
        for (size_t i = 0; i < tries; i++)
            smallest[i] = draw_smallest(&random, &plan);
        qsort(smallest, tries, sizeof *smallest, compare_doubles);
        print_message("most %4u, %2u looks:", plans[p], plan.count);
        for (size_t l = 0; l < sizeof levels / sizeof *levels; l++) {
            /* What the nominal level is over its share, for all looks alike. */
            double bound = sequential_level(plans[p], plans[p], levels[l]) / plan.shares[plan.count - 1];
            size_t rejected = 0, at = (size_t)(levels[l] * (double)tries);
            while (rejected < tries && smallest[rejected] <= bound)
                rejected++;
            double error = (double)rejected / (double)tries, chance = sqrt(levels[l] / (double)tries);
            print_message("  %g: %.3f (gain %.3f, could be %.3f)", levels[l], error / levels[l],
                          bound / levels[l], smallest[at] / levels[l]);
            if (levels[l] * (double)tries >= 20)
                assert_true(error <= levels[l] + 3 * chance);
            if (levels[l] >= 0.01)
                assert_true(error >= 0.8 * levels[l] - 3 * chance);
        }
        print_message("\n");
    }
    free(smallest);
}

int main(int argc, char **argv) {
    if (argc > 1)
        factor = strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks_are_powers_and_their_halves),
        cmocka_unit_test(levels_follow_the_replicates),
        cmocka_unit_test(what_is_no_look_takes_the_next_ones_share),
        cmocka_unit_test(the_repeated_p_value_is_the_inverse),
        cmocka_unit_test(gains_follow_each_other),
        cmocka_unit_test(levels_rise_together),
        cmocka_unit_test(the_error_over_all_looks_is_the_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
