#include "golden.h"
#include "report/commands.h"
#include "sample_run.h"

struct lines {
    char text[8][256];
    size_t count;
};

static void keep(void *context, const char *text) {
    struct lines *lines = context;
    assert_true(lines->count < 8);
    snprintf(lines->text[lines->count++], sizeof lines->text[0], "%s", text);
}

static struct lines lines_of(struct run *run) {
    struct case_view view;
    struct lines lines = {.count = 0};
    assert_int_equal(case_view_open(&view, run, "duel", NULL), 0);
    command_lines(&view, keep, &lines);
    case_view_close(&view);
    return lines;
}

/* One comparison; of commands where `command` is not empty. */
static void add_duel(struct run *run, const char *command) {
    struct comparison comparison = sample_comparison("duel", "B", 2e6, 2, 0.01);
    const int cpus[] = {0};
    sample_bind(run, cpus, 1);
    snprintf(run->measurements[run->measurement_count - 1].arms[0].command, RESULT_COMMAND, "%s", command);
    comparison.measurement = run->measurement_count - 1;
    strcpy(comparison.item, "run");
    comparison.baseline_resources.peak_rss_bytes = 64 << 20;
    comparison.candidate_resources.peak_rss_bytes = NAN;
    sample_counter(&comparison, "user-time", SOURCE_SW, 1.5e6, 7e5);
    sample_counter(&comparison, "system-time", SOURCE_SW, 4e5, 2e5);
    sample_counter(&comparison, "page-faults", SOURCE_SW, 120, 60);
    sample_counter(&comparison, "write-calls", SOURCE_SW, 0, 0);
    sample_counter(&comparison, "system-calls", SOURCE_SW, 219, 2219);
    sample_add(run, &comparison);
}

static void tells_what_the_kernel_tells(void **state) {
    (void)state;
    struct run run = {0};
    add_duel(&run, "sort");
    struct lines lines = lines_of(&run);
    assert_int_equal(lines.count, 4);
    assert_non_null(strstr(lines.text[0], "wall time: "));
    assert_non_null(
        strstr(lines.text[1], "user-time: 700 µs against 1500 µs, system-time: 200 µs against 400 µs"));
    assert_string_equal(lines.text[2], "peak resident memory: – against 64.0 MiB");
    assert_non_null(strstr(lines.text[3], "page-faults 60.0 against 120"));
    assert_non_null(strstr(lines.text[3], "system-calls 2220 against 219"));
    assert_null(strstr(lines.text[3], "write-calls")); /* neither wrote */
    run_clear(&run);
}

/* Of a benchmark's iteration, a client's request. */
static void a_time_that_the_command_tells_is_no_wall_time(void **state) {
    (void)state;
    struct run run = {0};
    add_duel(&run, "bench");
    strcpy(run.comparisons[0].item, "iteration");
    assert_non_null(strstr(lines_of(&run).text[0], "time as told: "));
    run_clear(&run);
}

static void is_silent_about_kernels(void **state) {
    (void)state;
    struct run run = {0};
    add_duel(&run, "");
    assert_int_equal(lines_of(&run).count, 0);
    run_clear(&run);
}

static void leaves_several_comparisons_to_the_table(void **state) {
    (void)state;
    struct run run = {0};
    add_duel(&run, "sort");
    add_duel(&run, "sort");
    assert_int_equal(lines_of(&run).count, 0);
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_the_kernel_tells),
        cmocka_unit_test(a_time_that_the_command_tells_is_no_wall_time),
        cmocka_unit_test(is_silent_about_kernels),
        cmocka_unit_test(leaves_several_comparisons_to_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
