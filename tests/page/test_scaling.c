#include "page/scaling.h"

#include "../report/sample_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define CONTENTION 0.05
#define COHERENCE 0.004

/* The universal scalability law without it is Amdahl's. */
static double coherence = COHERENCE;

static const int64_t numbers[] = {1, 2, 4, 8, 12, 16};
#define NUMBERS (sizeof numbers / sizeof *numbers)

static size_t count(const char *text, const char *piece) {
    size_t found = 0;
    for (; (text = strstr(text, piece)); text += strlen(piece))
        found++;
    return found;
}

/* ns of the same work by the universal scalability law, `error` up and down in turns. */
static double time_by_law(int64_t threads, size_t turn, double error) {
    double p = (double)threads;
    double time = 1000 * (1 + CONTENTION * (p - 1) + coherence * p * (p - 1)) / p;
    return time * (1 + (turn % 2 ? error : -error));
}

/* A serial baseline and a parallel candidate at the first numbers of threads, fitted as the program does. */
static void open_run(struct run *run, size_t points, double error) {
    struct scaling_point fitted[NUMBERS];
    struct scaling_fit scaling = {.case_name = "sum", .variant = "team"};
    sample_open(run);
    sample_number(&scaling.point, "n", 1000, "");
    for (size_t i = 0; i < points; i++) {
        double time = time_by_law(numbers[i], i, error);
        struct comparison comparison = sample_comparison("sum", "team", 1000, 1000 / time, 0.01);
        comparison.replicates = 8;
        sample_number(&comparison.point, "n", 1000, "");
        sample_number(&comparison.point, "threads", numbers[i], "");
        sample_add(run, &comparison);
        fitted[i] = (struct scaling_point){(double)numbers[i], time};
    }
    assert_int_equal(scaling_fit(fitted, points, 0.95, &scaling.fit), 0);
    assert_int_equal(run_add_scaling(run, &scaling), 0);
}

static char *charts_of(const struct run *run) {
    struct case_view view;
    struct text out = {0};
    assert_int_equal(case_view_open(&view, run, "sum", NULL), 0);
    assert_int_equal(scaling_charts(&view, &out), 0);
    char *text = strdup(text_string(&out));
    assert_non_null(text);
    case_view_close(&view);
    text_clear(&out);
    return text;
}

/* Place of the k-th element that starts so, with `format` for its two numbers behind. */
static void place_of(const char *text, const char *start, size_t k, const char *format, double *x,
                     double *y) {
    for (size_t i = 0; i <= k; i++) {
        text = strstr(text, start);
        assert_non_null(text);
        text += strlen(start);
    }
    assert_int_equal(sscanf(text, format, x, y), 2);
}

/* Where the axis has a value, of the places of two of its labels. */
static double on_axis(double at_first, double at_second, double first, double second, double value) {
    return at_first + (at_second - at_first) * (value - first) / (second - first);
}

static double axis_place(const char *text, const char *label) {
    const char *end = strstr(text, label);
    double place = NAN;
    assert_non_null(end);
    while (strncmp(end, "<text ", 6) != 0)
        end--;
    assert_int_equal(sscanf(end, "<text %*[xy]=\"%lf\"", &place), 1);
    return place;
}

/* Points lie where the law that made them has them, and the fitted curve goes through them. */
static void points_lie_on_the_curve(void **state) {
    (void)state;
    struct run run;
    double x5, x10, y0, y2, y4, none;
    open_run(&run, NUMBERS, 1e-5);
    char *text = charts_of(&run);
    assert_int_equal(count(text, "<circle "), NUMBERS);
    assert_int_equal(count(text, "<path class=\"i\""), NUMBERS);
    x5 = axis_place(text, ">5</text>");
    x10 = axis_place(text, ">10</text>");
    y2 = axis_place(text, ">2×</text>");
    y4 = axis_place(text, ">4×</text>");
    for (size_t i = 0; i < NUMBERS; i++) {
        double x, y, speedup = 1000 / time_by_law(numbers[i], i, 1e-5);
        place_of(text, "<circle class=\"k\" ", i, "cx=\"%lf\" cy=\"%lf\"", &x, &y);
        assert_true(fabs(x - on_axis(x5, x10, 5, 10, (double)numbers[i])) < 0.3);
        assert_true(fabs(y - on_axis(y2, y4, 2, 4, speedup)) < 0.6);
    }
    place_of(text, "<path class=\"fit s1\" d=\"M", 0, "%lf %lf", &none, &y0);
    assert_true(fabs(none - on_axis(x5, x10, 5, 10, 1)) < 0.3);
    assert_true(fabs(y0 - on_axis(y2, y4, 2, 4, 1)) < 0.6);
    assert_int_equal(count(text, "<path class=\"amdahl s1\""), 1);
    free(text);
    run_clear(&run);
}

/* sqrt((1 - contention) / coherence) = 15.4. */
static void the_peak_is_marked(void **state) {
    (void)state;
    struct run run;
    double x5, x10, x, y;
    open_run(&run, NUMBERS, 1e-3);
    char *text = charts_of(&run);
    x5 = axis_place(text, ">5</text>");
    x10 = axis_place(text, ">10</text>");
    place_of(text, "<path class=\"peak s1\" d=\"M", 0, "%lf %lf", &x, &y);
    assert_true(fabs(x - on_axis(x5, x10, 5, 10, sqrt((1 - CONTENTION) / COHERENCE))) < 3);
    assert_int_equal(count(text, "<rect class=\"turn s1\""), 1);
    assert_int_equal(count(text, "team: peak at 15.4 threads ["), 2); /* and for those who do not see it */
    assert_int_equal(count(text, "cannot tell"), 0);
    free(text);
    run_clear(&run);
}

static void what_cannot_be_told_is_said(void **state) {
    (void)state;
    struct run run;
    open_run(&run, NUMBERS, 0.2); /* too far off for a coherence */
    assert_false(run.scaling[0].fit.coherence.low > 0);
    char *text = charts_of(&run);
    assert_int_equal(count(text, "<path class=\"peak"), 0);
    assert_int_equal(count(text, "team: where more threads cease to help these data cannot tell"), 2);
    free(text);
    run_clear(&run);
    open_run(&run, 3, 0); /* fits exactly, whatever it is */
    text = charts_of(&run);
    assert_int_equal(count(text, "<circle "), 3);
    assert_int_equal(count(text, "cannot tell"), 2);
    assert_null(strstr(text, "nan"));
    free(text);
    run_clear(&run);
}

static void too_few_are_not_drawn(void **state) {
    (void)state;
    struct run run;
    open_run(&run, 2, 0);
    assert_int_equal(run.scaling[0].fit.points, 2);
    char *text = charts_of(&run);
    assert_string_equal(text, "");
    free(text);
    run_clear(&run);
}

/* One path's data. */
static char *path_of(const char *text, const char *start) {
    const char *path = strstr(text, start);
    assert_non_null(path);
    path += strlen(start);
    char *data = strndup(path, strcspn(path, "\""));
    assert_non_null(data);
    return data;
}

static void laws_that_agree_are_one_line(void **state) {
    (void)state;
    struct run run;
    coherence = 0;
    open_run(&run, NUMBERS, 0);
    coherence = COHERENCE;
    char *text = charts_of(&run);
    char *amdahl = path_of(text, "<path class=\"amdahl s1\" d=\""),
         *usl = path_of(text, "<path class=\"fit s1\" d=\"");
    assert_string_equal(amdahl, usl);
    free(amdahl);
    free(usl);
    free(text);
    run_clear(&run);
}

/* Of a number of threads that was measured twice, what the fit took. */
static void the_better_measured_is_drawn(void **state) {
    (void)state;
    struct run run;
    open_run(&run, NUMBERS, 1e-3);
    char *before = charts_of(&run);
    struct comparison comparison = sample_comparison("sum", "team", 1000, 100, 0.01);
    comparison.replicates = 4;
    sample_number(&comparison.point, "n", 1000, "");
    sample_number(&comparison.point, "threads", 4, "");
    sample_add(&run, &comparison);
    char *after = charts_of(&run);
    assert_string_equal(after, before);
    run.comparisons[run.comparison_count - 1].replicates = 16;
    free(after);
    after = charts_of(&run);
    assert_string_not_equal(after, before);
    free(before);
    free(after);
    run_clear(&run);
}

/* A chart for each size, with the points of that size alone. */
static void sizes_are_kept_apart(void **state) {
    (void)state;
    struct run run;
    open_run(&run, NUMBERS, 1e-3);
    for (size_t i = 0; i < NUMBERS; i++) {
        struct comparison comparison = sample_comparison("sum", "team", 1000, 1, 0.01);
        sample_number(&comparison.point, "n", 5, "");
        sample_number(&comparison.point, "threads", numbers[i], "");
        sample_add(&run, &comparison);
    }
    struct scaling_fit other = run.scaling[0];
    other.point.values[0].value = 5;
    assert_int_equal(run_add_scaling(&run, &other), 0);
    char *text = charts_of(&run);
    assert_int_equal(count(text, "<figure>"), 2);
    assert_int_equal(count(text, "<circle "), 2 * NUMBERS);
    free(text);
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_lie_on_the_curve),      cmocka_unit_test(the_peak_is_marked),
        cmocka_unit_test(what_cannot_be_told_is_said),  cmocka_unit_test(too_few_are_not_drawn),
        cmocka_unit_test(laws_that_agree_are_one_line), cmocka_unit_test(the_better_measured_is_drawn),
        cmocka_unit_test(sizes_are_kept_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
