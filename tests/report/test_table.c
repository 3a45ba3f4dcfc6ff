#include "golden.h"
#include "sample_run.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const struct report_style unicode_style = {.unicode = true, .width = 100};
static const struct report_style ascii_style = {.unicode = false, .width = 100};

static const struct report_extent all = {.tables = true, .notes = true}, brief = {.tables = false};

static char *text_of(const struct run *run, const struct report_extent *extent,
                     const struct report_style *style) {
    struct capture capture;
    assert_int_equal(report_table(run, extent, style, capture_start(&capture)), 0);
    return capture_end(&capture);
}

/* Every table and every note. */
static char *table_of(const struct run *run, const struct report_style *style) {
    return text_of(run, &all, style);
}

static void shows_a_rich_run(void **state) {
    (void)state;
    struct run run;
    sample_rich(&run);
    char *text = table_of(&run, &unicode_style);
    assert_golden(text, "rich.txt");
    assert_lines_fit(text, 100);
    assert_null(strchr(text, '\033'));
    assert_null(strstr(text, "nan"));
    free(text);
    run_clear(&run);
}

static void shows_a_simulated_run(void **state) {
    (void)state;
    struct run run;
    sample_simulation(&run);
    char *text = table_of(&run, &unicode_style);
    assert_golden(text, "simulated.txt");
    assert_lines_fit(text, 100);
    free(text);
    run_clear(&run);
}

static void shows_a_rich_run_in_ascii(void **state) {
    (void)state;
    struct run run;
    sample_rich(&run);
    char *text = table_of(&run, &ascii_style);
    assert_golden(text, "rich-ascii.txt");
    assert_lines_fit(text, 100);
    assert_plain_ascii(text);
    free(text);
    run_clear(&run);
}

static void shows_an_incomplete_run_without_counters(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    run.complete = false;
    run.settings.counters = false;
    COPY(run.settings.layout, "random");
    COPY(run.settings.cpus, "3");
    sample_add_placebo(&run);
    run.comparisons[0].placebo = (struct interval){NAN, NAN, NAN};
    run.comparisons[0].counter_count = 0;
    char *text = table_of(&run, &unicode_style);
    assert_golden(text, "incomplete.txt");
    assert_lines_fit(text, 100);
    free(text);
    run_clear(&run);
}

static void shows_a_run_without_comparisons(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    char *text = table_of(&run, &unicode_style);
    assert_non_null(strstr(text, "No comparison was completed."));
    assert_lines_fit(text, 100);
    free(text);
    run_clear(&run);
}

/* Whatever the width, nothing is wider and no comparison is lost. */
static void fits_every_width(void **state) {
    (void)state;
    struct run run;
    sample_rich(&run);
    for (unsigned width = 60; width <= 180; width++)
        for (int unicode = 0; unicode < 2; unicode++) {
            struct report_style style = {.unicode = unicode, .width = width};
            char *text = table_of(&run, &style);
            assert_lines_fit(text, width);
            size_t verdicts = 0;
            for (const char *at = text; (at = strstr(at, "faster")); at++)
                verdicts++;
            assert_true(verdicts >= 11);
            assert_non_null(strstr(text, "1890"));
            free(text);
        }
    run_clear(&run);
}

/* The longest names that a result can hold, nine parameters: rows are stacked and still fit. */
static void fits_the_longest_names(void **state) {
    (void)state;
    struct run run;
    char name[RESULT_NAME];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    sample_open(&run);
    for (int64_t value = 0; value < 2; value++) {
        struct comparison comparison = sample_comparison(name, name, 4e8, 2e5, 1e-7);
        COPY(comparison.baseline, "%s", name);
        COPY(comparison.item, "%s", name);
        for (int i = 0; i < RESULT_PARAMETERS; i++) {
            char parameter[RESULT_NAME];
            memcpy(parameter, name, sizeof name);
            parameter[0] = (char)('a' + i);
            sample_number(&comparison.point, parameter, INT64_MAX - value, name);
        }
        sample_counter(&comparison, name, SOURCE_HW_GENERIC, 1, 1e-6);
        sample_add(&run, &comparison);
    }
    char *text = table_of(&run, &unicode_style);
    assert_lines_fit(text, 100);
    assert_non_null(strstr(text, "speedup: 200000"));
    free(text);
    run_clear(&run);
}

static void colours_verdicts(void **state) {
    (void)state;
    struct run run;
    struct report_style style = {.color = true, .unicode = true, .width = 100};
    sample_rich(&run);
    char *text = table_of(&run, &style);
    assert_non_null(strstr(text, "\033[32mfaster ★\033[0m"));
    assert_non_null(strstr(text, "\033[31mslower\033[0m"));
    assert_non_null(strstr(text, "\033[33minconclusive\033[0m"));
    assert_non_null(strstr(text, "\033[35minvalid\033[0m"));
    assert_non_null(strstr(text, " equivalent\n"));
    free(text);
    run_clear(&run);
}

/* An invalid comparison shows no figure, even if the result holds one. */
static void hides_the_speedup_of_invalid(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    struct comparison comparison = sample_comparison("case", "candidate", 10, 7.77, 0.001);
    comparison.verdict = VERDICT_INVALID;
    comparison.verified = VERIFIED_WRONG;
    COPY(comparison.reason, "wrong\nat\033[31m 3");
    sample_add(&run, &comparison);
    char *text = table_of(&run, &unicode_style);
    assert_null(strstr(text, "7.7"));
    assert_null(strchr(text, '\033'));
    assert_null(strstr(text, "★ \n"));
    assert_non_null(strstr(text, "invalid: wrong at [31m 3\n"));
    assert_non_null(strstr(text, "✗ wrong"));
    free(text);
    run_clear(&run);
}

/* One case has its table, of which several have a line a candidate; either way the notes are those that matter. */
static void says_less_unless_asked(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    sample_add_placebo(&run);
    char *one = text_of(&run, &brief, &unicode_style);
    assert_golden(one, "one-case.txt");
    assert_lines_fit(one, 100);
    sample_add_lookup(&run);
    char *several = text_of(&run, &brief, &unicode_style);
    assert_non_null(strstr(one, "95 % interval  "));
    assert_null(strstr(several, "95 % interval  "));
    free(one);
    free(several);
    for (int i = 0; i < 4; i++) {
        struct report_extent extent = {.tables = i & 1, .notes = i & 2};
        char *text = text_of(&run, &extent, &unicode_style);
        assert_int_equal(strstr(text, "95 % interval  ") != NULL, i & 1);
        assert_int_equal(strstr(text, "\nsettings ") != NULL, i / 2);
        assert_int_equal(strstr(text, "\nverdicts ") != NULL, !(i / 2));
        assert_int_equal(strstr(text, "show FILE --notes") != NULL, !(i / 2));
        free(text);
    }
    run_clear(&run);
}

static void returns_the_error_of_the_stream(void **state) {
    (void)state;
    struct run run;
    struct findings findings = {.count = 1, .items = {{FINDING_NOTE, "topic", "what", "remedy"}}};
    sample_rich(&run);
    for (int report = 0; report < 4; report++) {
        FILE *full = fopen("/dev/full", "w");
        if (!full)
            skip();
        int error = report == 0   ? report_table(&run, &brief, &unicode_style, full)
                    : report == 1 ? report_markdown(&run, full)
                    : report == 2 ? report_csv(&run, full)
                                  : report_findings(&findings, &unicode_style, full);
        assert_int_equal(error, -ENOSPC);
        fclose(full);
    }
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_a_rich_run),
        cmocka_unit_test(shows_a_simulated_run),
        cmocka_unit_test(shows_a_rich_run_in_ascii),
        cmocka_unit_test(shows_an_incomplete_run_without_counters),
        cmocka_unit_test(shows_a_run_without_comparisons),
        cmocka_unit_test(fits_every_width),
        cmocka_unit_test(fits_the_longest_names),
        cmocka_unit_test(colours_verdicts),
        cmocka_unit_test(hides_the_speedup_of_invalid),
        cmocka_unit_test(says_less_unless_asked),
        cmocka_unit_test(returns_the_error_of_the_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
