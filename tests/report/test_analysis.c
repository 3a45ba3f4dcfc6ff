#include "golden.h"
#include "report/analysis.h"
#include "sample_run.h"

/* A case "k" with one candidate that came out so at n = 1, 2, …. */
static void add_case(struct run *run, const char *name, const enum verdict *verdicts, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct comparison comparison =
            sample_comparison(name, "new", 100, verdicts[i] == VERDICT_SLOWER ? 0.5 : 2 + (double)i, 0.01);
        comparison.verdict = verdicts[i];
        sample_number(&comparison.point, "n", (int64_t)i + 1, "ids");
        snprintf(comparison.reason, sizeof comparison.reason, "%s",
                 verdicts[i] == VERDICT_INCONCLUSIVE ? "twice the budget would settle it" : "");
        sample_add(run, &comparison);
        run->comparisons[run->comparison_count - 1].verdict = verdicts[i];
    }
}

#define F VERDICT_FASTER
#define S VERDICT_SLOWER
#define E VERDICT_EQUIVALENT
#define O VERDICT_INCONCLUSIVE
#define X VERDICT_INVALID

static void advice_follows_from_verdicts(void **state) {
    (void)state;
    static const struct {
        enum verdict verdicts[2];
        enum advice advice;
    } expected[] = {{{F, F}, ADVICE_PROCEED}, {{F, S}, ADVICE_WHERE},  {{F, O}, ADVICE_WHERE},
                    {{F, X}, ADVICE_WHERE},   {{S, S}, ADVICE_NOT},    {{E, S}, ADVICE_NOT},
                    {{E, O}, ADVICE_MEASURE}, {{S, X}, ADVICE_MEASURE}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct run run;
        sample_open(&run);
        add_case(&run, "k", expected[i].verdicts, 2);
        assert_int_equal(advice_of(&run, "k", "new"), expected[i].advice);
        run_clear(&run);
    }
}

static char *analysis_of(const struct run *run, const struct declared *declared, size_t count) {
    struct capture capture;
    assert_int_equal(report_analysis(run, declared, count, capture_start(&capture)), 0);
    return capture_end(&capture);
}

static void options_are_ranked_and_grouped(void **state) {
    (void)state;
    static const enum verdict one[] = {VERDICT_FASTER}, two[] = {VERDICT_FASTER, VERDICT_FASTER},
                              lost[] = {VERDICT_SLOWER}, open[] = {VERDICT_INCONCLUSIVE};
    static const struct slo slo = {{{SLO_P99, 5e5, "< 500 us"}}, 1};
    static const struct declared declared[] = {
        {"small", "layout", "low", "low", "take it *out* again", "more <b>memory", NULL},
        {"large", "layout", "low", "high", "", "", &slo},
        {"deep", "layout", "high", "high", "", "", NULL}};
    struct run run;
    sample_open(&run);
    add_case(&run, "small", one, 1);
    add_case(&run, "large", two, 2);
    add_case(&run, "deep", one, 1);
    add_case(&run, "unsaid", one, 1);
    add_case(&run, "lost", lost, 1);
    add_case(&run, "open", open, 1);
    char *text = analysis_of(&run, declared, 3);
    const char *large = strstr(text, "### large: new"), *small = strstr(text, "### small: new"),
               *architectural = strstr(text, "## Architectural"), *deep = strstr(text, "### deep: new"),
               *unsaid = strstr(text, "## Effort not declared"), *leave = strstr(text, "## Leave"),
               *measure = strstr(text, "## Measure further");
    assert_true(large && small && architectural && deep && unsaid && leave && measure);
    assert_true(strstr(text, "## Quick wins") < large && large < small && small < architectural);
    assert_true(architectural < deep && deep < unsaid && unsaid < leave && leave < measure);
    assert_non_null(
        strstr(text, "4 can be taken over as they are, 0 where they win; 1 should be left, 1 have to be"));
    assert_non_null(strstr(text, "of its interval, is large: new"));
    assert_non_null(strstr(leave, "- lost: new"));
    assert_non_null(strstr(measure, "twice the budget would settle it"));
    assert_non_null(strstr(small, "more &lt;b>memory"));
    assert_non_null(strstr(small, "take it \\*out\\* again"));
    assert_non_null(strstr(unsaid, "not declared; risk: not declared"));
    assert_non_null(strstr(large, "latency-p99 &lt; 500 us; countersign load large judges"));
    assert_null(strstr(text, "nan"));
    free(text);
    run_clear(&run);
}

/* What a case declares is said of its best candidate; the others are lines. */
static void a_case_is_told_once(void **state) {
    (void)state;
    static const struct declared declared = {"k",           "layout", "low", "low", "roll it back",
                                             "more memory", NULL};
    struct run run;
    sample_open(&run);
    for (int i = 0; i < 3; i++) {
        static const char *const candidates[] = {"good", "best", "partly"};
        struct comparison comparison = sample_comparison("k", candidates[i], 0.05, i == 1 ? 9 : 3 - i, 0.01);
        sample_number(&comparison.point, "n", 7, "ids");
        sample_add(&run, &comparison);
    }
    struct comparison worse = sample_comparison("k", "partly", 100, 0.5, 0.01);
    sample_number(&worse.point, "n", 8, "ids");
    sample_add(&run, &worse);
    char *text = analysis_of(&run, &declared, 1), *after = strstr(text, "### k: best in place of base");
    assert_non_null(after);
    assert_null(strstr(after + 1, "### "));
    assert_null(strstr(strstr(text, "roll it back") + 1, "roll it back"));
    assert_non_null(strstr(after, " 20.0G → 180G items a second"));
    char *good = strstr(after, "- **or** good, 3.00× [2.97, 3.03] at n = 7; wins everywhere measured"),
         *partly = strstr(after, "- **or** partly, 1.000×");
    assert_true(good && !partly); /* which gains nothing shown */
    free(text);
    run.comparisons[2].verdict = VERDICT_FASTER;
    text = analysis_of(&run, &declared, 1);
    assert_non_null(strstr(text, "; only where it wins\n"));
    free(text);
    run_clear(&run);
}

static void doubt_is_said_first(void **state) {
    (void)state;
    struct run run;
    sample_rich(&run);
    run.digest.state = DIGEST_BROKEN;
    run.complete = false;
    char *text = analysis_of(&run, NULL, 0);
    assert_true(strstr(text, "do not act on this") < strstr(text, "## "));
    assert_non_null(strstr(text, "cut short"));
    free(text);
    run_clear(&run);
}

static void nothing_is_no_advice(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    char *text = analysis_of(&run, NULL, 0);
    assert_non_null(strstr(text, "Of 0 candidates"));
    assert_null(strstr(text, "largest gain"));
    free(text);
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advice_follows_from_verdicts), cmocka_unit_test(options_are_ranked_and_grouped),
        cmocka_unit_test(a_case_is_told_once), cmocka_unit_test(doubt_is_said_first),
        cmocka_unit_test(nothing_is_no_advice)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
