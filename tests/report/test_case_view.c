#include "golden.h"
#include "report/case_view.h"
#include "sample_run.h"

static void orders_by_candidate_and_axis(void **state) {
    (void)state;
    struct run run;
    struct case_view view;
    sample_open(&run);
    for (int i = 0; i < 12; i++) {
        struct comparison comparison =
            sample_comparison(i % 6 == 5 ? "other" : "case", i % 2 ? "b" : "a", 10, 2, 0.1);
        sample_number(&comparison.point, "n", 100 - i, "");
        sample_number(&comparison.point, "hit", i % 3 ? 50 : 0, "%");
        sample_number(&comparison.point, "threads", 1, "");
        sample_add(&run, &comparison);
    }
    assert_int_equal(case_view_open(&view, &run, "case", NULL), 0);
    assert_int_equal(view.count, 10);
    assert_string_equal(case_view_axis(&view)->name, "n");
    assert_int_equal(view.parameter_count, 3);
    assert_string_equal(view.parameters[0].name, "hit");
    assert_true(view.parameters[0].varies);
    assert_false(view.parameters[1].varies);
    for (size_t i = 1; i < view.count; i++) {
        const struct comparison *before = view.rows[i - 1], *row = view.rows[i];
        int order = strcmp(before->candidate, row->candidate);
        assert_true(order <= 0);
        if (order || !case_view_same_group(&view, &before->point, &row->point))
            continue;
        assert_true(before->point.values[0].value < row->point.values[0].value);
    }
    assert_int_equal(first_of_candidate(&view, view.count - 1), 6);
    case_view_close(&view);
    assert_int_equal(case_view_open(&view, &run, "case", "b"), 0);
    assert_int_equal(view.count, 4);
    case_view_close(&view);
    assert_int_equal(first_of_case(&run, 11), 5);
    run_clear(&run);
}

static void prefers_a_numeric_axis(void **state) {
    (void)state;
    static const char *const orders[] = {"sorted", "random", "reversed"};
    struct run run;
    struct case_view view;
    struct text text = {0};
    sample_open(&run);
    for (int i = 0; i < 6; i++) {
        struct comparison comparison = sample_comparison("case", "a", 10, 2, 0.1);
        sample_number(&comparison.point, "n", i % 2, "");
        sample_choice(&comparison.point, "order", i / 2, orders[i / 2]);
        sample_add(&run, &comparison);
    }
    assert_int_equal(case_view_open(&view, &run, "case", NULL), 0);
    assert_string_equal(case_view_axis(&view)->name, "n");
    case_view_point_text(&view, &view.rows[5]->point, true, &text);
    assert_string_equal(text_string(&text), "order = reversed, n = 1");
    text_clear(&text);
    case_view_point_text(&view, &view.rows[5]->point, false, &text);
    assert_string_equal(text_string(&text), "order = reversed");
    text_clear(&text);
    case_view_close(&view);
    run_clear(&run);
}

/* Points of one case may differ in what they set (a point of another set of points). */
static void tells_a_missing_parameter_as_varying(void **state) {
    (void)state;
    struct run run;
    struct case_view view;
    sample_open(&run);
    for (int i = 0; i < 2; i++) {
        struct comparison comparison = sample_comparison("case", "a", 10, 2, 0.1);
        if (i)
            sample_number(&comparison.point, "n", 4, "");
        sample_add(&run, &comparison);
    }
    assert_int_equal(case_view_open(&view, &run, "case", NULL), 0);
    assert_int_equal(view.parameter_count, 1);
    assert_true(view.parameters[0].varies);
    assert_null(point_find(&view.rows[0]->point, "n"));
    assert_non_null(point_find(&view.rows[1]->point, "n"));
    case_view_close(&view);
    assert_int_equal(case_view_open(&view, &run, "none", NULL), 0);
    assert_int_equal(view.count, 0);
    assert_null(case_view_axis(&view));
    case_view_close(&view);
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(orders_by_candidate_and_axis),
                                       cmocka_unit_test(prefers_a_numeric_axis),
                                       cmocka_unit_test(tells_a_missing_parameter_as_varying)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
