#include "conclude/bound.h"
#include "profile/profile.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DEMO TEST_DATA "/callgrind/demo.callgrind"
#define SAMPLES                                                                                              \
    30 /* of script.txt, counted with uniq -c, and those of its function and of its hottest line */
#define SPIN 30
#define LINE_7 23

static struct callgrind_profile profile;
static struct profile_variant variant;
static double nameless;

static void choose(const char *path, double items, double miss_cycles, const char *own) {
    struct problem problem = {""};
    memset(&variant, 0, sizeof variant);
    if (callgrind_file_load(&profile, path, 1, &problem))
        fail_msg("%s", problem.text);
    struct profile_costs costs = {
        .profiles = &profile, .profile_count = 1, .own = own, .items = items, .miss_cycles = miss_cycles};
    assert_int_equal(profile_places_of_costs(&costs, &variant, &nameless), 0);
    callgrind_profile_clear(&profile);
}

static double cycles(double instructions, double mispredictions, double l1i, double l1d, double miss) {
    return instructions / BOUND_WIDTH + BOUND_MISPREDICTION * mispredictions + BOUND_LINE_FROM_L2 * l1i +
           miss * l1d;
}

/* The sort and its recursion are one function; numbers of callgrind_annotate on the same file. */
static void functions_come_by_estimated_cycles(void **state) {
    (void)state;
    choose(DEMO, 3000, 20, "");
    double total = cycles(1033713, 12910 + 8, 79, 16 + 188, 20);
    double sort = cycles(634738, 10908 + 2, 9, 92, 20) + cycles(49544, 967, 2, 93, 20);
    assert_string_equal(variant.functions[0].function, "msort_with_tmp.part.0");
    assert_float_equal(variant.functions[0].share, sort / total, 1e-9);
    assert_float_equal(variant.functions[0].instructions, (634738 + 49544) / 3000.0, 1e-9);
    assert_float_equal(variant.functions[0].branch_misses, (10908 + 2 + 967) / 3000.0, 1e-9);
    assert_string_equal(variant.functions[1].function, "order");
    assert_string_equal(variant.functions[1].file, "/src/demo.c");
    for (size_t i = 1; i < variant.function_count; i++)
        assert_true(variant.functions[i].share <= variant.functions[i - 1].share);
    for (size_t i = 1; i < variant.line_count; i++)
        assert_true(variant.lines[i].share <= variant.lines[i - 1].share && variant.lines[i].line > 0);
}

static void what_only_calls_is_left_out(void **state) {
    (void)state;
    choose(DEMO, 3000, 20, "/src/demo");
    for (size_t i = 0; i < variant.function_count; i++)
        assert_string_not_equal(variant.functions[i].function, "order");
    for (size_t i = 0; i < variant.line_count; i++)
        assert_string_not_equal(variant.lines[i].function, "order");
    assert_true(variant.function_count > 0);
}

/* Writes a file of a few lines, and a profile of it. */
static void source_of_the_line_is_read(void **state) {
    (void)state;
    char source[] = "/tmp/countersign-source-XXXXXX", costs[] = "/tmp/countersign-costs-XXXXXX";
    FILE *file = fdopen(mkstemp(source), "w");
    for (int i = 0; i < 3000; i++)
        fputc('x', file); /* longer than any buffer */
    fputs("\n\n   for (;;)\t \r\nlast", file);
    fclose(file);
    file = fdopen(mkstemp(costs), "w");
    fprintf(file,
            "events: Ir\nfl=(1) %s\nfn=(1) loop\n3 1000\n4 500\n9 300\nfi=(2) /none/at/all.c\n3 200\n"
            "totals: 2000\n",
            source);
    fclose(file);
    choose(costs, 1, 20, "");
    unlink(source);
    unlink(costs);
    assert_int_equal(variant.line_count, 4);
    assert_string_equal(variant.lines[0].source, "for (;;)");
    assert_float_equal(variant.lines[0].share, 0.5, 1e-9);
    assert_string_equal(variant.lines[1].source, "last");
    assert_string_equal(variant.lines[2].source, "");
    assert_string_equal(variant.lines[3].source, "");
    assert_true(isnan(variant.lines[0].l1d_misses)); /* not simulated is not 0 */
    assert_int_equal(variant.function_count, 1);
}

static void write_costs(char *path, const char *text) {
    FILE *file = fdopen(mkstemp(path), "w");
    fprintf(file, "events: Ir\n%s", text);
    fclose(file);
}

/* Of two processes; one program has no symbols, so that its blocks are one place. */
static void processes_are_added_up(void **state) {
    (void)state;
    char first[] = "/tmp/countersign-costs-XXXXXX", second[] = "/tmp/countersign-costs-XXXXXX";
    struct callgrind_profile both[2];
    struct problem problem = {""};
    write_costs(first, "ob=/bin/bare\nfl=???\nfn=0x0000000000001000\n0 300\nfn=0x0000000000002000\n0 100\n"
                       "ob=/lib/c.so\nfn=???\n0 50\nfl=/src/c.c\nfn=copy\n7 150\ntotals: 600\n");
    write_costs(second, "ob=/lib/c.so\nfl=/src/c.c\nfn=copy\n7 350\n8 50\ntotals: 400\n");
    assert_int_equal(callgrind_file_load(&both[0], first, 1, &problem), 0);
    assert_int_equal(callgrind_file_load(&both[1], second, 1, &problem), 0);
    unlink(first);
    unlink(second);
    memset(&variant, 0, sizeof variant);
    const struct profile_costs costs = {
        .profiles = both, .profile_count = 2, .own = "", .items = 1, .miss_cycles = 10};
    assert_int_equal(profile_places_of_costs(&costs, &variant, &nameless), 0);
    callgrind_profile_clear(&both[0]);
    callgrind_profile_clear(&both[1]);
    assert_float_equal(nameless, 0.45, 1e-9);
    assert_int_equal(variant.function_count, 3);
    assert_string_equal(variant.functions[0].function, "copy");
    assert_float_equal(variant.functions[0].share, 0.55, 1e-9);
    assert_string_equal(variant.functions[1].function, "(bare)");
    assert_float_equal(variant.functions[1].share, 0.4, 1e-9);
    assert_string_equal(variant.functions[2].function, "(c.so)");
    assert_int_equal(variant.line_count, 2);
    assert_float_equal(variant.lines[0].instructions, 500, 1e-9);
}

/* Recorded with perf 6.1. */
static void samples_are_counted(void **state) {
    (void)state;
    FILE *script = fopen(TEST_DATA "/perf/script.txt", "r");
    assert_non_null(script);
    memset(&variant, 0, sizeof variant);
    assert_int_equal(profile_places_of_samples(script, "", &variant), 0);
    fclose(script);
    assert_int_equal(variant.samples, SAMPLES);
    assert_string_equal(variant.functions[0].function, "spin");
    assert_string_equal(variant.functions[0].file, "/src/mix.h");
    assert_float_equal(variant.functions[0].share, SPIN / (double)SAMPLES, 1e-9);
    assert_float_equal(variant.lines[0].share, LINE_7 / (double)SAMPLES, 1e-9);
    assert_int_equal(variant.lines[0].line, 7);
    assert_true(isnan(variant.lines[0].instructions));
    assert_float_equal(variant.evidence.runtime, 0, 0);
}

static int samples_of(const char *text, const char *own) {
    memset(&variant, 0, sizeof variant);
    FILE *script = fmemopen((void *)text, strlen(text), "r");
    assert_non_null(script);
    int status = profile_places_of_samples(script, own, &variant);
    fclose(script);
    return status;
}

static void unknown_symbols_are_named_by_object(void **state) {
    (void)state;
    assert_int_equal(samples_of("  7fb2e4e1f3a0 [unknown] (/usr/lib/libgomp.so.1.0.0)\n"
                                "  libgomp.so.1.0.0[1f3a0]\n"
                                "  7fb2e4e1f3a2 [unknown] (/usr/lib/libgomp.so.1.0.0)\n"
                                "  ??:0\n"
                                "  ffffffff8100 operator()(int, char) ([kernel.kallsyms])\n"
                                "\n"
                                "  55e1f0a01234 time_runs (/opt/bin/countersign)\n"
                                "  /src/sampling.c:3\n",
                                "/opt/bin/countersign"),
                     0);
    assert_int_equal(variant.samples, 4);
    assert_float_equal(variant.evidence.runtime, 0.5, 1e-9);
    assert_int_equal(variant.function_count, 2);
    assert_string_equal(variant.functions[0].function, "(libgomp.so.1.0.0)");
    assert_float_equal(variant.functions[0].share, 0.5, 1e-9);
    assert_string_equal(variant.functions[1].function, "operator()(int, char)");
    assert_int_equal(variant.line_count, 0);
}

static void no_samples_are_no_profile(void **state) {
    (void)state;
    assert_int_equal(samples_of("\n", ""), -ENODATA);
    assert_int_equal(samples_of("nonsense of any kind\n", ""), -ENODATA);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_come_by_estimated_cycles),
        cmocka_unit_test(what_only_calls_is_left_out),
        cmocka_unit_test(source_of_the_line_is_read),
        cmocka_unit_test(samples_are_counted),
        cmocka_unit_test(processes_are_added_up),
        cmocka_unit_test(unknown_symbols_are_named_by_object),
        cmocka_unit_test(no_samples_are_no_profile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
