#include "golden.h"
#include "report/markdown.h"
#include "sample_run.h"

static char *markdown_of(const struct run *run) {
    struct capture capture;
    assert_int_equal(report_markdown(run, capture_start(&capture)), 0);
    return capture_end(&capture);
}

/* Cells of a table's line: bars that are not escaped, less one. */
static size_t count_cells(const char *line) {
    size_t bars = 0;
    for (size_t i = 0; line[i] && line[i] != '\n'; i++)
        bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
    return bars - 1;
}

static void shows_a_rich_run(void **state) {
    (void)state;
    struct run run;
    sample_rich(&run);
    char *text = markdown_of(&run);
    assert_golden(text, "rich.md.txt");
    assert_null(strchr(text, '\033'));
    assert_null(strstr(text, "nan"));
    size_t cells = 0, rows = 0;
    for (const char *line = text; line && *line; line = strchr(line, '\n') + 1) {
        if (*line != '|') {
            cells = 0;
            continue;
        }
        if (cells)
            assert_int_equal(count_cells(line), cells);
        cells = count_cells(line);
        rows++;
    }
    assert_int_equal(rows, run.comparison_count + 2 * 4);
    free(text);
    run_clear(&run);
}

static void escapes_markup(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    struct comparison comparison = sample_comparison("case", "a|b", 10, 2, 0.1);
    COPY(comparison.case_title, "`x*8` to <b>\n## y");
    sample_number(&comparison.point, "n", 1, "");
    sample_add(&run, &comparison);
    comparison = sample_comparison("case", "a|b", 10, 2, 0.1);
    sample_number(&comparison.point, "n", 2, "");
    sample_invalid(&comparison, VERIFIED_WRONG, "a | b\n| c");
    sample_add(&run, &comparison);
    char *text = markdown_of(&run);
    assert_non_null(strstr(text, "## case: \\`x\\*8\\` to &lt;b> ## y\n"));
    assert_non_null(strstr(text, "| a\\|b |"));
    assert_non_null(strstr(text, "invalid: a \\| b \\| c\n"));
    free(text);
    run_clear(&run);
}

static void assert_markdown(const char *string, const char *expected) {
    struct text text = {0};
    markdown_add(&text, string);
    assert_string_equal(text_string(&text), expected);
    text_clear(&text);
}

static void makes_no_links_and_no_blocks(void **state) {
    (void)state;
    assert_markdown("1.02× [1.01, 1.03], 20 ns", "1.02× [1.01, 1.03], 20 ns");
    assert_markdown("[click](http://evil)", "[click\\](http&#58;//evil)");
    assert_markdown("![x](y)", "![x\\](y)");
    assert_markdown("[x][y]", "[x\\][y]");
    assert_markdown("[x]: y", "[x\\]: y");
    assert_markdown("see www.evil.example", "see www&#46;evil.example");
    assert_markdown("<img src=x>", "&lt;img src=x>");
    assert_markdown("# big", "\\# big");
    assert_markdown("> said", "\\> said");
    assert_markdown("- a", "\\- a");
    assert_markdown("---", "\\---");
    assert_markdown("-5 %", "-5 %");
    assert_markdown("12. a", "12\\. a");
    assert_markdown("1.5", "1.5");
    assert_markdown("~~gone~~", "\\~\\~gone\\~\\~");
    assert_markdown("_x_ a_b", "\\_x\\_ a_b");
    assert_markdown("a\u202eb\033c", "a?b c");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(shows_a_rich_run), cmocka_unit_test(escapes_markup),
                                       cmocka_unit_test(makes_no_links_and_no_blocks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
