#include "host/hwloc_environment.h"

#include "host/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Each would make hwloc describe another machine, or none. */
static const char *const variables[][2] = {
    {"HWLOC_XMLFILE", TEST_DATA "/topologies/two-sockets.xml"},
    {"HWLOC_SYNTHETIC", "pack:2 core:64 pu:2"},
    {"HWLOC_FSROOT", "/nonexistent"},
    {"HWLOC_COMPONENTS", "no_os,stop"},
    {"HWLOC_THISSYSTEM", "0"},
};
#define VARIABLES (sizeof variables / sizeof *variables)

static unsigned online_cpus(char *ignored, size_t size) {
    struct topology *topology;
    struct topology_facts facts;
    struct cpu_choice choice;
    struct problem problem = {""};
    if (topology_open(&topology, NULL, &problem))
        fail_msg("%s", problem.text);
    topology_get_facts(topology, &facts);
    assert_int_equal(topology_choose(topology, 1, NULL, &choice, NULL), 0);
    assert_int_equal(topology_bind_thread(topology, 0, choice.cpus[0], &problem), 0);
    assert_int_equal(*topology_ignored(topology) != '\0', strstr(choice.reason, "not followed") != NULL);
    snprintf(ignored, size, "%s", topology_ignored(topology));
    topology_close(topology);
    return facts.cpus;
}

static void this_machine_is_asked_whatever_the_environment_says(void **state) {
    (void)state;
    char ignored[160];
    unsigned cpus = online_cpus(ignored, sizeof ignored);
    assert_string_equal(ignored, "");
    for (size_t i = 0; i < VARIABLES; i++) {
        setenv(variables[i][0], variables[i][1], 1);
        assert_int_equal(online_cpus(ignored, sizeof ignored), cpus);
        assert_string_equal(ignored, variables[i][0]);
        assert_string_equal(getenv(variables[i][0]), variables[i][1]); /* for programs that are started */
        unsetenv(variables[i][0]);
    }
}

static void a_given_topology_is_not_replaced(void **state) {
    (void)state;
    struct topology *topology;
    struct topology_facts facts;
    setenv("HWLOC_XMLFILE", TEST_DATA "/topologies/two-sockets.xml", 1);
    setenv("HWLOC_COMPONENTS", "no_os,stop", 1);
    assert_int_equal(topology_open(&topology, "pack:1 core:3 pu:1", NULL), 0);
    topology_get_facts(topology, &facts);
    assert_int_equal(facts.cpus, 3);
    topology_close(topology);
    unsetenv("HWLOC_XMLFILE");
    unsetenv("HWLOC_COMPONENTS");
}

static void names_that_no_message_can_hold_are_hidden_all_the_same(void **state) {
    (void)state;
    struct words hidden;
    char names[32];
    setenv("HWLOC_\033[31m", "1", 1);
    setenv("HWLOC_HIDE_ERRORS", "2", 1);
    setenv("HWLOC_XMLFILE", "", 1);
    assert_int_equal(hwloc_environment_hide(&hidden, names, sizeof names), 0);
    assert_string_equal(names, "HWLOC_XMLFILE");
    assert_null(getenv("HWLOC_\033[31m"));
    assert_null(getenv("HWLOC_XMLFILE"));
    assert_string_equal(getenv("HWLOC_HIDE_ERRORS"), "2");
    hwloc_environment_restore(&hidden);
    assert_string_equal(getenv("HWLOC_\033[31m"), "1");
    assert_string_equal(getenv("HWLOC_XMLFILE"), "");
    unsetenv("HWLOC_\033[31m");
    unsetenv("HWLOC_XMLFILE");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(this_machine_is_asked_whatever_the_environment_says),
        cmocka_unit_test(a_given_topology_is_not_replaced),
        cmocka_unit_test(names_that_no_message_can_hold_are_hidden_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
