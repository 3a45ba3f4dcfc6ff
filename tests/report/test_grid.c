#include "golden.h"
#include "report/grid.h"
#include "sample_run.h"

static const struct report_style unicode_style = {.unicode = true, .width = 100};
static const struct grid_options full = {.counters = 2};

static void marks_answers(void **state) {
    (void)state;
    struct report_style ascii = {.unicode = false, .width = 100};
    for (int style = 0; style < 2; style++)
        for (int shortened = 0; shortened < 2; shortened++)
            for (int first = 0; first <= VERIFIED_WRONG; first++)
                for (int second = 0; second < first; second++)
                    assert_string_not_equal(
                        answer_mark(style ? &unicode_style : &ascii, (enum verified)first, shortened),
                        answer_mark(style ? &unicode_style : &ascii, (enum verified)second, shortened));
}

static void names_columns_and_their_source(void **state) {
    (void)state;
    struct run run;
    struct case_view view;
    struct grid grid;
    sample_rich(&run);
    assert_int_equal(case_view_open(&view, &run, "io-batched", NULL), 0);
    assert_int_equal(grid_open(&grid, &view, &unicode_style, &full), 0);
    static const char *const headers[] = {"record",        "baseline", "batched", "speedup",
                                          "95 % interval", "counters", "answer",  "verdict"};
    assert_int_equal(grid.columns, sizeof headers / sizeof *headers);
    for (size_t i = 0; i < grid.columns; i++)
        assert_string_equal(grid.headers[i], headers[i]);
    assert_string_equal(grid.rows[0].cells[5].text, "write-calls 0.00195× sw, flushes 0.500× app");
    assert_string_equal(text_string(&grid.rows[2].below),
                        "invalid: batched: killed by signal 11 (segmentation fault)");
    assert_string_equal(grid.rows[2].cells[3].text, "–");
    assert_false(grid.grouped);
    grid_close(&grid);
    case_view_close(&view);
    assert_int_equal(case_view_open(&view, &run, "aos-vs-soa", NULL), 0);
    assert_int_equal(grid_open(&grid, &view, &unicode_style, &full), 0);
    assert_true(grid.grouped);
    assert_string_equal(grid.headers[6], "counters (sim)");
    assert_true(grid.rows[0].opens_candidate && grid.rows[6].opens_candidate);
    assert_false(grid.rows[1].opens_candidate);
    grid_close(&grid);
    case_view_close(&view);
    run_clear(&run);
}

/* Several candidates at one point are rows of one table, with a column for the candidate. */
static void puts_candidates_of_one_point_side_by_side(void **state) {
    (void)state;
    struct run run;
    struct case_view view;
    struct grid grid;
    sample_open(&run);
    for (int i = 0; i < 2; i++) {
        struct comparison comparison = sample_comparison("case", i ? "two" : "one", 10, 2, 0.01);
        sample_number(&comparison.point, "n", 4, "ids");
        sample_add(&run, &comparison);
    }
    assert_int_equal(case_view_open(&view, &run, "case", NULL), 0);
    assert_int_equal(grid_open(&grid, &view, &unicode_style, &full), 0);
    assert_false(grid.grouped);
    assert_string_equal(grid.headers[0], "candidate");
    assert_string_equal(grid.rows[0].cells[0].text, "one");
    assert_string_equal(grid.rows[1].cells[0].text, "two");
    struct text facts = {0};
    case_facts_print(&view, &facts);
    assert_string_equal(text_string(&facts), "time per item; baseline: base; target: 1.25×; n = 4 ids");
    text_clear(&facts);
    grid_close(&grid);
    case_view_close(&view);
    run_clear(&run);
}

static void keep_line(void *context, const char *line) {
    struct text *text = context;
    text_printf(text, "%s\n", line);
}

static void tells_memory_and_latency(void **state) {
    (void)state;
    struct run run;
    struct case_view view;
    struct text text = {0};
    sample_open(&run);
    for (int i = 0; i < 3; i++) {
        struct comparison comparison = sample_comparison("case", "pool", 10, 2, 0.01);
        sample_number(&comparison.point, "n", i, "");
        comparison.baseline_resources.peak_rss_bytes = 1048576.0 * (i == 1 ? 64 : 4);
        comparison.candidate_resources.peak_rss_bytes = 1048576.0 * (i == 2 ? NAN : 4);
        if (i == 0) {
            comparison.baseline_latency = (struct arm_latency){100, 200, 300, 400};
            comparison.candidate_latency = (struct arm_latency){50, 60, 900, 1000};
        }
        sample_add(&run, &comparison);
    }
    assert_int_equal(case_view_open(&view, &run, "case", "pool"), 0);
    candidate_lines(&view, keep_line, &text);
    assert_string_equal(text_string(&text),
                        "pool wins everywhere measured, 2.0× (3 points)\n"
                        "peak memory: 4.00 MiB against 64.0 MiB (0.0625×) at n = 1\n"
                        "latency: p50 50.0 ns against 100 ns, p99 900 ns against 300 ns at n = 0\n");
    text_clear(&text);
    case_view_close(&view);
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_answers),
        cmocka_unit_test(names_columns_and_their_source),
        cmocka_unit_test(puts_candidates_of_one_point_side_by_side),
        cmocka_unit_test(tells_memory_and_latency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
