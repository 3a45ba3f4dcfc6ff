#include "conclude/bisection.h"

#include "countersign.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define REPLICATES 8
#define ROUNDS 40
#define ARMS 4

/* Noise of a made-up measurement: from -1/2 to 1/2 of each of these shares. */
struct made_noise {
    double sample;    /* of each sample alone */
    double replicate; /* of each arm in a replicate, as from one process to the next */
};

/* Good end, bad end, commit, placebo, of these times; rounds share 5 % of noise besides. */
static void make(struct measurement *measurement, const double times[ARMS], struct made_noise noise,
                 struct cs_random *random) {
    *measurement = (struct measurement){.items = 1, .arm_count = ARMS};
    measurement->arms = calloc(ARMS, sizeof *measurement->arms);
    measurement->replicates = calloc(REPLICATES, sizeof *measurement->replicates);
    assert_non_null(measurement->arms);
    assert_non_null(measurement->replicates);
    measurement->arms[1].role = measurement->arms[2].role = ARM_CANDIDATE;
    measurement->arms[3].role = ARM_PLACEBO;
    for (size_t r = 0; r < REPLICATES; r++) {
        double level[ARMS];
        for (size_t arm = 0; arm < ARMS; arm++)
            level[arm] = 1 + noise.replicate * (cs_random_unit(random) - 0.5);
        struct replicate *replicate = &measurement->replicates[r];
        assert_int_equal(replicate_allocate(replicate, ARMS, ROUNDS, 1), 0);
        measurement->replicate_count++;
        for (size_t round = 0; round < ROUNDS; round++) {
            double shared = 1e6 * (1 + 0.05 * cs_random_unit(random));
            for (size_t arm = 0; arm < ARMS; arm++) {
                replicate->runs[arm] = 1;
                replicate->ticks[arm][round] =
                    (uint64_t)(shared * times[arm] * level[arm] *
                               (1 + noise.sample * (cs_random_unit(random) - 0.5)));
            }
        }
    }
}

static struct bisection_finding judge(const double times[ARMS], double own, bool slower) {
    struct measurement measurement;
    struct bisection_finding finding;
    struct cs_random random = cs_random_seed(7);
    make(&measurement, times, (struct made_noise){.sample = own}, &random);
    assert_int_equal(bisection_judge(&measurement, 0, 1, 2, slower, 0.01, 0.999, &finding), 0);
    measurement_clear(&measurement);
    return finding;
}

static void test_sides(void **state) {
    (void)state;
    struct bisection_finding finding = judge((const double[ARMS]){1, 1.2, 1, 1}, 0.01, true);
    assert_int_equal(finding.side, SIDE_GOOD);
    assert_false(finding.between);
    assert_true(fabs(finding.change.estimate - 1.2) < 0.003);
    assert_true(fabs(finding.level.estimate - 1) < 0.003);
    assert_true(fabs(finding.middle.estimate - 1 / sqrt(1.2)) < 0.003);
    assert_true(finding.middle.low < finding.middle.estimate && finding.middle.high < 1);
    assert_int_equal(judge((const double[ARMS]){1, 1.2, 1.2, 1}, 0.01, true).side, SIDE_BAD);
    /* The search for what made it faster: the good end is the slow one. */
    assert_int_equal(judge((const double[ARMS]){1.2, 1, 1.2, 1.2}, 0.01, false).side, SIDE_GOOD);
    assert_int_equal(judge((const double[ARMS]){1.2, 1, 1, 1.2}, 0.01, false).side, SIDE_BAD);
}

static void test_between_two_changes_the_larger_is_followed(void **state) {
    (void)state;
    struct bisection_finding nearer_good = judge((const double[ARMS]){1, 1.2, 1.05, 1}, 0.01, true);
    assert_int_equal(nearer_good.side, SIDE_GOOD);
    assert_true(nearer_good.between);
    struct bisection_finding nearer_bad = judge((const double[ARMS]){1, 1.2, 1.15, 1}, 0.01, true);
    assert_int_equal(nearer_bad.side, SIDE_BAD);
    assert_true(nearer_bad.between);
}

static void test_noise_decides_nothing(void **state) {
    (void)state;
    struct bisection_finding finding = judge((const double[ARMS]){1, 1.02, 1, 1}, 0.9, true);
    assert_int_equal(finding.side, SIDE_UNDECIDED);
    assert_false(finding.between);
    /* A placebo that differs as much as the commit does from the middle. */
    assert_int_equal(judge((const double[ARMS]){1, 1.1, 1, 1.06}, 0.01, true).side, SIDE_UNDECIDED);
}

static void test_arm_without_samples(void **state) {
    (void)state;
    struct measurement measurement;
    struct bisection_finding finding;
    struct cs_random random = cs_random_seed(7);
    make(&measurement, (const double[ARMS]){1, 1.2, 1, 1}, (struct made_noise){.sample = 0.01}, &random);
    for (size_t r = 0; r < REPLICATES; r++) {
        free(measurement.replicates[r].ticks[2]);
        measurement.replicates[r].ticks[2] = NULL;
    }
    assert_int_equal(bisection_judge(&measurement, 0, 1, 2, true, 0.01, 0.95, &finding), -EINVAL);
    measurement_clear(&measurement);
}

/* Every position of the change, in histories of every length, is found within the decisions that were
 * announced. */
static void test_search_finds_every_position(void **state) {
    (void)state;
    for (size_t last = 1; last <= 40; last++)
        for (size_t first_bad = 1; first_bad <= last; first_bad++) {
            struct bisection bisection;
            unsigned decisions = 0;
            assert_int_equal(bisection_start(&bisection, last), 0);
            for (size_t next; (next = bisection_next(&bisection)); decisions++) {
                assert_true(next > bisection.good && next < bisection.bad);
                *(next >= first_bad ? &bisection.bad : &bisection.good) = next;
            }
            assert_int_equal(bisection.bad, first_bad);
            assert_int_equal(bisection.good, first_bad - 1);
            assert_true(decisions <= bisection_decisions(last));
            bisection_clear(&bisection);
        }
}

static void test_skipped_commits(void **state) {
    (void)state;
    struct bisection bisection;
    assert_int_equal(bisection_start(&bisection, 10), 0);
    for (size_t i = 3; i <= 8; i++)
        bisection.skipped[i] = true;
    for (size_t next; (next = bisection_next(&bisection));) {
        assert_false(bisection.skipped[next]);
        *(next >= 6 ? &bisection.bad : &bisection.good) = next;
    }
    /* The change is at 6: it may be any of those that were skipped, or 9. */
    assert_int_equal(bisection.good, 2);
    assert_int_equal(bisection.bad, 9);
    bisection_clear(&bisection);
}

enum search_end { SEARCH_RIGHT, SEARCH_WRONG, SEARCH_UNDECIDED };

/* A whole search in made-up samples, as the program makes it, of a change of `size` at a random commit. */
static enum search_end simulate_search(struct cs_random *random, double size, struct made_noise noise) {
    struct bisection bisection;
    size_t last = 16, first_bad = 1 + (size_t)(cs_random_unit(random) * (double)last);
    double confidence = 1 - 0.05 / (bisection_decisions(last) + 4);
    enum bisection_side side = SIDE_GOOD;
    assert_int_equal(bisection_start(&bisection, last), 0);
    for (size_t next; side != SIDE_UNDECIDED && (next = bisection_next(&bisection));) {
        struct measurement measurement;
        struct bisection_finding finding;
        make(&measurement, (const double[ARMS]){1, 1 + size, next >= first_bad ? 1 + size : 1, 1}, noise,
             random);
        assert_int_equal(bisection_judge(&measurement, 0, 1, 2, true, 0.01, confidence, &finding), 0);
        measurement_clear(&measurement);
        side = finding.side;
        if (side != SIDE_UNDECIDED)
            *(side == SIDE_BAD ? &bisection.bad : &bisection.good) = next;
    }
    size_t found = bisection.bad;
    bisection_clear(&bisection);
    return side == SIDE_UNDECIDED ? SEARCH_UNDECIDED : found == first_bad ? SEARCH_RIGHT : SEARCH_WRONG;
}

/* The 5 % that are promised, where samples leave it open, and where they do not. */
static void test_few_searches_end_wrong(void **state) {
    (void)state;
    static const double sizes[] = {0.005, 0.02, 0.05};
    unsigned ends[3][3] = {{0}};
    struct cs_random random = cs_random_seed(11);
    for (size_t i = 0; i < 3; i++)
        for (unsigned n = 0; n < 200; n++)
            ends[i][simulate_search(&random, sizes[i],
                                    (struct made_noise){.sample = 0.05, .replicate = 0.015})]++;
    for (size_t i = 0; i < 3; i++) {
        print_message("change of %g %%: %u right, %u wrong, %u undecided\n", 100 * sizes[i],
                      ends[i][SEARCH_RIGHT], ends[i][SEARCH_WRONG], ends[i][SEARCH_UNDECIDED]);
        assert_true(ends[i][SEARCH_WRONG] <= 10);
    }
    assert_true(ends[2][SEARCH_RIGHT] > 150);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sides),
        cmocka_unit_test(test_between_two_changes_the_larger_is_followed),
        cmocka_unit_test(test_noise_decides_nothing),
        cmocka_unit_test(test_arm_without_samples),
        cmocka_unit_test(test_search_finds_every_position),
        cmocka_unit_test(test_skipped_commits),
        cmocka_unit_test(test_few_searches_end_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
