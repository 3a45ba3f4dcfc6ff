#include "host/topology.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct topology *open_or_fail(const char *source) {
    struct topology *topology;
    struct problem problem = {""};
    if (topology_open(&topology, source, &problem))
        fail_msg("%s: %s", source ? source : "this machine", problem.text);
    return topology;
}

static struct topology_facts facts_of(const char *source) {
    struct topology_facts facts;
    struct topology *topology = open_or_fail(source);
    topology_get_facts(topology, &facts);
    topology_close(topology);
    return facts;
}

static void facts_of_smt_desktop(void **state) {
    (void)state;
    struct topology_facts facts = facts_of("xml:" TEST_DATA "/topologies/smt-desktop.xml");
    assert_int_equal(facts.packages, 1);
    assert_int_equal(facts.numa_nodes, 1);
    assert_int_equal(facts.cores, 8);
    assert_int_equal(facts.cpus, 16);
    assert_int_equal(facts.allowed_cpus, 16);
    assert_int_equal(facts.threads_per_core, 2);
    assert_int_equal(facts.cpu_kinds, 1);
    assert_int_equal(facts.performance_cpus, 16);
    assert_int_equal(facts.offline_cpus, 0);
    assert_int_equal(facts.l1d_bytes, 32 << 10);
    assert_int_equal(facts.l2_bytes, 1 << 20);
    assert_int_equal(facts.l3_bytes, 32 << 20);
    assert_int_equal(facts.line_bytes, 64);
    assert_int_equal(facts.l3_sharing_cpus, 16);
    assert_true(facts.memory_bytes == 32ull << 30);
}

static void caches_of_a_processing_unit(void **state) {
    (void)state;
    struct topology *topology = open_or_fail("xml:" TEST_DATA "/topologies/smt-desktop.xml");
    struct cpu_caches caches;
    topology_get_caches(topology, 1, &caches);
    assert_int_equal(caches.l1d.bytes, 32 << 10);
    assert_int_equal(caches.l1d.line_bytes, 64);
    assert_int_equal(caches.last.bytes, 32 << 20);
    topology_get_caches(topology, 99, &caches);
    assert_int_equal(caches.l1d.bytes, 0);
    assert_int_equal(caches.last.bytes, 0);
    topology_close(topology);
}

static void the_second_level_is_the_last_without_a_third(void **state) {
    (void)state;
    struct topology *topology = open_or_fail("xml:" TEST_DATA "/topologies/little-first.xml");
    struct cpu_caches caches;
    struct topology_facts facts;
    topology_get_caches(topology, 0, &caches);
    topology_get_facts(topology, &facts);
    assert_true(caches.last.bytes > 0);
    assert_true(caches.last.bytes == facts.l2_bytes);
    topology_close(topology);
}

static void facts_of_hybrid(void **state) {
    (void)state;
    struct topology_facts facts = facts_of("xml:" TEST_DATA "/topologies/hybrid.xml");
    assert_int_equal(facts.cores, 8);
    assert_int_equal(facts.cpus, 12);
    assert_int_equal(facts.threads_per_core, 2);
    assert_int_equal(facts.cpu_kinds, 2);
    assert_int_equal(facts.performance_cpus, 8);
    facts = facts_of("xml:" TEST_DATA "/topologies/little-first.xml");
    assert_int_equal(facts.cpu_kinds, 2);
    assert_int_equal(facts.performance_cpus, 4);
    assert_int_equal(facts.l3_bytes, 0);
    assert_int_equal(facts.l3_sharing_cpus, 0);
}

static void kinds_without_order_count_as_one(void **state) {
    (void)state;
    struct topology_facts facts = facts_of("xml:" TEST_DATA "/topologies/kinds-unranked.xml");
    assert_int_equal(facts.cpu_kinds, 1);
    assert_int_equal(facts.performance_cpus, 4);
}

static void facts_of_two_sockets(void **state) {
    (void)state;
    struct topology_facts facts = facts_of("xml:" TEST_DATA "/topologies/two-sockets.xml");
    assert_int_equal(facts.packages, 2);
    assert_int_equal(facts.numa_nodes, 2);
    assert_int_equal(facts.cores, 16);
    assert_int_equal(facts.cpus, 32);
    assert_int_equal(facts.l3_sharing_cpus, 8);
    assert_true(facts.memory_bytes == 128ull << 30);
}

static void facts_tell_allowed_and_offline(void **state) {
    (void)state;
    struct topology_facts facts = facts_of("xml:" TEST_DATA "/topologies/cpuset-one.xml");
    assert_int_equal(facts.cpus, 4);
    assert_int_equal(facts.allowed_cpus, 1);
    facts = facts_of("xml:" TEST_DATA "/topologies/offline.xml");
    assert_int_equal(facts.cpus, 4);
    assert_int_equal(facts.allowed_cpus, 4);
    assert_int_equal(facts.offline_cpus, 4);
    facts = facts_of("xml:" TEST_DATA "/topologies/one-pu.xml");
    assert_int_equal(facts.cpus, 1);
    assert_int_equal(facts.cores, 1);
    assert_int_equal(facts.threads_per_core, 1);
}

static void facts_of_recorded_vm(void **state) {
    (void)state;
    struct topology_facts facts = facts_of("xml:" TEST_DATA "/topologies/two-cpu-vm.xml");
    assert_int_equal(facts.cpus, 2);
    assert_int_equal(facts.cores, 2);
    assert_int_equal(facts.cpu_kinds, 1);
    assert_int_equal(facts.l1d_bytes, 48 << 10);
    assert_int_equal(facts.l2_bytes, 1 << 20);
    assert_int_equal(facts.l3_bytes, 32 << 20);
    assert_true(facts.memory_bytes == 6000160768ull);
}

static void allowed_text_is_a_list(void **state) {
    (void)state;
    char text[64];
    struct topology *topology = open_or_fail("pack:1 core:8 pu:1");
    assert_int_equal(topology_restrict(topology, "6,0-3", NULL), 0);
    topology_allowed_text(topology, text, sizeof text);
    assert_string_equal(text, "0-3,6");
    topology_allowed_text(topology, text, 4);
    assert_string_equal(text, "0-3");
    topology_close(topology);
}

static void restrict_only_narrows(void **state) {
    (void)state;
    struct problem problem;
    char text[64];
    struct topology *topology = open_or_fail("pack:1 core:8 pu:1");
    assert_int_equal(topology_restrict(topology, "2-4", NULL), 0);
    assert_int_equal(topology_restrict(topology, "4-5", &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "CPU 5 is not allowed"));
    assert_int_equal(topology_restrict(topology, "", NULL), -EINVAL);
    topology_allowed_text(topology, text, sizeof text);
    assert_string_equal(text, "2-4");
    topology_close(topology);
}

static void bad_sources_are_refused(void **state) {
    (void)state;
    struct topology *topology;
    struct problem problem;
    assert_int_equal(topology_open(&topology, "xml:" TEST_DATA "/topologies/none.xml", &problem), -ENOENT);
    assert_null(topology);
    assert_non_null(strstr(problem.text, "none.xml: the topology cannot be read: No such file"));
    assert_true(topology_open(&topology, "xml:" TEST_DATA "/topologies/README.md", &problem) < 0);
    assert_non_null(strstr(problem.text, "README.md"));
    assert_int_equal(topology_open(&topology, "socks:2", &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "\"socks:2\" is not an hwloc synthetic topology"));
}

static void memory_is_what_the_kernel_says(void **state) {
    (void)state;
    unsigned long long kilobytes = 0;
    FILE *file = fopen("/proc/meminfo", "r");
    if (!file || fscanf(file, "MemTotal: %llu kB", &kilobytes) != 1) {
        skip();
        return;
    }
    fclose(file);
    assert_true(facts_of(NULL).memory_bytes == kilobytes * 1024);
}

static void this_machine_honours_affinity(void **state) {
    (void)state;
    cpu_set_t before, narrow;
    if (sched_getaffinity(0, sizeof before, &before)) {
        skip();
        return;
    }
    struct topology_facts wide = facts_of(NULL);
    assert_int_equal(wide.allowed_cpus, CPU_COUNT(&before));
    assert_true(wide.cpus >= wide.allowed_cpus);
    assert_true(wide.memory_bytes > 0);

    int last = CPU_SETSIZE - 1;
    while (!CPU_ISSET(last, &before))
        last--;
    CPU_ZERO(&narrow);
    CPU_SET(last, &narrow);
    if (sched_setaffinity(0, sizeof narrow, &narrow)) {
        skip();
        return;
    }
    struct topology *topology = open_or_fail(NULL);
    struct cpu_choice choice;
    struct topology_facts facts;
    topology_get_facts(topology, &facts);
    assert_int_equal(facts.allowed_cpus, 1);
    assert_int_equal(facts.cpus, wide.cpus);
    assert_int_equal(topology_choose(topology, 1, NULL, &choice, NULL), 0);
    assert_int_equal(choice.cpus[0], last);
    assert_int_equal(topology_choose(topology, 2, NULL, &choice, NULL), -ERANGE);
    topology_close(topology);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_of_smt_desktop),
        cmocka_unit_test(caches_of_a_processing_unit),
        cmocka_unit_test(the_second_level_is_the_last_without_a_third),
        cmocka_unit_test(facts_of_hybrid),
        cmocka_unit_test(kinds_without_order_count_as_one),
        cmocka_unit_test(facts_of_two_sockets),
        cmocka_unit_test(facts_tell_allowed_and_offline),
        cmocka_unit_test(facts_of_recorded_vm),
        cmocka_unit_test(allowed_text_is_a_list),
        cmocka_unit_test(restrict_only_narrows),
        cmocka_unit_test(bad_sources_are_refused),
        cmocka_unit_test(memory_is_what_the_kernel_says),
        cmocka_unit_test(this_machine_honours_affinity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
