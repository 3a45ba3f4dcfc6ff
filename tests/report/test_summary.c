#include "golden.h"
#include "report/summary.h"
#include "sample_run.h"

#include <errno.h>

/*
 * One point a letter: W faster, L slower, E equivalent, ? inconclusive, X invalid; n is 8, 16, 32, ... The
 * speedups of successive W are 1.5, 3, 6, ... and those of L 1/1.5, 1/3, ...
 */
static void add_pattern(struct run *run, const char *pattern, const char *other, int64_t other_value) {
    double win = 1.5, loss = 1.5;
    for (size_t i = 0; pattern[i]; i++) {
        double speedup = pattern[i] == 'W' ? win : pattern[i] == 'L' ? 1 / loss : 1.002;
        struct comparison comparison =
            sample_comparison("case", "hash", 10, speedup, pattern[i] == '?' ? 0.04 : 0.001);
        win *= pattern[i] == 'W' ? 2 : 1;
        loss *= pattern[i] == 'L' ? 2 : 1;
        COPY(comparison.baseline, "linear");
        sample_number(&comparison.point, "n", 8 << i, "ids");
        if (other)
            sample_number(&comparison.point, other, other_value, "%");
        if (pattern[i] == 'X')
            sample_invalid(&comparison, VERIFIED_WRONG, "wrong");
        sample_add(run, &comparison);
    }
}

static void assert_summary(const struct run *run, const char *expected) {
    char text[1024];
    assert_int_equal(report_case_summary(run, "case", "hash", text, sizeof text), 0);
    assert_string_equal(text, expected);
}

static void assert_pattern(const char *pattern, const char *expected) {
    struct run run;
    sample_open(&run);
    add_pattern(&run, pattern, NULL, 0);
    assert_summary(&run, expected);
    run_clear(&run);
}

static void tells_single_points(void **state) {
    (void)state;
    assert_pattern("W", "hash: 1.5× faster");
    assert_pattern("L", "hash: 1.5× slower");
    assert_pattern("E", "hash: no difference beyond 1 %");
    assert_pattern("?", "hash: inconclusive, between 0.96× and 1.04×");
    assert_pattern("X", "hash: invalid, no speedup to tell");
}

static void tells_uniform_sweeps(void **state) {
    (void)state;
    assert_pattern("WWWW", "hash wins everywhere measured, 1.5× to 12× (4 points)");
    assert_pattern("LL", "hash never wins where measured: linear is 1.5× to 3.0× faster (2 points)");
    assert_pattern("EEE", "hash: no difference beyond 1 % anywhere measured (3 points)");
    assert_pattern("??", "hash: inconclusive everywhere measured (2 points)");
    assert_pattern("XX", "hash: invalid everywhere measured (2 points)");
}

static void tells_crossovers(void **state) {
    (void)state;
    assert_pattern(
        "LLLWW", "hash wins from n = 64 up (1.5× to 3.0×; 2 points measured, to 128); below, linear is 1.5× "
                 "to 6.0× faster at n = 8…32 (3 points)");
    assert_pattern("LW",
                   "hash wins at n = 16 (1.5×; the largest measured); below, linear is 1.5× faster at n = 8");
    assert_pattern("WWWE",
                   "hash wins up to n = 32 (1.5× to 6.0×; 3 points measured, from 8); above, no difference "
                   "beyond 1 % at n = 64");
    assert_pattern(
        "WLL", "hash wins at n = 8 (1.5×; the smallest measured); above, linear is 1.5× to 3.0× faster at "
               "n = 16 and 32");
    assert_pattern(
        "LE?WW", "hash wins from n = 64 up (1.5× to 3.0×; 2 points measured, to 128); linear is 1.5× faster "
                 "at n = 8; no difference beyond 1 % at n = 16; inconclusive at n = 32");
}

/* No crossover is claimed where there is none. */
static void tells_patterns_that_are_not_monotone(void **state) {
    (void)state;
    assert_pattern("WLW", "hash wins at n = 8 and 32 (1.5× to 3.0×); linear is 1.5× faster at n = 16");
    assert_pattern(
        "WLWXW", "hash wins at n = 8, 32 and 128 (1.5× to 6.0×); linear is 1.5× faster at n = 16; invalid at "
                 "n = 64");
    assert_pattern("LWWWWL",
                   "hash wins at n = 16…128 (4 points) (1.5× to 12×); linear is 1.5× to 3.0× faster at n = 8 "
                   "and 256");
    assert_pattern("?W?", "hash wins at n = 16 (1.5×); inconclusive at n = 8 and 32");
}

static void claims_no_defeat_where_it_is_not_shown(void **state) {
    (void)state;
    assert_pattern(
        "LE", "hash never wins where measured: linear is 1.5× faster at n = 8; no difference beyond 1 % at "
              "n = 16");
    assert_pattern("L?", "hash: no win shown: linear is 1.5× faster at n = 8; inconclusive at n = 16");
    assert_pattern("EX", "hash: no win shown: no difference beyond 1 % at n = 8; invalid at n = 16");
}

static void groups_by_other_parameters(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    add_pattern(&run, "LWW", "hit", 0);
    add_pattern(&run, "LWW", "hit", 50);
    add_pattern(&run, "WWW", "hit", 100);
    assert_summary(
        &run, "hash: for hit = 0 % and for hit = 50 %: wins from n = 16 up (1.5× to 3.0×; 2 points measured, "
              "to 32); below, linear is 1.5× faster at n = 8. For hit = 100 %: wins everywhere measured, "
              "1.5× to 6.0× (3 points)");
    run_clear(&run);
    sample_open(&run);
    add_pattern(&run, "WW", "hit", 0);
    add_pattern(&run, "WW", "hit", 50);
    assert_summary(&run, "hash wins everywhere measured, 1.5× to 3.0× (4 points)");
    run_clear(&run);
}

/* The axis is the parameter of most values, in the order of the values, not of the comparisons. */
static void sorts_along_the_axis(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    static const int64_t sizes[] = {4096, 8, 64};
    for (size_t i = 0; i < 3; i++) {
        struct comparison comparison = sample_comparison("case", "hash", 10, sizes[i] == 8 ? 0.5 : 2, 0.001);
        COPY(comparison.baseline, "linear");
        sample_number(&comparison.point, "n", sizes[i], "");
        sample_add(&run, &comparison);
    }
    assert_summary(
        &run, "hash wins from n = 64 up (2.0×; 2 points measured, to 4096); below, linear is 2.0× faster at "
              "n = 8");
    run_clear(&run);
}

static void lists_choices_without_an_order(void **state) {
    (void)state;
    struct run run;
    static const char *const orders[] = {"sorted", "random", "reversed"};
    sample_open(&run);
    for (int i = 0; i < 3; i++) {
        struct comparison comparison = sample_comparison("case", "hash", 10, i ? 3 : 1, 0.001);
        COPY(comparison.baseline, "linear");
        sample_choice(&comparison.point, "order", i, orders[i]);
        sample_add(&run, &comparison);
    }
    assert_summary(
        &run, "hash wins at order = random and reversed (3.0×); no difference beyond 1 % at order = sorted");
    run_clear(&run);
}

static void uses_the_delta_of_the_run(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    run.settings.delta = 0.025;
    add_pattern(&run, "E", NULL, 0);
    assert_summary(&run, "hash: no difference beyond 2.5 %");
    run_clear(&run);
}

static void reports_what_is_missing_and_what_is_cut(void **state) {
    (void)state;
    struct run run;
    char text[12];
    sample_open(&run);
    add_pattern(&run, "WW", NULL, 0);
    assert_int_equal(report_case_summary(&run, "case", "tree", text, sizeof text), -ENOENT);
    assert_string_equal(text, "");
    assert_int_equal(report_case_summary(&run, "case", "hash", text, sizeof text), -ERANGE);
    assert_string_equal(text, "hash wins e");
    run_clear(&run);
}

static void tells_predictions(void **state) {
    (void)state;
    struct run run;
    struct case_view view;
    struct text text = {0};
    sample_open(&run);
    add_pattern(&run, "WWWWW", NULL, 0);
    assert_int_equal(case_view_open(&view, &run, "case", "hash"), 0);
    mechanism_print(&view, &text);
    assert_string_equal(text_string(&text), "");
    for (size_t i = 1; i < 5; i++) {
        run.comparisons[i].mechanism = i == 1 ? MECHANISM_EXPLAINED : MECHANISM_UNMEASURED;
        COPY(run.comparisons[i].mechanism_text, "%s", i == 4 ? "no branches" : "no instructions");
    }
    mechanism_print(&view, &text);
    assert_string_equal(text_string(&text),
                        "prediction: held at 1 of 4 points; undecided at n = 32 and 1 more point: "
                        "no instructions; undecided at n = 128: no branches");
    text_clear(&text);
    case_view_close(&view);
    run_clear(&run);
}

/* Refuted ones first; a sweep of different numbers does not fill the screen. */
static void tells_the_first_departures(void **state) {
    (void)state;
    struct run run;
    struct case_view view;
    struct text text = {0};
    sample_open(&run);
    add_pattern(&run, "WWWWWWW", NULL, 0);
    for (size_t i = 0; i < 7; i++) {
        run.comparisons[i].mechanism = i == 6 ? MECHANISM_UNEXPLAINED : MECHANISM_UNMEASURED;
        COPY(run.comparisons[i].mechanism_text, "reason %zu", i / 2 * 2);
    }
    assert_int_equal(case_view_open(&view, &run, "case", "hash"), 0);
    mechanism_print(&view, &text);
    assert_string_equal(
        text_string(&text),
        "prediction: held at 0 of 7 points; failed at n = 512: reason 6; undecided at n = 8 "
        "and 1 more point: reason 0; undecided at n = 32 and 1 more point: reason 2; undecided "
        "at n = 128 and 1 more point: reason 4");
    for (size_t i = 0; i < 6; i++)
        COPY(run.comparisons[i].mechanism_text, "reason %zu", i);
    text_clear(&text);
    mechanism_print(&view, &text);
    assert_string_equal(
        text_string(&text),
        "prediction: held at 0 of 7 points; failed at n = 512: reason 6; undecided at n = "
        "8: reason 0; undecided at n = 16: reason 1; undecided at n = 32: reason 2; and 3 more");
    text_clear(&text);
    case_view_close(&view);
    run_clear(&run);
}

static void add_crossover(struct run *run, const char *candidate, int64_t hit, enum mechanism outcome) {
    struct crossover_prediction crossover = {.parameter = "n", .low = 8, .high = 16, .outcome = outcome};
    COPY(crossover.case_name, "case");
    COPY(crossover.candidate, "%s", candidate);
    COPY(crossover.text, "words about %s", candidate);
    sample_number(&crossover.point, "hit", hit, "%");
    assert_int_equal(run_add_crossover(run, &crossover), 0);
}

static void tells_predicted_crossovers(void **state) {
    (void)state;
    struct run run;
    struct case_view view;
    struct text text = {0};
    sample_open(&run);
    add_pattern(&run, "LWW", "hit", 0);
    assert_int_equal(case_view_open(&view, &run, "case", "hash"), 0);
    crossover_print(&view, &text);
    assert_string_equal(text_string(&text), "");
    add_crossover(&run, "hash", 0, MECHANISM_EXPLAINED);
    crossover_print(&view, &text);
    assert_string_equal(text_string(&text), "crossover: held; words about hash");
    case_view_close(&view);
    add_pattern(&run, "WWW", "hit", 50);
    add_crossover(&run, "binary", 50, MECHANISM_UNMEASURED);
    add_crossover(&run, "hash", 50, MECHANISM_UNEXPLAINED);
    assert_int_equal(case_view_open(&view, &run, "case", "hash"), 0);
    text_clear(&text);
    crossover_print(&view, &text);
    assert_string_equal(text_string(&text),
                        "crossover for hit = 0 %: held; words about hash. Crossover for hit "
                        "= 50 %: refuted; words about hash");
    text_clear(&text);
    case_view_close(&view);
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_single_points),
        cmocka_unit_test(tells_uniform_sweeps),
        cmocka_unit_test(tells_crossovers),
        cmocka_unit_test(tells_patterns_that_are_not_monotone),
        cmocka_unit_test(claims_no_defeat_where_it_is_not_shown),
        cmocka_unit_test(groups_by_other_parameters),
        cmocka_unit_test(sorts_along_the_axis),
        cmocka_unit_test(lists_choices_without_an_order),
        cmocka_unit_test(uses_the_delta_of_the_run),
        cmocka_unit_test(reports_what_is_missing_and_what_is_cut),
        cmocka_unit_test(tells_predictions),
        cmocka_unit_test(tells_the_first_departures),
        cmocka_unit_test(tells_predicted_crossovers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
