#include "golden.h"
#include "report/overview.h"
#include "report/overview_where.h"
#include "sample_run.h"

static const struct report_style unicode_style = {.unicode = true, .width = 100};

static const char *group_of(const void *context, const char *case_name) {
    (void)context;
    return !strcmp(case_name, "aos-vs-soa") ? "memory" : !strcmp(case_name, "placebo") ? "myths" : NULL;
}

static char *overview_of(const struct run *run, const struct report_style *style,
                         const struct report_groups *groups) {
    struct text text = {0};
    assert_int_equal(overview_print(&text, style, run, groups), 0);
    char *copy = strdup(text_string(&text));
    assert_non_null(copy);
    text_clear(&text);
    return copy;
}

static void shows_a_line_a_candidate(void **state) {
    (void)state;
    struct run run;
    struct report_groups groups = {.of = group_of};
    sample_rich(&run);
    char *text = overview_of(&run, &unicode_style, NULL);
    assert_golden(text, "overview.txt");
    free(text);
    text = overview_of(&run, &unicode_style, &groups);
    assert_golden(text, "overview-groups.txt");
    free(text);
    text = overview_of(&run, &(struct report_style){.unicode = false, .width = 80}, &groups);
    assert_golden(text, "overview-ascii.txt");
    assert_plain_ascii(text);
    free(text);
    run_clear(&run);
}

/* Whatever the width, every candidate has its counts and its numbers. */
static void fits_every_width(void **state) {
    (void)state;
    struct run run;
    sample_rich(&run);
    for (unsigned width = 60; width <= 180; width++) {
        struct report_style style = {.unicode = width % 2, .width = width};
        char *text = overview_of(&run, &style, NULL);
        assert_lines_fit(text, width);
        assert_non_null(strstr(text, style.unicode ? "1.6×–1890×" : "1.6x-1890x"));
        assert_non_null(strstr(text, " sim"));
        free(text);
    }
    run_clear(&run);
}

static void fits_hostile_names(void **state) {
    (void)state;
    struct run run;
    char name[RESULT_NAME], other[RESULT_NAME];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    memcpy(other, name, sizeof name);
    memcpy(other, "\033[31m\n|", 7);
    sample_open(&run);
    for (int i = 0; i < 30; i++) {
        struct comparison comparison =
            sample_comparison(i % 2 ? name : other, "x", 4e8, i % 3 ? 2e5 : 1e-5, 1e-7);
        COPY(comparison.case_name, "%d%.60s", i / 2, i % 2 ? name : other);
        COPY(comparison.case_title, "%s\n%s", name, other);
        COPY(comparison.candidate, "%s", i % 2 ? other : name);
        COPY(comparison.baseline, "%s", name);
        sample_number(&comparison.point, other, i, name);
        sample_counter(&comparison, name, SOURCE_HW_GENERIC, 1, 1e-6);
        sample_add(&run, &comparison);
        if (i % 10 != 9)
            continue;
        for (unsigned width = 60; width <= 200; width += 20) {
            char *text = overview_of(&run, &(struct report_style){.unicode = true, .width = width}, NULL);
            assert_lines_fit(text, width);
            assert_null(strchr(text, '\033'));
            assert_non_null(strstr(text, "200000×"));
            free(text);
        }
    }
    run_clear(&run);
}

/* Of many cases none has a line of its own. */
static void many_cases_take_a_line_a_candidate(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    for (int i = 0; i < 13; i++)
        for (int k = 0; k < 2; k++) {
            struct comparison comparison = sample_comparison("case", k ? "second" : "first", 10, 2, 0.01);
            COPY(comparison.case_name, "case-%c", 'a' + i);
            sample_add(&run, &comparison);
        }
    char *text = overview_of(&run, &unicode_style, NULL);
    size_t lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, 1 + 26);
    assert_non_null(strstr(text, "\n  case-b first   1"));
    assert_non_null(strstr(text, "\n         second  1"));
    free(text);
    run_clear(&run);
}

/* A name that would be cut cannot be asked for: it stands below its case's instead. */
static void names_that_do_not_fit_stand_below_each_other(void **state) {
    (void)state;
    struct run run;
    struct report_style narrow = unicode_style;
    narrow.width = 64;
    sample_open(&run);
    for (int i = 0; i < 13; i++) {
        char name[RESULT_NAME];
        snprintf(name, sizeof name, "%s-%c", i ? "case" : "twenty-seven-letters-of-case", 'a' + i);
        for (int k = 0; k < 2; k++) {
            struct comparison comparison = sample_comparison(name, k ? "eytzinger" : "first", 10, 2, 0.01);
            sample_add(&run, &comparison);
        }
    }
    char *text = overview_of(&run, &narrow, NULL);
    assert_non_null(strstr(text, "twenty-seven-letters-of-case-a\n"));
    assert_non_null(strstr(text, "\n    first"));
    assert_non_null(strstr(text, "\n    eytzinger "));
    assert_non_null(strstr(text, "\n  case-b first "));
    free(text);
    run_clear(&run);
}

/* Cases of a group stand together, wherever they were in the run; a candidate's number is never cut. */
static void gathers_groups(void **state) {
    (void)state;
    struct run run;
    struct report_groups groups = {.of = group_of};
    static const char *const names[] = {"aos-vs-soa", "mine", "placebo", "aos-vs-soa", "theirs"};
    sample_open(&run);
    for (int i = 0; i < 5; i++) {
        struct comparison comparison = sample_comparison(names[i], i == 3 ? "late" : "early", 10, 2, 0.01);
        sample_add(&run, &comparison);
    }
    char *text = overview_of(&run, &unicode_style, &groups);
    const char *memory = strstr(text, "memory "), *late = strstr(text, "late"),
               *other = strstr(text, "other ");
    const char *mine = strstr(text, "mine"), *theirs = strstr(text, "theirs"),
               *myths = strstr(text, "myths ");
    assert_true(memory == text && late && memory < late && late < other && other < mine && mine < theirs &&
                theirs < myths);
    assert_null(strstr(other + 1, "other "));
    free(text);
    run_clear(&run);
}

static void invalid_has_no_factor(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    struct comparison comparison = sample_comparison("case", "candidate", 10, 7.77, 0.001);
    sample_invalid(&comparison, VERIFIED_WRONG, "wrong");
    comparison.speedup = sample_interval(7.77, 0.01);
    sample_add(&run, &comparison);
    char *text = overview_of(&run, &unicode_style, NULL);
    assert_null(strstr(text, "7.7"));
    assert_non_null(strstr(text, "✕"));
    assert_non_null(strstr(text, "see below"));
    free(text);
    run_clear(&run);
}

/* A speedup at each of n = 4, 8, 16, 64 and hit = 0 and 50; 0: undecided. */
static char *where(const double speedups[8], enum verdict verdict, size_t columns) {
    static const int64_t sizes[] = {4, 8, 16, 64};
    struct run run;
    struct case_view view;
    struct text text = {0};
    sample_open(&run);
    for (int i = 0; i < 8; i++) {
        double speedup = speedups[i] ? speedups[i] : 1.02;
        struct comparison comparison =
            sample_comparison("case", "candidate", 10, speedup, speedups[i] ? 0.001 : 0.1);
        sample_number(&comparison.point, "n", sizes[i % 4], "");
        sample_choice(&comparison.point, "order", i / 4, i / 4 ? "random" : "sorted");
        sample_add(&run, &comparison);
    }
    assert_int_equal(case_view_open(&view, &run, "case", "candidate"), 0);
    where_print(&view, verdict, columns, &text);
    char *copy = strdup(text_string(&text));
    assert_non_null(copy);
    text_clear(&text);
    case_view_close(&view);
    run_clear(&run);
    return copy;
}

static void assert_where(const double speedups[8], enum verdict verdict, size_t columns,
                         const char *expected) {
    char *text = where(speedups, verdict, columns);
    assert_string_equal(text, expected);
    free(text);
}

static void names_the_parameter_that_tells(void **state) {
    (void)state;
    const double large[8] = {0.5, 2, 2, 2, 0, 2, 2, 2}, ends[8] = {2, 0, 0, 2, 2, 0, 0, 2};
    const double random[8] = {0, 0.5, 0, 0, 2, 2, 2, 2}, mixed[8] = {2, 0.5, 0, 0, 2, 2, 2, 2};
    const double always[8] = {2, 2, 2, 2, 2, 2, 2, 2};
    assert_where(large, VERDICT_FASTER, 40, "n = 8…64");
    assert_where(large, VERDICT_SLOWER, 40, "1 of 8 points");
    assert_where(ends, VERDICT_FASTER, 40, "n = 4, 64");
    assert_where(random, VERDICT_FASTER, 40, "order = random");
    assert_where(mixed, VERDICT_FASTER, 40, "5 of 8 points");
    assert_where(always, VERDICT_FASTER, 40, "all points");
    assert_where(always, VERDICT_SLOWER, 40, "");
    assert_where(large, VERDICT_FASTER, 7, "6 of 8");
    assert_where(large, VERDICT_FASTER, 8, "n = 8…64");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_a_line_a_candidate),
        cmocka_unit_test(fits_every_width),
        cmocka_unit_test(fits_hostile_names),
        cmocka_unit_test(many_cases_take_a_line_a_candidate),
        cmocka_unit_test(names_that_do_not_fit_stand_below_each_other),
        cmocka_unit_test(gathers_groups),
        cmocka_unit_test(invalid_has_no_factor),
        cmocka_unit_test(names_the_parameter_that_tells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
