#include "counters/callgrind.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct callgrind_caches choose(struct cache_geometry l1i, struct cache_geometry l1d,
                                      struct cache_geometry last) {
    struct cpu_caches caches = {.l1i = l1i, .l1d = l1d, .last = last};
    struct callgrind_caches chosen;
    callgrind_choose_caches(&caches, &chosen);
    return chosen;
}

static const struct cache_geometry small = {32u << 10, 8, 64}, none = {0, 0, 0};

/* 64 and 32768 sets. */
static void powers_of_two_are_taken_as_they_are(void **state) {
    (void)state;
    struct callgrind_caches chosen =
        choose(small, (struct cache_geometry){48u << 10, 12, 64}, (struct cache_geometry){32u << 20, 16, 64});
    assert_string_equal(chosen.i1, "--I1=32768,8,64");
    assert_string_equal(chosen.d1, "--D1=49152,12,64");
    assert_string_equal(chosen.ll, "--LL=33554432,16,64");
    assert_string_equal(chosen.text, "I1 32 KiB 8-way, D1 48 KiB 12-way, LL 32 MiB 16-way, 64 B lines");
}

/* 24.75 MiB of 11 ways are 36,864 sets, of which Callgrind wants a power of two: 32,768, and 12 ways. */
static void other_caches_get_the_nearest_and_say_so(void **state) {
    (void)state;
    struct callgrind_caches chosen = choose(small, small, (struct cache_geometry){25952256, 11, 64});
    assert_string_equal(chosen.ll, "--LL=25165824,12,64");
    assert_non_null(strstr(chosen.text, "LL 24 MiB 12-way for 24.75 MiB 11-way"));
}

static void all_lines_are_as_long_as_the_l1s(void **state) {
    (void)state;
    struct callgrind_caches chosen =
        choose(small, (struct cache_geometry){64u << 10, 8, 128}, (struct cache_geometry){16u << 20, 16, 64});
    assert_string_equal(chosen.i1, "--I1=32768,8,128");
    assert_string_equal(chosen.ll, "--LL=16777216,16,128");
    assert_non_null(strstr(chosen.text, "128 B lines"));
}

static void what_is_not_known_is_assumed_and_said(void **state) {
    (void)state;
    struct callgrind_caches chosen = choose(none, none, none);
    assert_string_equal(chosen.d1, "--D1=32768,8,64");
    assert_string_equal(chosen.text,
                        "I1 32 KiB 8-way (assumed), D1 32 KiB 8-way (assumed), LL 8 MiB 16-way (assumed), "
                        "64 B lines");
}

static void a_fully_associative_cache_is_one_set(void **state) {
    (void)state;
    struct callgrind_caches chosen = choose(small, small, (struct cache_geometry){1u << 20, 1u << 14, 64});
    assert_string_equal(chosen.ll, "--LL=1048576,16384,64");
}

static void events_are_sums_of_callgrinds(void **state) {
    (void)state;
    struct callgrind_profile profile = {.events = {"Ir", "Dr", "Dw", "I1mr", "D1mr", "D1mw", "ILmr", "DLmr",
                                                   "DLmw", "Bc", "Bcm", "Bi", "Bim"},
                                        .event_count = 13,
                                        .total = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096}};
    double counts[COUNTER_EVENTS];
    callgrind_counts(&profile, counts);
    assert_true(counts[COUNTER_INSTRUCTIONS] == 1);
    assert_true(counts[COUNTER_DATA_READS] == 2);
    assert_true(counts[COUNTER_DATA_WRITES] == 4);
    assert_true(counts[COUNTER_L1D_MISSES] == 16 + 32);
    assert_true(counts[COUNTER_LLC_MISSES] == 128 + 256);
    assert_true(counts[COUNTER_BRANCHES] == 512 + 2048);
    assert_true(counts[COUNTER_BRANCH_MISSES] == 1024 + 4096);
    assert_true(isnan(counts[COUNTER_CYCLES]));
    assert_true(isnan(counts[COUNTER_L2_MISSES]));
    for (int event = 0; event < COUNTER_EVENTS; event++)
        assert_int_equal(callgrind_simulates((enum counter_event)event), !isnan(counts[event]));
    profile.event_count = 1;
    callgrind_counts(&profile, counts);
    assert_true(counts[COUNTER_INSTRUCTIONS] == 1);
    assert_true(isnan(counts[COUNTER_BRANCHES]));
}

/* A folder with a program named valgrind that does `script`, alone in PATH while it is looked for. */
static int find_with(const char *script, struct callgrind_tool *tool) {
    char folder[] = "/tmp/test-callgrind-XXXXXX", path[64];
    char *before = strdup(getenv("PATH") ? getenv("PATH") : "");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/valgrind", folder);
    if (script) {
        FILE *file = fopen(path, "w");
        fprintf(file, "#!/bin/sh\n%s\n", script);
        fclose(file);
        chmod(path, 0700);
    }
    setenv("PATH", folder, 1);
    int status = callgrind_find(tool);
    setenv("PATH", before, 1);
    free(before);
    unlink(path);
    rmdir(folder);
    return status;
}

static void an_absent_valgrind_is_named(void **state) {
    (void)state;
    struct callgrind_tool tool;
    assert_int_equal(find_with(NULL, &tool), -ENOENT);
    assert_non_null(strstr(tool.reason, "not installed"));
    assert_string_equal(tool.path, "");
}

static void a_broken_valgrind_is_named(void **state) {
    (void)state;
    struct callgrind_tool tool;
    assert_int_equal(find_with("exit 1", &tool), -ENOEXEC);
    assert_non_null(strstr(tool.reason, "does not tell its version"));
}

static void a_version_is_taken_as_it_says(void **state) {
    (void)state;
    struct callgrind_tool tool;
    int status = find_with("echo valgrind-9.1.0; echo more", &tool);
    assert_string_equal(tool.version, "valgrind-9.1.0");
    assert_true(status == 0 ? tool.path[0] && !tool.reason[0] : tool.reason[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(powers_of_two_are_taken_as_they_are),
        cmocka_unit_test(other_caches_get_the_nearest_and_say_so),
        cmocka_unit_test(all_lines_are_as_long_as_the_l1s),
        cmocka_unit_test(what_is_not_known_is_assumed_and_said),
        cmocka_unit_test(a_fully_associative_cache_is_one_set),
        cmocka_unit_test(events_are_sums_of_callgrinds),
        cmocka_unit_test(an_absent_valgrind_is_named),
        cmocka_unit_test(a_broken_valgrind_is_named),
        cmocka_unit_test(a_version_is_taken_as_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
