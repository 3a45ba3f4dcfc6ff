#include "conclude/mechanism.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * One point a letter, n = 4, 8, 16, ...: W faster, L slower, E equivalent, ? inconclusive, X invalid, a blank
 * for a point that was not measured.
 */
static void add_points(struct run *run, const char *pattern, int64_t hit) {
    for (size_t i = 0; pattern[i]; i++) {
        struct comparison comparison = {
            .case_name = "case",
            .baseline = "linear",
            .candidate = "hash",
            .verdict = pattern[i] == 'W'   ? VERDICT_FASTER
                       : pattern[i] == 'L' ? VERDICT_SLOWER
                       : pattern[i] == 'E' ? VERDICT_EQUIVALENT
                       : pattern[i] == '?' ? VERDICT_INCONCLUSIVE
                                           : VERDICT_INVALID,
            .point = {.values = {{.name = "n", .value = 4 << i}, {.name = "hit", .value = hit}}, .count = 2}};
        if (pattern[i] != ' ')
            assert_int_equal(run_add_comparison(run, &comparison), 0);
    }
}

/* Each measurement is of one point in the program; one for all is enough here. */
static void start(struct run *run, struct case_file *file, double low, double high) {
    struct measurement measurement = {
        .items = 1, .arm_count = 1, .arms = calloc(1, sizeof *measurement.arms)};
    assert_non_null(measurement.arms);
    memset(run, 0, sizeof *run);
    memset(file, 0, sizeof *file);
    assert_int_equal(run_add_measurement(run, &measurement), 0);
    strcpy(file->name, "case");
    strcpy(file->candidates[0], "hash");
    file->candidate_count = 1;
    file->prediction_count = 1;
    file->predictions[0].verdict = -1;
    strcpy(file->predictions[0].crossover_parameter, "n");
    file->predictions[0].crossover_low = low;
    file->predictions[0].crossover_high = high;
}

static struct case_file file;

static void expect(const char *pattern, double low, double high, enum mechanism outcome, const char *text) {
    struct run run;
    char whole[512];
    start(&run, &file, low, high);
    add_points(&run, pattern, 0);
    assert_int_equal(run_explain(&file, &run), 0);
    assert_int_equal(run.crossover_count, 1);
    snprintf(whole, sizeof whole, "predicted that hash starts to win %s", text);
    assert_string_equal(run.crossovers[0].text, whole);
    if (run.crossovers[0].outcome != outcome)
        fail_msg("%s: %s", pattern, mechanism_name(run.crossovers[0].outcome));
    run_clear(&run);
}

static void held(void **state) {
    (void)state;
    expect("LLLWWW", 16, 64, MECHANISM_EXPLAINED, "between n = 16 and 64; it wins from n = 32 on, not at 16");
    expect("EEWWWW", 16, 64, MECHANISM_EXPLAINED, "between n = 16 and 64; it wins from n = 16 on, not at 8");
    expect("LLLLWW", 16, 64, MECHANISM_EXPLAINED, "between n = 16 and 64; it wins from n = 64 on, not at 32");
    /* Wherever it starts between 16 and 64, that is as predicted. */
    expect("LL??WW", 16, 64, MECHANISM_EXPLAINED, "between n = 16 and 64; it wins from n = 64 on, not at 8");
    /* Nor does it matter that the change within the range is not a clean one. */
    expect("LLWLWW", 16, 64, MECHANISM_EXPLAINED,
           "between n = 16 and 64; it wins at n = 16, not at 32, and from 64 on");
    /* What is open far from the change takes nothing away. */
    expect("?LLWWX", 16, 64, MECHANISM_EXPLAINED, "between n = 16 and 64; it wins from n = 32 on, not at 16");
    expect("LLW", 16, 16, MECHANISM_EXPLAINED, "at n = 16; it wins from n = 16 on, not at 8");
}

static void refuted(void **state) {
    (void)state;
    expect("LWWWWW", 16, 64, MECHANISM_UNEXPLAINED, "between n = 16 and 64; it wins from n = 8 on, not at 4");
    expect("WWWWWW", 16, 64, MECHANISM_UNEXPLAINED, "between n = 16 and 64; it wins from n = 4 on");
    expect("LLLLLW", 16, 64, MECHANISM_UNEXPLAINED,
           "between n = 16 and 64; it wins from n = 128 on, not at 64");
    expect("LLLLE?", 16, 64, MECHANISM_UNEXPLAINED,
           "between n = 16 and 64; it wins nowhere measured, not at n = 64 either");
    expect("LLWWWL", 16, 64, MECHANISM_UNEXPLAINED,
           "between n = 16 and 64; it wins at n = 16, but not at 128");
}

static void cannot_be_told(void **state) {
    (void)state;
    expect("????", 16, 64, MECHANISM_UNMEASURED, "between n = 16 and 64; no measured point tells");
    expect("LLLL", 16, 64, MECHANISM_UNMEASURED,
           "between n = 16 and 64; it wins nowhere measured, not at n = 32 either; no larger point tells");
    expect("LLL???", 16, 64, MECHANISM_UNMEASURED,
           "between n = 16 and 64; it wins nowhere measured, not at n = 16 either; no larger point tells");
    expect(
        "  WWW", 16, 64, MECHANISM_UNMEASURED,
        "between n = 16 and 64; it wins from n = 16 on; no smaller point shows that it does not win there");
    expect("LL   W", 16, 64, MECHANISM_UNMEASURED,
           "between n = 16 and 64; it wins from n = 128 on, not at 8; no point between tells");
    expect("LLL??W", 16, 64, MECHANISM_UNMEASURED,
           "between n = 16 and 64; it wins from n = 128 on, not at 16; no point between tells");
    expect("L?WW", 16, 64, MECHANISM_UNMEASURED,
           "between n = 16 and 64; it wins from n = 16 on, not at 4; inconclusive at 8");
    expect("LLWL??", 16, 64, MECHANISM_UNMEASURED,
           "between n = 16 and 64; it wins at n = 16, but not at 32; no point between tells");
}

static void each_combination_of_other_parameters_is_judged(void **state) {
    (void)state;
    struct run run;
    start(&run, &file, 16, 64);
    add_points(&run, "LLLWW", 0);
    add_points(&run, "WWWWW", 50);
    add_points(&run, "LLWWW", 100);
    file.predictions[0].where_count = 1;
    file.predictions[0].where[0] = (struct case_condition){.name = "hit", .operator= "<=", .value = 50};
    assert_int_equal(run_explain(&file, &run), 0);
    assert_int_equal(run.crossover_count, 2);
    assert_int_equal(run.crossovers[0].outcome, MECHANISM_EXPLAINED);
    assert_int_equal(run.crossovers[0].point.count, 1);
    assert_string_equal(run.crossovers[0].point.values[0].name, "hit");
    assert_int_equal(run.crossovers[1].outcome, MECHANISM_UNEXPLAINED);
    assert_int_equal(run.crossovers[1].point.values[0].value, 50);
    run_clear(&run);
}

/* `where` may bound the parameter itself, and what is outside was not asked. */
static void points_outside_where_are_not_asked(void **state) {
    (void)state;
    struct run run;
    start(&run, &file, 16, 64);
    add_points(&run, "WLLWWWL", 0);
    file.predictions[0].where_count = 2;
    file.predictions[0].where[0] = (struct case_condition){.name = "n", .operator= ">", .value = 4};
    file.predictions[0].where[1] = (struct case_condition){.name = "n", .operator= "<", .value = 256};
    assert_int_equal(run_explain(&file, &run), 0);
    assert_int_equal(run.crossover_count, 1);
    assert_int_equal(run.crossovers[0].outcome, MECHANISM_EXPLAINED);
    assert_int_equal(run.crossovers[0].first, 8);
    assert_int_equal(run.crossovers[0].last, 128);
    run_clear(&run);
}

static void other_candidates_and_cases_are_not_mixed_in(void **state) {
    (void)state;
    struct run run;
    start(&run, &file, 16, 64);
    add_points(&run, "WWWWW", 0);
    for (size_t i = 0; i < run.comparison_count; i++)
        strcpy(run.comparisons[i].candidate, "binary");
    add_points(&run, "WWWWW", 0);
    for (size_t i = 5; i < run.comparison_count; i++)
        strcpy(run.comparisons[i].case_name, "other");
    assert_int_equal(run_explain(&file, &run), 0);
    assert_int_equal(run.crossover_count, 0);
    add_points(&run, "LLWWW", 0);
    assert_int_equal(run_explain(&file, &run), 0);
    assert_int_equal(run.crossover_count, 1);
    assert_int_equal(run.crossovers[0].outcome, MECHANISM_EXPLAINED);
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(held),
        cmocka_unit_test(refuted),
        cmocka_unit_test(cannot_be_told),
        cmocka_unit_test(each_combination_of_other_parameters_is_judged),
        cmocka_unit_test(points_outside_where_are_not_asked),
        cmocka_unit_test(other_candidates_and_cases_are_not_mixed_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
