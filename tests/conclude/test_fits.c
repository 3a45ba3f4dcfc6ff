#include "conclude/fits.h"
#include "conclude/mechanism.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Two arms, the candidate parallel. */
static void start(struct run *run) {
    struct measurement measurement = {.items = 1, .arm_count = 2, .arms = calloc(2, sizeof(struct arm))};
    assert_non_null(measurement.arms);
    measurement.arms[1].flags = CS_PARALLEL;
    *run = (struct run){.settings = {.confidence = 0.95}};
    assert_int_equal(run_add_measurement(run, &measurement), 0);
}

/* A point of `name` = value and hit = `hit` per cent. */
static struct comparison *add(struct run *run, const char *candidate, const char *name, int64_t value,
                              int64_t hit, double baseline_ns, double candidate_ns) {
    struct comparison comparison = {
        .case_name = "case",
        .baseline = "linear",
        .verdict = VERDICT_FASTER,
        .baseline_arm = 0,
        .candidate_arm = 1,
        .replicates = 8,
        .baseline_time = {.median = baseline_ns},
        .candidate_time = {.median = candidate_ns},
        .point = {.values = {{.value = value}, {.name = "hit", .unit = "%"}}, .count = 2}};
    strcpy(comparison.candidate, candidate);
    strcpy(comparison.point.values[0].name, name);
    comparison.point.values[1].value = hit;
    assert_int_equal(run_add_comparison(run, &comparison), 0);
    return &run->comparisons[run->comparison_count - 1];
}

/* linear: 2 ns and half a ns an entry; hash: 7 ns, and for hit = 50 log2 n. */
static void add_sweep(struct run *run) {
    for (int64_t hit = 0; hit <= 50; hit += 50)
        for (int64_t n = 4; n <= 65536; n *= 4)
            add(run, "hash", "n", n, hit, 2 + 0.5 * (double)n, hit ? log2((double)n) : 7);
}

static const struct growth_fit *find(const struct run *run, const char *variant, int64_t hit) {
    const struct growth_fit *found = NULL;
    for (size_t i = 0; i < run->growth_count; i++)
        if (strcmp(run->growth[i].variant, variant) == 0 && run->growth[i].point.values[0].value == hit) {
            assert_null(found);
            found = &run->growth[i];
        }
    assert_non_null(found);
    return found;
}

static void each_variant_and_combination_is_fitted(void **state) {
    (void)state;
    struct run run;
    start(&run);
    add_sweep(&run);
    assert_int_equal(fits_add(&run), 0);
    assert_int_equal(fits_add(&run), 0); /* in place of what is there */
    assert_int_equal(run.growth_count, 4);
    assert_int_equal(run.scaling_count, 0);
    assert_int_equal(find(&run, "linear", 0)->fit.best, GROWTH_LINEAR);
    assert_int_equal(find(&run, "linear", 50)->fit.best, GROWTH_LINEAR);
    assert_int_equal(find(&run, "hash", 0)->fit.best, GROWTH_CONSTANT);
    assert_int_equal(find(&run, "hash", 50)->fit.best, GROWTH_LOG);
    assert_string_equal(find(&run, "hash", 0)->parameter, "n");
    assert_int_equal(find(&run, "hash", 0)->first, 4);
    assert_int_equal(find(&run, "hash", 0)->last, 65536);
    assert_int_equal(find(&run, "hash", 0)->sizes, 8);
    assert_int_equal(find(&run, "hash", 0)->outcome, MECHANISM_NONE);
    assert_ptr_equal(strstr(find(&run, "hash", 0)->text, "1: 7 ns, off by "), find(&run, "hash", 0)->text);
    assert_ptr_equal(strstr(find(&run, "linear", 0)->text, "n: 2 ns + 0.5 ns × n, off by "),
                     find(&run, "linear", 0)->text);
    run_clear(&run);
}

/* An invalid point has no time, and of several candidates the baseline has several. */
static void the_best_known_time_counts(void **state) {
    (void)state;
    struct run run;
    start(&run);
    add_sweep(&run);
    add(&run, "tree", "n", 4, 0, 1e6, 3)->verdict = VERDICT_INVALID;
    add(&run, "tree", "n", 16, 0, 1e6, 3)->replicates = 2;
    add(&run, "tree", "n", 262144, 0, 2 + 0.5 * 262144, 3);
    assert_int_equal(fits_add(&run), 0);
    const struct growth_fit *linear = find(&run, "linear", 0);
    assert_int_equal(linear->sizes, 9);
    assert_int_equal(linear->fit.best, GROWTH_LINEAR);
    assert_true(linear->fit.misfit[GROWTH_LINEAR] < 1e-9);
    run_clear(&run);
}

static void percentages_choices_and_short_sweeps_are_not_fitted(void **state) {
    (void)state;
    struct run run;
    start(&run);
    for (int64_t hit = 1; hit <= 64; hit *= 2)
        add(&run, "hash", "n", 4, hit, (double)hit, (double)hit);
    for (int i = 1; i < 20; i++)
        strcpy(add(&run, "hash", "order", i, 0, i, i)->point.values[0].choice, "name");
    for (int64_t n = 4; n <= 256; n *= 4)
        add(&run, "hash", "n", n, 0, (double)n, (double)n);
    assert_int_equal(fits_add(&run), 0);
    assert_int_equal(run.growth_count, 0);
    run_clear(&run);
}

static struct case_file file;

static void predict(const char *parameter, int baseline, int candidate) {
    memset(&file, 0, sizeof file);
    strcpy(file.name, "case");
    strcpy(file.candidates[0], "hash");
    file.candidate_count = file.prediction_count = 1;
    file.predictions[0] = (struct case_prediction){.verdict = -1, .growth = {baseline, candidate}};
    strcpy(file.predictions[0].growth_parameter, parameter);
}

static void predictions_hold_or_fail(void **state) {
    (void)state;
    struct run run;
    start(&run);
    add_sweep(&run);
    predict("n", GROWTH_LINEAR, GROWTH_CONSTANT);
    assert_int_equal(fits_add(&run), 0);
    assert_int_equal(run_explain(&file, &run), 0);
    assert_int_equal(run.growth_count, 4);
    assert_int_equal(find(&run, "linear", 0)->outcome, MECHANISM_EXPLAINED);
    assert_int_equal(find(&run, "linear", 50)->outcome, MECHANISM_EXPLAINED);
    assert_int_equal(find(&run, "hash", 0)->outcome, MECHANISM_EXPLAINED);
    assert_int_equal(find(&run, "hash", 50)->outcome, MECHANISM_UNEXPLAINED);
    assert_string_equal(find(&run, "hash", 50)->predicted, "1");
    run_clear(&run);
}

/* Of other points, it is a fit of its own; of too few, it cannot be told. */
static void where_bounds_what_is_asked(void **state) {
    (void)state;
    struct run run;
    start(&run);
    add_sweep(&run);
    predict("n", -1, GROWTH_CONSTANT);
    file.predictions[0].where_count = 2;
    file.predictions[0].where[0] = (struct case_condition){.name = "hit", .operator= "==", .value = 0};
    file.predictions[0].where[1] = (struct case_condition){.name = "n", .operator= "<=", .value = 256};
    assert_int_equal(fits_add(&run), 0);
    assert_int_equal(run_explain(&file, &run), 0);
    assert_int_equal(run.growth_count, 5);
    const struct growth_fit *asked = &run.growth[4];
    assert_int_equal(asked->last, 256);
    assert_int_equal(asked->sizes, 4);
    assert_int_equal(asked->fit.points, 0);
    assert_int_equal(asked->outcome, MECHANISM_UNMEASURED);
    assert_string_equal(asked->text, "4 sizes of n: a fit needs 5, the largest 8 times the smallest");
    run_clear(&run);
}

static void what_the_data_cannot_tell_is_undecided(void **state) {
    (void)state;
    struct run run;
    start(&run);
    for (int64_t n = 128; n <= 4096; n *= 2)
        add(&run, "hash", "n", n, 0, 5, 1000 + 0.1 * (double)n);
    predict("n", -1, GROWTH_LINEAR);
    assert_int_equal(fits_add(&run), 0);
    assert_int_equal(run_explain(&file, &run), 0);
    const struct growth_fit *hash = find(&run, "hash", 0);
    assert_int_equal(hash->outcome, MECHANISM_UNMEASURED);
    assert_non_null(strstr(hash->text, " or n²: the data cannot tell; n^"));
    run_clear(&run);
}

static void parallel_variants_scale(void **state) {
    (void)state;
    struct run run;
    static const struct {
        int64_t threads;
        double time;
    } points[] = {{1, 100}, {2, 53}, {4, 30}, {8, 20}, {16, 19}};
    start(&run);
    for (size_t i = 0; i < 5; i++)
        add(&run, "openmp", "threads", points[i].threads, 0, 100, points[i].time);
    for (size_t i = 0; i < 2; i++)
        add(&run, "openmp", "threads", points[i].threads, 1, 100, points[i].time);
    assert_int_equal(fits_add(&run), 0);
    assert_int_equal(run.growth_count, 0);
    assert_int_equal(run.scaling_count, 2); /* not of the baseline, which is not parallel */
    assert_string_equal(run.scaling[0].variant, "openmp");
    assert_int_equal(run.scaling[0].fit.points, 5);
    assert_string_equal(
        run.scaling[0].text,
        "Amdahl: 12.5 % [5.54, 23.1] serial, at most 7.97×, off by 8 %; USL: contention 3.77 % [1.99, 5.62], "
        "coherence 0.605 % [0.487, 0.72], off by 0.54 %; peak at 12.6 threads [11.7, 13.9]");
    assert_string_equal(run.scaling[1].text,
                        "Amdahl: 6 % serial, at most 16.7×; 2 numbers of threads fit any such "
                        "line, so they cannot tell; USL needs 3");
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_variant_and_combination_is_fitted),
        cmocka_unit_test(the_best_known_time_counts),
        cmocka_unit_test(percentages_choices_and_short_sweeps_are_not_fitted),
        cmocka_unit_test(predictions_hold_or_fail),
        cmocka_unit_test(where_bounds_what_is_asked),
        cmocka_unit_test(what_the_data_cannot_tell_is_undecided),
        cmocka_unit_test(parallel_variants_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
