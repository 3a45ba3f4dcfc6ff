#include "golden.h"
#include "report/details.h"
#include "sample_run.h"

#include <errno.h>

static const struct report_style unicode_style = {.unicode = true, .width = 100};
static const struct report_filter everything = {0};

static char *details_of(const struct run *run, const struct report_filter *filter, unsigned width,
                        bool unicode) {
    struct capture capture;
    struct report_style style = {.unicode = unicode, .width = width};
    assert_int_equal(report_details(run, filter, &style, capture_start(&capture)), 0);
    return capture_end(&capture);
}

static char *markdown_of(const struct run *run, const struct report_filter *filter) {
    struct capture capture;
    assert_int_equal(report_details_markdown(run, filter, capture_start(&capture)), 0);
    return capture_end(&capture);
}

static void shows_all_of_a_simulated_run(void **state) {
    (void)state;
    struct run run;
    sample_simulation(&run);
    char *text = details_of(&run, &everything, 100, true);
    assert_golden(text, "details.txt");
    assert_lines_fit(text, 100);
    assert_null(strstr(text, "nan"));
    free(text);
    text = markdown_of(&run, &everything);
    assert_golden(text, "details.md.txt");
    assert_null(strstr(text, "nan"));
    free(text);
    run_clear(&run);
}

static void fits_every_width(void **state) {
    (void)state;
    struct run runs[2];
    sample_simulation(&runs[0]);
    sample_rich(&runs[1]);
    for (int i = 0; i < 2; i++) {
        for (unsigned width = 60; width <= 100; width += 4)
            for (int unicode = 0; unicode < 2; unicode++) {
                char *text = details_of(&runs[i], &everything, width, unicode);
                assert_lines_fit(text, width);
                if (!unicode)
                    assert_plain_ascii(text);
                free(text);
            }
        run_clear(&runs[i]);
    }
}

/* Text of the row of `grid` whose first cell is `name` and whose source is `source`. */
static const struct grid_row *row_of(const struct grid *grid, const char *name, const char *source) {
    for (size_t i = 0; i < grid->row_count; i++)
        if (strcmp(grid->rows[i].cells[0].text, name) == 0 &&
            strcmp(grid->rows[i].cells[7].text, source) == 0)
            return &grid->rows[i];
    fail_msg("no %s from %s", name, source);
    return NULL;
}

static void assert_cells(const struct grid_row *row, const char *const *expected, size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_string_equal(row->cells[i].text, expected[i]);
}

static void tells_values_with_their_intervals(void **state) {
    (void)state;
    static const char *const cycles[] = {
        "cycles", "≈60.0", "±0.2 %", "≈20.0", "±0.3 %", "≈0.3333×", "[0.3330, 0.3337]", "clock", "degraded"};
    static const char *const branches[] = {"branches",   "4096",  "",    "3",       "",
                                           "0.000732×†", "exact", "sim", "degraded"};
    const struct details_options full = {.half_widths = true, .trust = true};
    struct run run;
    struct grid grid;
    sample_simulation(&run);
    assert_int_equal(details_grid_open(&grid, &run, &run.comparisons[1], &unicode_style, &full), 0);
    assert_string_equal(grid.headers[0], "per lookup");
    assert_string_equal(grid.headers[1], "linear");
    assert_string_equal(grid.headers[6], "95 % interval");
    assert_cells(row_of(&grid, "cycles", "clock"), cycles, 9);
    assert_cells(row_of(&grid, "branches", "sim"), branches, 9);
    row_of(&grid, "task-clock, ns", "sw");
    assert_int_equal(grid.row_count, 6);
    grid_close(&grid);
    /* counted and simulated: both */
    assert_int_equal(details_grid_open(&grid, &run, &run.comparisons[2], &unicode_style, &full), 0);
    assert_string_equal(row_of(&grid, "data-reads", "hw")->cells[3].text, "1.00");
    assert_string_equal(row_of(&grid, "data-reads", "sim")->cells[3].text, "2");
    grid_close(&grid);
    /* a count that did not vary is measured all the same */
    run.comparisons[2].counters[0].ratio = (struct interval){0, 0, 0};
    assert_int_equal(details_grid_open(&grid, &run, &run.comparisons[2], &unicode_style, &full), 0);
    assert_string_equal(row_of(&grid, "data-reads", "hw")->cells[6].text, "[0, 0]");
    grid_close(&grid);
    run_clear(&run);
}

/* Lines of a comparison under a label, joined by line feeds; the caller frees it. */
static char *lines_labelled(const struct run *run, size_t index, const char *label) {
    struct notes notes;
    struct capture capture;
    FILE *stream = capture_start(&capture);
    assert_int_equal(details_lines_open(&notes, run, &run->comparisons[index]), 0);
    for (size_t i = 0; i < notes.count; i++)
        if (strcmp(notes.items[i].label, label) == 0)
            fprintf(stream, "%s\n", text_string(&notes.items[i].text));
    notes_close(&notes);
    return capture_end(&capture);
}

static void assert_line(const struct run *run, size_t index, const char *label, const char *expected) {
    char *text = lines_labelled(run, index, label);
    assert_string_equal(text, expected);
    free(text);
}

static void tells_what_is_beside_the_counters(void **state) {
    (void)state;
    struct run run;
    sample_simulation(&run);
    assert_line(&run, 1, "spread", "0 % rounds, 2 % processes, 98 % layout\n");
    run.comparisons[1].spread_layout = NAN;
    assert_line(&run, 1, "spread", "10 % rounds, 90 % processes and layout\n");
    assert_line(&run, 2, "spread", "");
    assert_line(&run, 1, "prediction",
                "failed: predicted branches < 0.0001×, simulated 0.00073× at n = 4096 (sim)\n");
    assert_line(&run, 2, "prediction", "");
    assert_line(
        &run, 2, "latency",
        "base p50 780 ns, p95 1200 ns, p99 4.10 µs, max 9.00 µs; vector p50 41.0 ns, p95 90.0 ns, p99 "
        "880 ns, max 1000 ns\n");
    assert_line(&run, 2, "memory", "base 4.00 MiB, vector 4.00 MiB\n");
    assert_line(&run, 3, "threads", "openmp: task-clock 52 % / 48 %\n");
    assert_line(&run, 2, "threads", "");
    run.comparisons[2].counters[0].candidate = NAN;
    run.comparisons[2].counters[0].trust = TRUST_DEGRADED;
    COPY(run.comparisons[2].counters[0].reason, "not tested"); /* which is about a count */
    run.comparisons[2].counter_count = 1;
    assert_line(&run, 2, "absent", "not counted: data-reads – could not be read while this was measured\n");
    run.comparisons[2].counters[0].trust = TRUST_TRUSTED;
    COPY(run.comparisons[2].counters[0].reason, "more than 200000 system calls");
    assert_line(&run, 2, "absent", "not counted: data-reads – more than 200000 system calls\n");
    assert_line(&run, 0, "none", "neither variant had any: llc-misses (sim)\n");
    assert_line(&run, 2, "none", "");
    /* simulated instructions are not absent; cycles are there */
    assert_line(&run, 0, "absent", "not counted: l2-misses; the notes below say why\n");
    assert_line(&run, 0, "≈",
                "cycles – estimated from a clock calibrated between the samples\n"
                "ipc – simulated instructions over calibrated cycles of the same binary\n");
    run_clear(&run);
}

static size_t count_of(const char *text, const char *part) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)); at++)
        count++;
    return count;
}

static void shows_what_the_filter_lets_through(void **state) {
    (void)state;
    struct run run;
    sample_rich(&run);
    struct report_filter filter = {.case_name = "aos-vs-soa"};
    char *text = details_of(&run, &filter, 100, true);
    assert_int_equal(count_of(text, "aos-vs-soa: "), 12);
    assert_int_equal(count_of(text, "io-batched: "), 0);
    free(text);
    filter.where_count = 2;
    COPY(filter.where[0].parameter, "n");
    COPY(filter.where[0].value, "1024");
    COPY(filter.where[1].parameter, "order");
    COPY(filter.where[1].value, "random");
    text = markdown_of(&run, &filter);
    assert_int_equal(count_of(text, "## aos-vs-soa: "), 4);
    free(text);
    COPY(filter.where[1].value, "sorted");
    text = details_of(&run, &filter, 100, true);
    assert_non_null(strstr(text, "No such comparison."));
    free(text);
    /* a name is no number, and a parameter that the point lacks is no match */
    COPY(filter.where[0].value, "1024x");
    filter.where_count = 1;
    assert_false(report_filter_matches(&filter, &run.comparisons[7]));
    COPY(filter.where[0].value, "1024");
    assert_true(report_filter_matches(&filter, &run.comparisons[7]));
    COPY(filter.where[0].parameter, "record");
    assert_false(report_filter_matches(&filter, &run.comparisons[7]));
    run_clear(&run);
}

static void shows_no_figure_of_invalid(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    struct comparison comparison = sample_comparison("case", "candidate", 10, 7.77, 0.001);
    comparison.verdict = VERDICT_INVALID;
    COPY(comparison.reason, "wrong\nat\033[31m | 3");
    sample_add(&run, &comparison);
    char *text = details_of(&run, &everything, 100, true);
    assert_null(strstr(text, "7.7"));
    assert_null(strchr(text, '\033'));
    assert_non_null(strstr(text, "invalid: wrong at [31m | 3\n"));
    free(text);
    text = markdown_of(&run, &everything);
    assert_non_null(strstr(text, "invalid: wrong at [31m \\| 3\n"));
    free(text);
    run_clear(&run);
}

static void returns_the_error_of_the_stream(void **state) {
    (void)state;
    struct run run;
    sample_simulation(&run);
    for (int markdown = 0; markdown < 2; markdown++) {
        FILE *full = fopen("/dev/full", "w");
        if (!full)
            skip();
        assert_int_equal(markdown ? report_details_markdown(&run, &everything, full)
                                  : report_details(&run, &everything, &unicode_style, full),
                         -ENOSPC);
        fclose(full);
    }
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_all_of_a_simulated_run),
        cmocka_unit_test(fits_every_width),
        cmocka_unit_test(tells_values_with_their_intervals),
        cmocka_unit_test(tells_what_is_beside_the_counters),
        cmocka_unit_test(shows_what_the_filter_lets_through),
        cmocka_unit_test(shows_no_figure_of_invalid),
        cmocka_unit_test(returns_the_error_of_the_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
