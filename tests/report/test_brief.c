#include "golden.h"
#include "sample_run.h"

static char *brief_of(const struct run *run) {
    struct capture capture;
    assert_int_equal(report_brief_markdown(run, capture_start(&capture)), 0);
    return capture_end(&capture);
}

static void one_table_and_the_rest_folded(void **state) {
    (void)state;
    struct run run;
    sample_rich(&run);
    char *text = brief_of(&run), *fold = strstr(text, "<details>");
    assert_non_null(fold);
    assert_non_null(strstr(fold, "</details>"));
    size_t rows = 0, candidates = 0;
    for (const char *line = text; line && line < fold; line = strchr(line, '\n') + 1)
        rows += *line == '|';
    for (size_t i = 0; i < run.comparison_count; i++) {
        bool first = true;
        for (size_t k = 0; k < i; k++)
            first &= strcmp(run.comparisons[i].case_name, run.comparisons[k].case_name) ||
                     strcmp(run.comparisons[i].candidate, run.comparisons[k].candidate);
        candidates += first;
    }
    assert_int_equal(rows, candidates + 2);
    assert_non_null(strstr(fold, "## Notes"));
    free(text);
    run_clear(&run);
}

static void names_are_no_markup(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    sample_add_placebo(&run);
    snprintf(run.comparisons[0].case_name, RESULT_NAME, "a|b<script>");
    run.complete = false;
    char *text = brief_of(&run);
    assert_non_null(strstr(text, "| a\\|b&lt;script> |"));
    assert_null(strstr(text, "<script>"));
    assert_non_null(strstr(text, "cut short"));
    free(text);
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_table_and_the_rest_folded),
                                       cmocka_unit_test(names_are_no_markup)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
