#include "golden.h"
#include "report/format.h"
#include "report/projection.h"
#include "sample_run.h"

static struct growth_fit *add_growth(struct run *run, const char *variant, enum growth_kind kind,
                                     double fixed, double step) {
    struct growth_fit growth = {.parameter = "n", .first = 8, .last = 1000, .fit = growth_unknown()};
    COPY(growth.case_name, "case");
    COPY(growth.variant, "%s", variant);
    growth.fit.points = 6;
    growth.fit.best = kind;
    growth.fit.possible[kind] = true;
    growth.fit.fixed = sample_interval(fixed, 0.1);
    growth.fit.step = sample_interval(step, 0.1);
    sample_number(&growth.point, "hit", 50, "%");
    assert_int_equal(run_add_growth(run, &growth), 0);
    return &run->growth[run->growth_count - 1];
}

static void open_sample(struct run *run, double target) {
    sample_open(run);
    struct comparison comparison = sample_comparison("case", "new", 10, 2, 0.01);
    COPY(comparison.baseline, "old");
    comparison.target = target;
    sample_add(run, &comparison);
}

static void assert_projected(const struct run *run, const char *expected) {
    struct text text = {0};
    assert_int_equal(projection_print(run, &text), *expected != '\0');
    assert_string_equal(text_string(&text), expected);
    text_clear(&text);
}

/* 1 n against 4000: 2× at 8000; the intervals, ten percent each way, make it ±22 %. */
static void where_the_curves_cross_the_target(void **state) {
    (void)state;
    struct run run;
    open_sample(&run, 2);
    add_growth(&run, "old", GROWTH_LINEAR, 0, 1);
    struct growth_fit *new = add_growth(&run, "new", GROWTH_CONSTANT, 4000, NAN);
    double low = new->fit.fixed.low, high = new->fit.fixed.high,
           least = 2 * low / run.growth[0].fit.step.high, most = 2 * high / run.growth[0].fit.step.low;
    char expected[512];
    snprintf(
        expected, sizeof expected,
        "- case: new for hit = 50 %%, by the growth that was fitted (old n, new 1) the speedup reaches the target, 2×, at "
        "n = 8000 [%s, %s]; measured up to 1000\n",
        BRIEF(least, 3), BRIEF(most, 3));
    assert_projected(&run, expected);
    run.growth[0].fit.best = GROWTH_CONSTANT; /* the same the other way round */
    run.growth[0].fit.possible[GROWTH_LINEAR] = false;
    run.growth[0].fit.possible[GROWTH_CONSTANT] = true;
    run.growth[0].fit.fixed = sample_interval(16000, 0.1);
    run.growth[1].fit.best = GROWTH_LINEAR;
    run.growth[1].fit.possible[GROWTH_CONSTANT] = false;
    run.growth[1].fit.possible[GROWTH_LINEAR] = true;
    run.growth[1].fit.fixed = sample_interval(0, 0.1);
    run.growth[1].fit.step = sample_interval(1, 0.1);
    struct text text = {0};
    assert_int_equal(projection_print(&run, &text), 1);
    assert_non_null(strstr(text_string(&text), "falls below the target, 2×, at n = 8000 "));
    text_clear(&text);
    run_clear(&run);
}

static void what_bears_no_projection(void **state) {
    (void)state;
    for (int i = 0; i < 7; i++) {
        struct run run;
        open_sample(&run, i == 0 ? 4.5 : 2); /* beyond the span */
        struct growth_fit *old = add_growth(&run, "old", GROWTH_LINEAR, 0, 1);
        struct growth_fit *new = add_growth(&run, "new", GROWTH_CONSTANT, 4000, NAN);
        old = &run.growth[0];
        if (i == 1)
            new->fit.possible[GROWTH_LOG] = true;
        if (i == 2)
            old->fit.possible[GROWTH_N_LOG_N] = true;
        if (i == 3)
            new->fit.fixed.high = NAN;
        if (i == 4)
            old->point.values[0].value = 0;
        if (i == 5)
            run.growth[0].last = run.growth[1].last = 9000; /* crossed among the measured sizes */
        if (i == 6)
            old->fit.step.low = 0; /* an end that never crosses */
        assert_projected(&run, "");
        run_clear(&run);
    }
}

static void where_scaling_ends(void **state) {
    (void)state;
    struct run run;
    open_sample(&run, 2);
    struct scaling_fit scaling = {.fit = scaling_unknown()};
    COPY(scaling.case_name, "case");
    COPY(scaling.variant, "new");
    scaling.fit.points = 4;
    scaling.fit.most_threads = 8;
    scaling.fit.coherence = (struct interval){0.01, 0.005, 0.02};
    scaling.fit.peak = (struct interval){12, 9, 17};
    assert_int_equal(run_add_scaling(&run, &scaling), 0);
    assert_projected(
        &run, "- case: new, by the universal scalability law that was fitted scaling ends at 12 threads [9, "
              "17]; measured up to 8\n");
    run.scaling[0].fit.points = 3; /* they fit exactly */
    assert_projected(&run, "");
    run.scaling[0].fit.points = 4;
    run.scaling[0].fit.coherence.low = -0.001;
    assert_projected(&run, "");
    run.scaling[0].fit.coherence.low = 0.005;
    run.scaling[0].fit.peak.high = NAN;
    assert_projected(&run, "");
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(where_the_curves_cross_the_target),
                                       cmocka_unit_test(what_bears_no_projection),
                                       cmocka_unit_test(where_scaling_ends)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
