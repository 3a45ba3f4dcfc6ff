#include "report/changes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UNKNOWN                                                                                              \
    { NAN, NAN, NAN }

static struct comparison_change items[] = {{.case_name = "sums",
                                            .baseline = "plain",
                                            .candidate = "wide",
                                            .before = VERDICT_FASTER,
                                            .after = VERDICT_SLOWER,
                                            .before_speedup = {1.5, 1.4, 1.6},
                                            .after_speedup = {0.9, 0.85, 0.95},
                                            .speedup = {0.6, 0.55, 0.65},
                                            .placebo = {1.002, 0.99, 1.01},
                                            .baseline_time = {1.01, 0.9, 1.1},
                                            .candidate_time = {1.6, 1.5, 1.7},
                                            .verdict = VERDICT_SLOWER,
                                            .p_value = 1e-5},
                                           {.case_name = "a|b\033[31m",
                                            .baseline = "plain",
                                            .candidate = "odd",
                                            .before = VERDICT_INVALID,
                                            .after = VERDICT_FASTER,
                                            .before_speedup = UNKNOWN,
                                            .after_speedup = {2, 1.9, 2.1},
                                            .speedup = UNKNOWN,
                                            .placebo = UNKNOWN,
                                            .baseline_time = UNKNOWN,
                                            .candidate_time = UNKNOWN,
                                            .verdict = VERDICT_INVALID,
                                            .p_value = NAN}};
static struct difference differences[] = {
    {.what = "host.kernel", .before = "Linux 6.1", .after = "Linux 6.2", .identity = true}};
static const struct run_changes changes = {.before_id = "one",
                                           .after_id = "two",
                                           .comparisons = items,
                                           .comparison_count = 2,
                                           .differences = differences,
                                           .difference_count = 1,
                                           .before_alone = {NULL, 3},
                                           .drift_low = 0.98,
                                           .drift_median = 1.01,
                                           .drift_high = 1.05,
                                           .drift_count = 4};

static char *print(const struct run_changes *of, bool markdown) {
    const struct report_style style = {.unicode = true, .width = 200};
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_int_equal(markdown ? report_changes_markdown(of, stream) : report_changes(of, &style, stream), 0);
    fclose(stream);
    return text;
}

static void assert_says(const char *text, const char *part) {
    if (!strstr(text, part))
        fail_msg("'%s' is not in:\n%s", part, text);
}

static void all_of_it_is_said(void **state) {
    (void)state;
    char *text = print(&changes, false);
    assert_says(text, "host.kernel*: Linux 6.1 → Linux 6.2");
    assert_says(text, "not known to be one machine");
    assert_says(text, "drifted by up to 0.2 %");
    assert_says(text, "not paired");
    assert_says(text, "0.98× to 1.05×");
    assert_says(text, "shrank");
    assert_says(text, "sums wide/plain: faster → slower");
    assert_says(text, "of 2 speedups, 1 shrank, 1 cannot be compared");
    assert_says(text, "3 before, 0 after");
    assert_null(strchr(text, '\033'));
    free(text);
}

/* Nothing that is absent looks like a number, and nothing is called one machine or quiet for want of knowledge. */
static void what_is_not_known_is_said(void **state) {
    (void)state;
    struct run_changes nothing = changes;
    nothing.comparisons = items + 1;
    nothing.comparison_count = 1;
    nothing.drift_count = 0;
    char *text = print(&nothing, true);
    assert_says(text, "| a\\|b [31m odd/plain");
    assert_says(text, "| – invalid | 2.0× faster | – | none | – | – |");
    assert_says(text, "nothing tells what equal code would have shown");
    assert_says(text, "no machine code is known to be the same");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_of_it_is_said),
                                       cmocka_unit_test(what_is_not_known_is_said)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
