#include "golden.h"

#include "report/calibration.h"

#include <math.h>

/* Two kinds with ten tries a pair, one skipped; as if measured. */
static void fill(struct calibration *calibration) {
    static const double sizes[] = {0, 0.001, 0.01, 0.05};
    *calibration = (struct calibration){
        .complete = true,
        .duration_s = 200,
        .host = {.machine = "example-2cpu"},
        .settings = {.budget_s = 0.25, .delta = 0.01, .replicates = 8, .layout = "random"},
        .tries_a_pair = 10,
        .placebo_tries = 10,
        .kinds = {{.name = "core", .sized = true},
                  {.name = "branchy", .sized = true},
                  {.name = "openmp", .sized = true, .skipped = "two threads, one CPU"},
                  {.name = "heap-history"}},
        .kind_count = 4,
        .sizes = {0, 0.001, 0.01, 0.05},
        .size_count = 4};
    for (size_t kind = 0; kind < 4; kind++)
        for (size_t size = 0; size < 4; size++)
            for (unsigned number = 1; number <= calibration_tries_of(calibration, kind, size) && kind != 2;
                 number++) {
                double half = kind ? 0.03 : number == 10 ? 0.002 : 0.0004, middle = 1 / (1 + sizes[size]);
                struct calibration_try item = {.kind = kind,
                                               .size = size,
                                               .number = number,
                                               .speedup = {middle, middle * (1 - half), middle * (1 + half)},
                                               .placebo = {1, 1 - half / 4, 1 + half / 4},
                                               .duration_s = 0.41};
                item.verdict = verdict_of(item.speedup, item.placebo, 0.01);
                assert_int_equal(calibration_add(calibration, &item), 0);
            }
}

static char *table(const struct calibration *calibration, struct report_style style) {
    struct capture capture;
    assert_int_equal(report_calibration_table(calibration, &style, capture_start(&capture)), 0);
    return capture_end(&capture);
}

static void as_a_table(void **state) {
    (void)state;
    struct calibration calibration;
    fill(&calibration);
    char *text = table(&calibration, (struct report_style){.unicode = true, .width = 100});
    assert_lines_fit(text, 100);
    assert_golden(text, "calibration.txt");
    free(text);
    text = table(&calibration, (struct report_style){.width = 80});
    assert_lines_fit(text, 80);
    assert_plain_ascii(text);
    free(text);
    calibration_clear(&calibration);
}

static void as_markdown(void **state) {
    (void)state;
    struct calibration calibration;
    struct capture capture;
    fill(&calibration);
    assert_int_equal(report_calibration_markdown(&calibration, capture_start(&capture)), 0);
    char *text = capture_end(&capture);
    assert_golden(text, "calibration.md.txt");
    free(text);
    calibration_clear(&calibration);
}

static void what_went_wrong_is_said(void **state) {
    (void)state;
    struct calibration calibration;
    fill(&calibration);
    calibration.complete = false;
    calibration.neighbour = true;
    calibration.tries[12].verdict = VERDICT_FASTER; /* more work, and called faster */
    calibration.tries[0].verdict = calibration.tries[1].verdict = VERDICT_SLOWER;
    calibration.tries[30].verdict = VERDICT_INVALID;
    snprintf(calibration.tries[30].reason, sizeof calibration.tries[30].reason, "plus-5 crashed");
    char *text = table(&calibration, (struct report_style){.unicode = true, .width = 100});
    assert_non_null(strstr(text, "bursty neighbour"));
    assert_non_null(strstr(text, "cut short"));
    assert_non_null(strstr(text, "called faster): 1"));
    assert_non_null(strstr(text, "false claims: 2 of 30"));
    assert_non_null(strstr(text, "core, try 1, was invalid: plus-5 crashed"));
    assert_non_null(strstr(text, "claimed of identical code: core 2 of 10\n"));
    assert_null(strstr(text, "368 tries"));
    free(text);
    calibration_clear(&calibration);
}

static void tables_without_rows_are_left_out(void **state) {
    (void)state;
    struct calibration calibration;
    fill(&calibration);
    calibration.size_count = 1; /* identical code alone */
    calibration.try_count = 10;
    char *text = table(&calibration, (struct report_style){.unicode = true, .width = 100});
    assert_non_null(strstr(text, "identical code"));
    assert_null(strstr(text, "more work"));
    assert_null(strstr(text, "wrong"));
    free(text);
    calibration_clear(&calibration);
}

static void a_kind_without_sizes_is_in_the_first_table_alone(void **state) {
    (void)state;
    struct calibration calibration;
    fill(&calibration);
    char *text = table(&calibration, (struct report_style){.unicode = true, .width = 100});
    char *row = strstr(text, "heap-history");
    assert_non_null(row);
    assert_null(strstr(row + 1, "heap-history"));
    free(text);
    calibration_clear(&calibration);
}

static void tries_that_end_when_settled_say_so(void **state) {
    (void)state;
    struct calibration calibration;
    fill(&calibration);
    calibration.until_settled = true;
    char *text = table(&calibration, (struct report_style){.unicode = true, .width = 100});
    assert_non_null(strstr(text, "until settled, at most 10 tries"));
    assert_non_null(strstr(text, "holds at every look"));
    assert_null(strstr(text, "368 tries"));
    free(text);
    calibration_clear(&calibration);
}

/* However many kinds there are: one line each, and the whole in a terminal's width. */
static void every_kind_takes_one_line(void **state) {
    (void)state;
    struct calibration calibration;
    fill(&calibration);
    for (; calibration.kind_count < CALIBRATION_KINDS; calibration.kind_count++) {
        struct calibration_try item = {.kind = calibration.kind_count,
                                       .number = 1,
                                       .verdict = VERDICT_EQUIVALENT,
                                       .speedup = {1, 0.999, 1.001},
                                       .placebo = {1, 0.999, 1.001},
                                       .duration_s = 0.5};
        snprintf(calibration.kinds[item.kind].name, RESULT_NAME, "kind-%zu", item.kind);
        assert_int_equal(calibration_add(&calibration, &item), 0);
    }
    char *text = table(&calibration, (struct report_style){.unicode = true, .width = 80});
    assert_lines_fit(text, 80);
    assert_non_null(strstr(text, "kind-47"));
    size_t lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        lines++;
    assert_in_range(lines, CALIBRATION_KINDS, CALIBRATION_KINDS + 30);
    free(text);
    calibration_clear(&calibration);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_a_table),
        cmocka_unit_test(as_markdown),
        cmocka_unit_test(what_went_wrong_is_said),
        cmocka_unit_test(tables_without_rows_are_left_out),
        cmocka_unit_test(a_kind_without_sizes_is_in_the_first_table_alone),
        cmocka_unit_test(tries_that_end_when_settled_say_so),
        cmocka_unit_test(every_kind_takes_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
