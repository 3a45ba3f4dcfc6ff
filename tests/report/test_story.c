#include "golden.h"
#include "report/story.h"
#include "sample_run.h"

static void assert_story(const struct comparison *comparison, size_t count, const char *expected) {
    struct story story;
    struct text text = {0};
    story_choose(comparison, &story);
    story_print(&story, count, true, &text);
    assert_string_equal(text_string(&text), expected);
    text_clear(&text);
}

static void tells_what_moved_most(void **state) {
    (void)state;
    struct comparison comparison = sample_comparison("case", "candidate", 100, 4, 0.001);
    sample_counter(&comparison, "instructions", SOURCE_HW, 100, 50);
    sample_counter(&comparison, "branch-misses", SOURCE_HW, 10, 0.5);
    sample_counter(&comparison, "cycles", SOURCE_CLOCK, 300, 75);
    sample_counter(&comparison, "task-clock", SOURCE_SW, 100, 25);
    assert_story(&comparison, 1, "branch-misses 0.0500× hw");
    assert_story(&comparison, 2, "branch-misses 0.0500× hw, instructions 0.500× hw");
    comparison_clear(&comparison);
}

/* Cycles are told where they contradict the time: the clock changed. */
static void tells_cycles_only_against_time(void **state) {
    (void)state;
    struct comparison comparison = sample_comparison("case", "candidate", 100, 2, 0.001);
    struct counter_result *cycles = sample_counter(&comparison, "cycles", SOURCE_HW, 300, 150);
    assert_story(&comparison, 2, "–");
    cycles->ratio = sample_interval(0.8, 0.001);
    cycles->trust = TRUST_DEGRADED;
    assert_story(&comparison, 2, "cycles ≈0.800× hw");
    cycles->source = SOURCE_CLOCK;
    assert_story(&comparison, 2, "–");
    comparison_clear(&comparison);
}

static void passes_over_what_means_nothing(void **state) {
    (void)state;
    struct comparison comparison = sample_comparison("case", "candidate", 100, 4, 0.001);
    sample_counter(&comparison, "llc-misses", SOURCE_HW, 50, 1)->trust = TRUST_UNTRUSTED;
    sample_absent(&comparison, "branches", "no PMU");
    sample_counter(&comparison, "context-switches", SOURCE_SW, 0, 1e-6);
    assert_story(&comparison, 2, "–");
    /* ten times the faults, but one in a million items */
    sample_counter(&comparison, "page-faults", SOURCE_SW, 1e-7, 1e-6);
    assert_story(&comparison, 2, "–");
    /* an interval that holds 1 */
    sample_counter(&comparison, "read-calls", SOURCE_SW, 1, 0.5)->ratio = (struct interval){0.5, 0.2, 1.1};
    assert_story(&comparison, 2, "none moved");
    sample_counter(&comparison, "write-calls", SOURCE_SW, 1, 0.5);
    assert_story(&comparison, 2, "write-calls 0.500× sw");
    comparison_clear(&comparison);
}

static void tells_what_only_one_of_them_has(void **state) {
    (void)state;
    struct comparison comparison = sample_comparison("case", "candidate", 100, 4, 0.001);
    sample_counter(&comparison, "read-calls", SOURCE_SW, 1, 0);
    assert_story(&comparison, 2, "read-calls 0× sw");
    sample_counter(&comparison, "page-faults", SOURCE_SW, 0, 0.0156);
    assert_story(&comparison, 2, "read-calls 0× sw"); /* faults alone would have made it slower */
    comparison_clear(&comparison);
    comparison = sample_comparison("case", "candidate", 100, 0.5, 0.001);
    sample_counter(&comparison, "page-faults", SOURCE_SW, 0, 0.15);
    assert_story(&comparison, 2, "page-faults 0 to 0.150 sw");
    comparison_clear(&comparison);
}

static void tells_unmoved_instructions_if_nothing_else(void **state) {
    (void)state;
    struct comparison comparison = sample_comparison("case", "candidate", 100, 1, 0.001);
    sample_counter(&comparison, "instructions", SOURCE_SIM, 100, 100);
    assert_story(&comparison, 2, "instructions 1.00× sim");
    comparison_clear(&comparison);
}

/* What the case predicts comes first, even where it did not move. */
static void tells_what_was_predicted_first(void **state) {
    (void)state;
    struct comparison comparison = sample_comparison("case", "candidate", 100, 4, 0.001);
    sample_simulated(&comparison, "instructions", 100, 1);
    sample_simulated(&comparison, "l1d-misses", 1, 1)->predicted = true;
    assert_story(&comparison, 2, "l1d-misses 1.00× sim, instructions 0.0100× sim");
    sample_simulated(&comparison, "branches", 10, 9)->predicted = true;
    assert_story(&comparison, 2, "branches 0.900× sim, l1d-misses 1.00× sim");
    /* predicted, but nobody could tell */
    comparison.counters[1].trust = TRUST_UNTRUSTED;
    assert_story(&comparison, 2, "branches 0.900× sim, instructions 0.0100× sim");
    comparison_clear(&comparison);
}

static void prefers_the_count_to_the_simulation(void **state) {
    (void)state;
    struct comparison comparison = sample_comparison("case", "candidate", 10, 4, 0.001);
    struct counter_result *counted = sample_counter(&comparison, "branches", SOURCE_HW, 10, 5);
    sample_simulated(&comparison, "branches", 10, 1);
    assert_story(&comparison, 2, "branches 0.500× hw");
    counted = &comparison.counters[0];
    counted->trust = TRUST_UNTRUSTED;
    assert_story(&comparison, 2, "branches 0.100× sim");
    /* a kernel's own counter of that name is another thing */
    counted->trust = TRUST_TRUSTED;
    counted->source = SOURCE_APP;
    assert_story(&comparison, 2, "branches 0.100× sim, branches 0.500× app");
    comparison_clear(&comparison);
}

static void marks_a_smaller_point(void **state) {
    (void)state;
    struct comparison comparison = sample_comparison("case", "candidate", 10, 4, 0.001);
    struct story story;
    struct text text = {0};
    sample_simulated(&comparison, "branches", 10, 5)->trust = TRUST_DEGRADED;
    sample_counter(&comparison, "read-calls", SOURCE_SW, 1, 0.9);
    story_choose(&comparison, &story);
    story.scaled = true;
    story_print(&story, 2, true, &text);
    assert_string_equal(text_string(&text), "read-calls 0.900× sw, branches 0.500×† sim");
    text_clear(&text);
    comparison_clear(&comparison);
}

/* As many instructions in less time: the rate says so. A change that would be shown as 1.00 is none. */
static void tells_the_rate_beside_unmoved_instructions(void **state) {
    (void)state;
    struct comparison comparison = sample_comparison("case", "candidate", 100, 3, 0.001);
    sample_simulated(&comparison, "instructions", 1000, 1001);
    sample_estimated_ipc(&comparison, 1, 3);
    assert_story(&comparison, 2, "instructions 1.00× sim, ipc ≈3.00× sim");
    comparison.counters[1].ratio = sample_interval(1.1, 0.001);
    assert_story(&comparison, 2, "instructions 1.00× sim");
    sample_simulated(&comparison, "branch-misses", 10, 1);
    assert_story(&comparison, 2, "branch-misses 0.100× sim");
    comparison_clear(&comparison);
}

/* Loop tiling: mispredictions 132 times as many are no reason for a win. */
static void tells_what_went_the_way_of_the_time(void **state) {
    (void)state;
    struct comparison comparison = sample_comparison("case", "candidate", 4, 2, 0.001);
    sample_simulated(&comparison, "instructions", 4, 4.4);
    sample_simulated(&comparison, "branch-misses", 0.001, 0.132);
    sample_simulated(&comparison, "l1d-misses", 1, 0.215);
    assert_story(&comparison, 2, "l1d-misses 0.215× sim");
    comparison.verdict = VERDICT_EQUIVALENT; /* there is nothing to account for */
    assert_story(&comparison, 2, "branch-misses 132× sim, l1d-misses 0.215× sim");
    comparison_clear(&comparison);
}

/* A saved millisecond is not explained by ten instructions, nor by more of everything. */
static void tells_nothing_where_nothing_accounts_for_the_time(void **state) {
    (void)state;
    struct comparison comparison = sample_comparison("case", "candidate", 1000, 2, 0.001);
    sample_simulated(&comparison, "branches", 100, 20);
    sample_simulated(&comparison, "l1d-misses", 10, 40);
    assert_story(&comparison, 2, "none explains it");
    sample_estimated_ipc(&comparison, 1, 3);
    sample_simulated(&comparison, "instructions", 1000, 1200);
    assert_story(&comparison, 2, "instructions 1.20× sim, ipc ≈3.00× sim");
    comparison_clear(&comparison);
}

static void tells_parts_of_the_time_before_none_moved(void **state) {
    (void)state;
    struct comparison comparison = sample_comparison("case", "candidate", 1e6, 2.7, 0.001);
    sample_counter(&comparison, "page-faults", SOURCE_SW, 100, 100);
    sample_counter(&comparison, "system-time", SOURCE_SW, 2e5, 1.9e5);
    sample_counter(&comparison, "user-time", SOURCE_SW, 8e5, 3e5);
    assert_story(&comparison, 2, "user-time 0.375× sw");
    comparison.counters[1].ratio = comparison.counters[2].ratio = (struct interval){0.9, 0.7, 1.2};
    assert_story(&comparison, 2, "none moved");
    comparison_clear(&comparison);
}

static void tells_own_counters_of_a_kernel(void **state) {
    (void)state;
    struct comparison comparison = sample_comparison("case", "candidate", 1e6, 4, 0.001);
    sample_counter(&comparison, "cycles", SOURCE_APP, 4, 1);
    assert_story(&comparison, 2, "cycles 0.250× app");
    comparison.verdict = VERDICT_INVALID;
    assert_story(&comparison, 2, "–");
    comparison_clear(&comparison);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_moved_most),
        cmocka_unit_test(tells_cycles_only_against_time),
        cmocka_unit_test(passes_over_what_means_nothing),
        cmocka_unit_test(tells_what_only_one_of_them_has),
        cmocka_unit_test(tells_unmoved_instructions_if_nothing_else),
        cmocka_unit_test(tells_what_was_predicted_first),
        cmocka_unit_test(prefers_the_count_to_the_simulation),
        cmocka_unit_test(marks_a_smaller_point),
        cmocka_unit_test(tells_the_rate_beside_unmoved_instructions),
        cmocka_unit_test(tells_what_went_the_way_of_the_time),
        cmocka_unit_test(tells_nothing_where_nothing_accounts_for_the_time),
        cmocka_unit_test(tells_parts_of_the_time_before_none_moved),
        cmocka_unit_test(tells_own_counters_of_a_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
