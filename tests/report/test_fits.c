#include "golden.h"
#include "report/fits.h"
#include "sample_run.h"

static void add_growth(struct run *run, const char *variant, int64_t hit, const char *predicted) {
    struct growth_fit growth = {.parameter = "n", .first = 8, .last = 64, .fit = growth_unknown()};
    COPY(growth.case_name, "case");
    COPY(growth.variant, "%s", variant);
    COPY(growth.text, "words about %s", variant);
    COPY(growth.predicted, "%s", predicted);
    growth.outcome = *predicted ? MECHANISM_UNEXPLAINED : MECHANISM_NONE;
    growth.fit.points = 5;
    growth.fit.best = GROWTH_LINEAR;
    growth.fit.misfit[GROWTH_LINEAR] = 0.02;
    growth.fit.misfit[GROWTH_N_LOG_N] = 0.04;
    growth.fit.possible[GROWTH_LINEAR] = growth.fit.possible[GROWTH_N_LOG_N] = true;
    growth.fit.fixed = sample_interval(10, 0.5);
    growth.fit.step = sample_interval(2, 0.25);
    sample_number(&growth.point, "hit", hit, "%");
    assert_int_equal(run_add_growth(run, &growth), 0);
}

/* Candidates hash and tree, n = 8 and 16, hit = 0 and 50. */
static void open_sample(struct run *run) {
    sample_open(run);
    for (int i = 0; i < 8; i++) {
        struct comparison comparison = sample_comparison("case", i < 4 ? "hash" : "tree", 10, 2, 0.01);
        sample_number(&comparison.point, "n", i % 2 ? 16 : 8, "");
        sample_number(&comparison.point, "hit", i / 2 % 2 ? 50 : 0, "%");
        sample_add(run, &comparison);
    }
    struct scaling_fit scaling = {.fit = scaling_unknown()};
    COPY(scaling.case_name, "case");
    COPY(scaling.variant, "hash");
    scaling.fit.points = 3;
    COPY(scaling.text, "Amdahl and so on");
    assert_int_equal(run_add_scaling(run, &scaling), 0);
}

static void assert_printed(const struct run *run, const char *candidate,
                           void (*print)(const struct case_view *, struct text *), const char *expected) {
    struct case_view view;
    struct text text = {0};
    assert_int_equal(case_view_open(&view, run, "case", candidate), 0);
    print(&view, &text);
    assert_string_equal(text_string(&text), expected);
    text_clear(&text);
    case_view_close(&view);
}

static void the_baseline_is_told_with_the_first_candidate(void **state) {
    (void)state;
    struct run run;
    open_sample(&run);
    assert_printed(&run, "hash", growth_print, "");
    add_growth(&run, "base", 0, "");
    add_growth(&run, "hash", 0, "n²");
    add_growth(&run, "tree", 50, "");
    add_growth(&run, "tree", 51, ""); /* of no kind */
    run.growth[3].fit.possible[GROWTH_LINEAR] = run.growth[3].fit.possible[GROWTH_N_LOG_N] = false;
    assert_printed(
        &run, "hash", growth_print,
        "growth of the time per item: base for hit = 0 %, words about base. hash for hit = 0 %, words "
        "about hash; predicted n²: refuted");
    assert_printed(&run, "tree", growth_print,
                   "growth of the time per item: tree for hit = 50 %, words about tree");
    assert_printed(&run, "hash", scaling_print, "scaling with threads: hash, Amdahl and so on");
    assert_printed(&run, "tree", scaling_print, "");
    run.scaling[0].fit.points = 2;
    assert_printed(
        &run, "hash", scaling_print,
        "scaling with threads: 2 numbers of threads fit any law, so they cannot tell; from 3 on one is told");
    run_clear(&run);
}

static void many_combinations_are_told_by_their_kinds(void **state) {
    (void)state;
    struct run run;
    open_sample(&run);
    for (int i = 0; i < 5; i++)
        add_growth(&run, "tree", i, "");
    assert_printed(
        &run, "tree", growth_print,
        "growth of the time per item: tree for hit = 0 %, n or n log n. tree for hit = 1 %, n or n log n. "
        "tree for hit = 2 %, n or n log n. tree for hit = 3 %, n or n log n. tree for hit = 4 %, n or n "
        "log n");
    run_clear(&run);
}

/* Of both variants, at the comparison's other parameters alone. */
static void details_tell_the_intervals(void **state) {
    (void)state;
    struct run run;
    struct notes notes = {0};
    open_sample(&run);
    add_growth(&run, "hash", 0, "");
    add_growth(&run, "hash", 50, "");
    add_growth(&run, "tree", 0, "");
    lines_fits(&notes, &run, &run.comparisons[0]);
    assert_int_equal(notes.count, 2);
    assert_string_equal(notes.items[0].label, "growth");
    assert_string_equal(
        text_string(&notes.items[0].text),
        "hash, n = 8 to 64: words about hash; fixed part 5 to 15 ns; step 1.5 to 2.5 ns; off by n 2 "
        "%, n log n 4 %");
    assert_string_equal(text_string(&notes.items[1].text), "hash: Amdahl and so on");
    notes_close(&notes);
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_baseline_is_told_with_the_first_candidate),
        cmocka_unit_test(many_combinations_are_told_by_their_kinds),
        cmocka_unit_test(details_tell_the_intervals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
