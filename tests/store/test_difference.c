/* Which machines are one, and what two runs say differently. */
#include "store/change.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct run before, after;

static int setup(void **state) {
    (void)state;
    before = (struct run){.version = "0.2.0",
                          .host = {.cpu_model = "M",
                                   .kernel = "Linux 6.1",
                                   .microcode = "0x1",
                                   .cpu_flags = "fpu avx avx2",
                                   .clock = {.tsc = true, .ticks_per_ns = 2.7},
                                   .core = {.ghz = 3},
                                   .topology = {.cpus = 2, .allowed_cpus = 2, .l3_bytes = 1 << 25}},
                          .settings = {.seed = 1, .budget_s = 2, .build = "native"}};
    after = before;
    return 0;
}

static struct run_changes find(void) {
    struct run_changes changes = {.difference_count = 0};
    assert_int_equal(run_differences(&before, &after, &changes), 0);
    return changes;
}

/* The difference of that name, which must be the only one. */
static void assert_only(const char *what, const char *old, const char *new, bool same_machine) {
    struct run_changes changes = find();
    assert_int_equal(changes.difference_count, 1);
    assert_string_equal(changes.differences[0].what, what);
    assert_string_equal(changes.differences[0].before, old);
    assert_string_equal(changes.differences[0].after, new);
    assert_int_equal(changes.same_machine, same_machine);
    assert_int_equal(changes.differences[0].identity, !same_machine);
    run_changes_clear(&changes);
}

/* A clock is calibrated anew in each run, and a seed drawn. */
static void measured_and_drawn_numbers_are_no_difference(void **state) {
    (void)state;
    after.host.clock.ticks_per_ns = 2.69;
    after.host.core = (struct core_clock){.cycles_per_tick = 1.2, .ghz = 3.4, .disagreement = 0.01};
    after.settings.seed = 2;
    struct run_changes changes = find();
    assert_int_equal(changes.difference_count, 0);
    assert_true(changes.same_machine);
    run_changes_clear(&changes);
}

static void a_machine_is_told_by_what_it_is(void **state) {
    (void)state;
    strcpy(after.host.microcode, "0x2");
    assert_only("host.microcode", "0x1", "0x2", false);
    setup(NULL);
    strcpy(after.host.kernel, "Linux 6.2");
    assert_only("host.kernel", "Linux 6.1", "Linux 6.2", false);
    setup(NULL);
    after.host.topology.l3_bytes = 1 << 24;
    assert_only("host.topology.l3_bytes", "33554432", "16777216", false);
    setup(NULL);
    strcpy(after.host.cpu_flags, "avx512f avx fpu"); /* avx is not avx2, and the order says nothing */
    assert_only("host.cpu_flags", "avx2", "avx512f", false);
    setup(NULL);
    strcpy(after.host.cpu_flags, "avx2 avx fpu");
    struct run_changes changes = find();
    assert_int_equal(changes.difference_count, 0);
    run_changes_clear(&changes);
}

static void a_setting_does_not_make_two_machines(void **state) {
    (void)state;
    strcpy(after.host.governor, "powersave");
    assert_only("host.governor", "", "powersave", true);
    setup(NULL);
    after.host.topology.allowed_cpus = 1;
    assert_only("host.topology.allowed_cpus", "2", "1", true);
    setup(NULL);
    after.settings.budget_s = 3;
    assert_only("settings.budget_s", "2.0", "3.0", true);
    setup(NULL);
    strcpy(after.settings.build, "portable");
    assert_only("settings.build", "native", "portable", true);
    setup(NULL);
    strcpy(after.version, "0.3.0");
    assert_only("version", "0.2.0", "0.3.0", true);
}

static void files_without_flags_prove_nothing(void **state) {
    (void)state;
    after.host.cpu_flags[0] = '\0';
    assert_only("host.cpu_flags", "fpu avx avx2", "", false);
    before.host.cpu_flags[0] = '\0';
    assert_only("host.cpu_flags", "", "", false);
}

static void each_pair_of_builds_is_said_once(void **state) {
    (void)state;
    struct measurement old[2] = {{.case_name = "a", .compiler = "gcc 12", .flags = "-O3"},
                                 {.case_name = "b", .compiler = "gcc 12", .flags = "-O3"}},
                       new[2] = {{.case_name = "b", .compiler = "gcc 13", .flags = "-O3"},
                                 {.case_name = "a", .compiler = "gcc 13", .flags = "-O3"}};
    before.measurements = old;
    after.measurements = new;
    before.measurement_count = after.measurement_count = 2;
    assert_only("build.compiler", "gcc 12", "gcc 13", true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(measured_and_drawn_numbers_are_no_difference, setup),
        cmocka_unit_test_setup(a_machine_is_told_by_what_it_is, setup),
        cmocka_unit_test_setup(a_setting_does_not_make_two_machines, setup),
        cmocka_unit_test_setup(files_without_flags_prove_nothing, setup),
        cmocka_unit_test_setup(each_pair_of_builds_is_said_once, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
