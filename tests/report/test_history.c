#include "report/history.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct history_value values[] = {
    {.id = "r1", .commit = "1111111111111111111111111111111111111111", .time_ns = 100, .speedup = 2},
    {.id = "r2", .commit = "2222222222222222222222222222222222222222", .time_ns = NAN, .speedup = NAN},
    {.id = "r3", .commit = "3333333333333333333333333333333333333333", .time_ns = 100, .speedup = 2},
    {.id = "r4", .commit = "4444444444444444444444444444444444444444", .time_ns = 200, .speedup = 1}};
static struct history_series series = {.case_name = "=case",
                                       .kernel = "k",
                                       .baseline = "plain",
                                       .candidate = "wide\033[31m",
                                       .machine = "m",
                                       .machine_key = "0123456789abcdef",
                                       .values = values,
                                       .count = 4};
static struct change_point point = {.index = 2, .before = 100, .after = 200, .p_value = 0.005};
static enum history_number number;

static int trends(FILE *stream) {
    const struct history_trend trend = {.series = &series, .points = &point, .count = 1};
    const struct report_style style = {.unicode = true, .width = 100};
    return report_history_trends(&trend, 1, number, &style, stream);
}

static int csv(FILE *stream) {
    const struct history history = {.series = &series, .series_count = 1};
    return report_history_csv(&history, stream);
}

static int runs(FILE *stream) {
    struct history_run run = {.id = "r1",
                              .commit = "1111111111111111-dirty",
                              .machine = "m",
                              .machine_key = "0123",
                              .verdicts = {[VERDICT_FASTER] = 7}};
    const struct history history = {.runs = &run, .run_count = 1};
    const struct report_style style = {.unicode = true, .width = 200};
    return report_history_runs(&history, &style, stream);
}

static char *print(int (*write)(FILE *stream)) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_int_equal(write(stream), 0);
    fclose(stream);
    assert_null(strchr(text, '\033'));
    return text;
}

static void assert_says(int (*write)(FILE *stream), const char *part) {
    char *text = print(write);
    if (!strstr(text, part))
        fail_msg("'%s' is not in:\n%s", part, text);
    free(text);
}

/* The change point counts values that are there: the third is r4's. */
static void a_change_names_its_runs_and_what_bisects(void **state) {
    (void)state;
    assert_says(trends, "▁▁█");
    assert_says(trends, "4 runs, 1 of them without a number; first 100 ns, last 200 ns");
    assert_says(
        trends,
        "worse   100 ns → 200 ns (+100.0 %) with r4, 4444444444; before it r3, 3333333333; p = 0.005");
    assert_says(trends, "countersign bisect --git 333333333333..444444444444");
    assert_says(trends, "no claims");
    strcat(values[3].commit, "-dirty"); /* of which nobody knows what was measured */
    char *text = print(trends);
    assert_null(strstr(text, "bisect --git"));
    assert_non_null(strstr(text, "4444444444-dirty"));
    free(text);
    values[3].commit[40] = '\0';
}

static void a_larger_speedup_is_better(void **state) {
    (void)state;
    number = HISTORY_SPEEDUP;
    assert_says(trends, "better  100× → 200×");
    number = HISTORY_TIME;
}

static void csv_has_no_number_for_what_is_absent(void **state) {
    (void)state;
    assert_says(csv, "\"'=case\",\"k\",\"\",\"plain\",\"wide [31m\",\"m\",\"0123456789abcdef\",100,2,\"r1\"");
    assert_says(csv, "\"0123456789abcdef\",,,\"r2\"");
}

static void runs_are_listed(void **state) {
    (void)state;
    assert_says(runs, "r1 (cut short)");
    assert_says(runs, "1111111111-dirty");
    assert_says(runs, "m 0123");
    assert_says(runs, "1 run\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_change_names_its_runs_and_what_bisects),
                                       cmocka_unit_test(a_larger_speedup_is_better),
                                       cmocka_unit_test(csv_has_no_number_for_what_is_absent),
                                       cmocka_unit_test(runs_are_listed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
