#include "report/profile.h"

#include "golden.h"

#include <errno.h>
#include <math.h>

static struct profile_variant variants[3];

static struct profile_place place(const char *function, const char *file, unsigned line, double share,
                                  const char *source) {
    struct profile_place made = {.line = line,
                                 .share = share,
                                 .instructions = 10 * share,
                                 .l1d_misses = share,
                                 .branch_misses = 0,
                                 .llc_misses = 0};
    snprintf(made.function, sizeof made.function, "%s", function);
    snprintf(made.file, sizeof made.file, "%s", file);
    snprintf(made.source, sizeof made.source, "%s", source);
    return made;
}

/* A simulated baseline, a sampled candidate of which misses are not known, and one that crashed. */
static struct profile made_profile(void) {
    struct profile profile = {.case_name = "made-case",
                              .title = "One against another",
                              .kernel = "made",
                              .item = "lookup",
                              .items = 1024,
                              .scaled = true,
                              .caches = "D1 48 KiB 12-way, LL 32 MiB 16-way, 64 B lines",
                              .variants = variants,
                              .variant_count = 3,
                              .point = {.values = {{.name = "n", .value = 65536}}, .count = 1}};
    memset(variants, 0, sizeof variants);
    variants[0] = (struct profile_variant){
        .variant = "linear",
        .baseline = true,
        .source = SOURCE_SIM,
        .tool = "valgrind-3.19.0",
        .functions = {place("run_linear", "/src/kernels/made/linear.c", 0, 0.99, "")},
        .function_count = 1,
        .lines = {place("run_linear", "/src/kernels/made/linear.c", 7, 0.8,
                        "for (size_t i = 0; i < n | i < some_other_quite_long_name_of_a_bound; i++) add(i);"),
                  place("run_linear", "/src/kernels/made/made.h", 12, 0.19, "return a × b;")},
        .line_count = 2,
        .evidence =
            {.time_ns = 25, .user_ns = 25, .user = 1, .threads = 1, .instructions = {100, SOURCE_SIM}},
        .judgement = {.bound = BOUND_MEMORY,
                      .shares = {100, 0.25, 0.1, 0, 0.4, 3},
                      .text = "its cache misses suffice for what nothing else explains (65 %)"}};
    variants[1] = (struct profile_variant){.variant = "team",
                                           .source = SOURCE_SW,
                                           .tool = "perf 6.1: cpu-clock",
                                           .samples = 500,
                                           .functions = {place("(libgomp.so.1)", "???", 0, 0.92, "")},
                                           .function_count = 1,
                                           .lines = {place("team", "/src/kernels/made/team.c", 3, 0.08, "")},
                                           .line_count = 1,
                                           .evidence = {.time_ns = 1500,
                                                        .user = 0.4,
                                                        .system = 0.1,
                                                        .waiting = 0.5,
                                                        .threads = 2,
                                                        .instructions = {NAN, SOURCE_NONE}},
                                           .judgement = {.bound = BOUND_NOT_CLEAR,
                                                         .shares = {NAN, NAN, NAN, NAN, NAN, NAN},
                                                         .text = "it computes for 40 % of the time"}};
    variants[2] = (struct profile_variant){.variant = "crash", .invalid = "crashed with SIGSEGV"};
    return profile;
}

static void check(const struct report_style *style, const char *golden) {
    struct profile profile = made_profile();
    struct capture capture;
    FILE *stream = capture_start(&capture);
    assert_int_equal(
        style ? report_profile(&profile, style, stream) : report_profile_markdown(&profile, stream), 0);
    char *text = capture_end(&capture);
    assert_golden(text, golden);
    if (style)
        assert_lines_fit(text, style->width);
    if (style && !style->unicode)
        assert_plain_ascii(text);
    free(text);
}

static void for_the_terminal(void **state) {
    (void)state;
    struct report_style style = {.unicode = true, .width = 100};
    check(&style, "profile.txt");
}

static void in_ascii_on_a_narrow_terminal(void **state) {
    (void)state;
    struct report_style style = {.width = 80};
    check(&style, "profile-ascii.txt");
}

static void on_the_narrowest_terminal(void **state) {
    (void)state;
    struct report_style style = {.unicode = true, .width = 60};
    check(&style, "profile-narrow.txt");
}

static void as_markdown(void **state) {
    (void)state;
    check(NULL, "profile.md.txt");
}

static void of_a_command(void **state) {
    (void)state;
    struct profile profile = made_profile();
    struct report_style style = {.unicode = true, .width = 100};
    struct capture capture;
    profile.case_name[0] = profile.title[0] = '\0';
    profile.point.count = 0;
    profile.scaled = false;
    profile.items = 1;
    profile.variant_count = 1;
    variants[0].baseline = false;
    variants[0].line_count = 0;
    snprintf(profile.item, sizeof profile.item, "run");
    snprintf(profile.command, sizeof profile.command, "./linear 'two words'");
    snprintf(profile.module, sizeof profile.module, "./linear");
    profile_note(&variants[0], "%d processes, all of them timed and simulated: %s", 2, "linear, sh");
    FILE *stream = capture_start(&capture);
    assert_int_equal(report_profile(&profile, &style, stream), 0);
    char *text = capture_end(&capture);
    assert_golden(text, "profile-command.txt");
    free(text);
}

static void write_errors_are_told(void **state) {
    (void)state;
    struct report_style style = {.unicode = true, .width = 100};
    struct profile profile = made_profile();
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_int_equal(report_profile(&profile, &style, full), -ENOSPC);
    fclose(full);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(for_the_terminal),          cmocka_unit_test(in_ascii_on_a_narrow_terminal),
        cmocka_unit_test(on_the_narrowest_terminal), cmocka_unit_test(as_markdown),
        cmocka_unit_test(write_errors_are_told),     cmocka_unit_test(of_a_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
