#include "golden.h"

static const struct findings findings = {
    .count = 3,
    .items = {
        {FINDING_GOOD, "clock", "the time stamp counter is invariant and agrees with the kernel's clock", ""},
        {FINDING_NOTE, "smt", "one hardware thread a core", ""},
        {FINDING_WARN, "perf_event_paranoid",
         "the kernel lets only administrators count hardware events (kernel.perf_event_paranoid = 3), so "
         "that "
         "no counter of the processor can be read",
         "sysctl kernel.perf_event_paranoid=1, or run with CAP_PERFMON; in a container, allow the system "
         "call "
         "perf_event_open in its seccomp profile"}}};

static char *findings_in(const struct report_style *style) {
    struct capture capture;
    assert_int_equal(report_findings(&findings, style, capture_start(&capture)), 0);
    return capture_end(&capture);
}

static void wraps_and_marks(void **state) {
    (void)state;
    struct report_style style = {.unicode = true, .width = 80};
    char *text = findings_in(&style);
    assert_golden(text, "findings.txt");
    assert_lines_fit(text, 80);
    free(text);
}

static void writes_ascii(void **state) {
    (void)state;
    struct report_style style = {.unicode = false, .width = 60};
    char *text = findings_in(&style);
    assert_golden(text, "findings-ascii.txt");
    assert_lines_fit(text, 60);
    assert_plain_ascii(text);
    free(text);
}

static void colours_warnings(void **state) {
    (void)state;
    struct report_style style = {.color = true, .unicode = true, .width = 100};
    char *text = findings_in(&style);
    assert_non_null(strstr(text, "\033[33m! \033[0mperf_event_paranoid: "));
    assert_non_null(strstr(text, "\033[32m✓ \033[0mclock: "));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(wraps_and_marks), cmocka_unit_test(writes_ascii),
                                       cmocka_unit_test(colours_warnings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
