#include "host/fingerprint.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include <cmocka.h>

static struct fingerprint fingerprint;

static int setup(void **state) {
    (void)state;
    struct topology *topology;
    if (topology_open(&topology, NULL, NULL))
        return -1;
    fingerprint_read(&fingerprint, topology);
    topology_close(topology);
    return 0;
}

static void machine_is_a_folder_name(void **state) {
    (void)state;
    assert_true(strlen(fingerprint.machine) > 4);
    for (const char *c = fingerprint.machine; *c; c++)
        assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '-');
    assert_non_null(strstr(fingerprint.machine, "cpu"));
}

static void system_is_that_of_uname(void **state) {
    (void)state;
    struct utsname name;
    assert_int_equal(uname(&name), 0);
    assert_string_equal(fingerprint.architecture, name.machine);
    char kernel[sizeof name.sysname + sizeof name.release + 2];
    snprintf(kernel, sizeof kernel, "%s %s", name.sysname, name.release);
    assert_string_equal(fingerprint.kernel, kernel); /* and so not the host's name */
}

static void settings_are_in_range(void **state) {
    (void)state;
    assert_true(fingerprint.aslr >= -1 && fingerprint.aslr <= 2);
    assert_true(fingerprint.perf_event_paranoid >= -2 && fingerprint.perf_event_paranoid <= 4);
    assert_true(fingerprint.topology.cpus >= 1);
    assert_true(fingerprint.clock.name[0]);
    const char *const known[] = {"", "always", "madvise", "never"};
    bool found = false;
    for (size_t i = 0; i < 4; i++)
        found |= strcmp(fingerprint.transparent_huge_pages, known[i]) == 0;
    assert_true(found);
}

static void recorded_topology_gives_its_facts(void **state) {
    (void)state;
    struct topology *topology;
    struct fingerprint other;
    assert_int_equal(topology_open(&topology, "pack:2 core:4 pu:2", NULL), 0);
    fingerprint_read(&other, topology);
    topology_close(topology);
    assert_int_equal(other.topology.cpus, 16);
    assert_non_null(strstr(other.machine, "-16cpu"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machine_is_a_folder_name),
        cmocka_unit_test(system_is_that_of_uname),
        cmocka_unit_test(settings_are_in_range),
        cmocka_unit_test(recorded_topology_gives_its_facts),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
