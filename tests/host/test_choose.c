#include "host/topology.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "made_topology.h"

#define RECORDED(name) "xml:" TEST_DATA "/topologies/" name ".xml"

/* One question to topology_choose and its answer. */
struct expectation {
    const char *source, *allowed; /* allowed: NULL for all of the recorded cpuset */
    unsigned threads;
    const char *list;
    const char *cpus; /* "2,4" */
    int node;
    bool shared_core;
    const char *reason;
};

static struct topology *open_or_fail(const char *source, const char *allowed) {
    struct topology *topology;
    struct problem problem = {""};
    if (topology_open(&topology, source, &problem) ||
        (allowed && topology_restrict(topology, allowed, &problem)))
        fail_msg("%s: %s", source, problem.text);
    return topology;
}

static void check(const struct expectation *expected) {
    struct cpu_choice choice;
    struct problem problem = {""};
    char cpus[256] = "";
    struct topology *topology = open_or_fail(expected->source, expected->allowed);
    if (topology_choose(topology, expected->threads, expected->list, &choice, &problem))
        fail_msg("%s, %u threads: %s", expected->source, expected->threads, problem.text);
    topology_close(topology);
    assert_int_equal(choice.count, expected->threads);
    for (size_t i = 0; i < choice.count; i++)
        snprintf(cpus + strlen(cpus), sizeof cpus - strlen(cpus), i ? ",%u" : "%u", choice.cpus[i]);
    assert_string_equal(cpus, expected->cpus);
    assert_int_equal(choice.node, expected->node);
    assert_int_equal(choice.shared_core, expected->shared_core);
    assert_string_equal(choice.reason, expected->reason);
}

static void check_all(const struct expectation *expected, size_t count) {
    for (size_t i = 0; i < count; i++)
        check(&expected[i]);
}

#define CHECK_ALL(expected) check_all(expected, sizeof(expected) / sizeof *(expected))

static void smt_takes_cores_before_siblings(void **state) {
    (void)state;
    const char *clear = "one per physical core, CPU 0 left to interrupts";
    const struct expectation expected[] = {
        {RECORDED("smt-desktop"), NULL, 1, NULL, "1", 0, false, clear},
        {RECORDED("smt-desktop"), NULL, 2, NULL, "1,2", 0, false, clear},
        {RECORDED("smt-desktop"), NULL, 4, NULL, "1,2,3,4", 0, false, clear},
        {RECORDED("smt-desktop"), NULL, 8, NULL, "0,1,2,3,4,5,6,7", 0, false, "one per physical core"},
        {RECORDED("smt-desktop"), NULL, 9, NULL, "0,1,2,3,4,5,6,7,9", 0, true,
         "9 threads on 8 physical cores"},
        {RECORDED("smt-desktop"), NULL, 16, NULL, "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15", 0, true,
         "16 threads on 8 physical cores"},
        {RECORDED("smt-desktop"), "0,8", 1, NULL, "0", 0, false, "one per physical core"},
        {RECORDED("smt-desktop"), "0,8", 2, NULL, "0,8", 0, true, "2 threads on 1 physical core"},
        {RECORDED("smt-desktop"), "8-9", 1, NULL, "9", 0, false, "one per physical core"},
        {RECORDED("smt-desktop"), "8-9", 2, NULL, "8,9", 0, false, "one per physical core"},
    };
    CHECK_ALL(expected);
}

static void hybrid_takes_performance_cores_first(void **state) {
    (void)state;
    const char *clear = "one per physical core, performance cores, CPU 0 left to interrupts";
    const struct expectation expected[] = {
        {RECORDED("hybrid"), NULL, 1, NULL, "2", 0, false, clear},
        {RECORDED("hybrid"), NULL, 2, NULL, "2,4", 0, false, clear},
        {RECORDED("hybrid"), NULL, 4, NULL, "0,2,4,6", 0, false, "one per physical core, performance cores"},
        {RECORDED("hybrid"), NULL, 8, NULL, "0,2,4,6,8,9,10,11", 0, false,
         "one per physical core, 4 of 8 on performance cores"},
        {RECORDED("hybrid"), NULL, 12, NULL, "0,2,4,6,8,9,10,11,1,3,5,7", 0, true,
         "12 threads on 8 physical cores, 8 of 12 on performance cores"},
        {RECORDED("hybrid"), "8-11", 1, NULL, "8", 0, false,
         "one per physical core, 0 of 1 on performance cores"},
        {RECORDED("little-first"), NULL, 1, NULL, "4", 0, false, clear},
        {RECORDED("little-first"), NULL, 4, NULL, "4,5,6,7", 0, false, clear},
        {RECORDED("little-first"), NULL, 5, NULL, "4,5,6,7,1", 0, false,
         "one per physical core, 4 of 5 on performance cores, CPU 0 left to interrupts"},
        {RECORDED("little-first"), NULL, 8, NULL, "4,5,6,7,0,1,2,3", 0, false,
         "one per physical core, 4 of 8 on performance cores"},
        /* The slow core beside the fast ones, not one below the other L3. */
        {RECORDED("kinds-in-one-l3"), NULL, 3, NULL, "6,7,4", 0, false,
         "one per physical core, 2 of 3 on performance cores, one shared L3, CPU 0 left to interrupts"},
        {RECORDED("kinds-unranked"), NULL, 2, NULL, "1,2", 0, false,
         "one per physical core, CPU 0 left to interrupts"},
    };
    CHECK_ALL(expected);
}

/* Boost clocks differ from core to core of one design; those cores are no kinds. */
static void cores_that_differ_in_boost_are_one_kind(void **state) {
    (void)state;
    const char *tight = "one per physical core, one NUMA node, one shared L3, CPU 0 left to interrupts";
    const struct expectation expected[] = {
        {RECORDED("two-sockets-boost"), NULL, 1, NULL, "1", 0, false, tight},
        {RECORDED("two-sockets-boost"), NULL, 2, NULL, "1,2", 0, false, tight},
        {RECORDED("two-sockets-boost"), NULL, 4, NULL, "1,2,3,4", 0, false, tight},
        {RECORDED("two-sockets-boost"), NULL, 8, NULL, "8,9,10,11,12,13,14,15", 1, false, tight},
    };
    CHECK_ALL(expected);
}

static void sockets_and_caches_stay_together(void **state) {
    (void)state;
    const char *tight = "one per physical core, one NUMA node, one shared L3, CPU 0 left to interrupts";
    const struct expectation expected[] = {
        {RECORDED("two-sockets"), NULL, 1, NULL, "2", 0, false, tight},
        {RECORDED("two-sockets"), NULL, 2, NULL, "2,4", 0, false, tight},
        {RECORDED("two-sockets"), NULL, 4, NULL, "8,10,12,14", 0, false, tight},
        {RECORDED("two-sockets"), NULL, 5, NULL, "2,8,10,12,14", 0, false,
         "one per physical core, one NUMA node, spanning 2 L3 caches, CPU 0 left to interrupts"},
        {RECORDED("two-sockets"), NULL, 8, NULL, "1,3,5,7,9,11,13,15", 1, false,
         "one per physical core, one NUMA node, spanning 2 L3 caches, CPU 0 left to interrupts"},
        {RECORDED("two-sockets"), NULL, 12, NULL, "8,10,12,14,1,3,5,7,9,11,13,15", -1, false,
         "one per physical core, spanning 2 NUMA nodes, spanning 3 L3 caches, CPU 0 left to interrupts"},
        {RECORDED("two-sockets"), NULL, 17, NULL, "0,2,4,6,8,10,12,14,1,3,5,7,9,11,13,15,18", -1, true,
         "17 threads on 16 physical cores, spanning 2 NUMA nodes, spanning 4 L3 caches"},
        {RECORDED("two-sockets"), NULL, 32, NULL,
         "0,2,4,6,8,10,12,14,1,3,5,7,9,11,13,15,16,18,20,22,24,26,28,30,17,19,21,23,25,27,29,31", -1, true,
         "32 threads on 16 physical cores, spanning 2 NUMA nodes, spanning 4 L3 caches"},
        /* Where no L3 holds all, the one that holds most comes first. */
        {RECORDED("two-sockets"), "1,3,9,11,13", 4, NULL, "1,9,11,13", 1, false,
         "one per physical core, one NUMA node, spanning 2 L3 caches"},
        /* A node that holds all of them is better than the first node. */
        {RECORDED("two-sockets"), "0,2,1,3,5", 3, NULL, "1,3,5", 1, false, tight},
    };
    CHECK_ALL(expected);
}

/* A node may have no memory: binding to it fails, and all of its memory is far away. */
static void a_node_with_memory_is_better(void **state) {
    (void)state;
    static const char *const first_empty[2] = {"0", "1000000000"},
                             *const second_empty[2] = {"1000000000", "0"}, *const untold[2] = {"0", "0"};
    static const struct {
        const char *const *memory;
        const char *list;
        unsigned threads, cpu;
        int node;
    } all[] = {{first_empty, NULL, 1, 2, 1},  {first_empty, NULL, 2, 2, 1},  {second_empty, NULL, 1, 1, 0},
               {second_empty, NULL, 2, 0, 0}, {second_empty, "2", 1, 2, -1}, {untold, NULL, 2, 2, 1}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char source[] = "xml:/tmp/countersign-choose-XXXXXX";
        struct cpu_choice choice;
        make_topology(source, NULL, 0, all[i].memory);
        struct topology *topology = open_or_fail(source, NULL);
        unlink(source + 4);
        assert_int_equal(topology_choose(topology, all[i].threads, all[i].list, &choice, NULL), 0);
        topology_close(topology);
        assert_int_equal(choice.cpus[0], all[i].cpu);
        assert_int_equal(choice.node, all[i].node);
    }
}

static void small_and_restricted_machines(void **state) {
    (void)state;
    const struct expectation expected[] = {
        {RECORDED("cpuset-one"), NULL, 1, NULL, "2", 0, false, "one per physical core"},
        {RECORDED("offline"), NULL, 4, NULL, "0,1,2,3", 0, false, "one per physical core"},
        {RECORDED("one-pu"), NULL, 1, NULL, "0", 0, false, "one per physical core"},
        {RECORDED("two-cpu-vm"), NULL, 1, NULL, "1", 0, false,
         "one per physical core, CPU 0 left to interrupts"},
        {RECORDED("two-cpu-vm"), NULL, 2, NULL, "0,1", 0, false, "one per physical core"},
    };
    CHECK_ALL(expected);
}

static void synthetic_descriptions_work(void **state) {
    (void)state;
    const struct expectation expected[] = {
        {"pack:2 core:4 pu:2", NULL, 1, NULL, "2", 0, false,
         "one per physical core, CPU 0 left to interrupts"},
        {"pack:2 core:4 pu:2", NULL, 8, NULL, "0,2,4,6,8,10,12,14", 0, false, "one per physical core"},
        {"numa:2 core:2 pu:1", NULL, 2, NULL, "2,3", 1, false,
         "one per physical core, one NUMA node, CPU 0 left to interrupts"},
        /* Virtual machines show an L1 for each hardware thread, so that each is alone below its cache. */
        {"pack:1 core:4 l1d:2 pu:1", NULL, 2, NULL, "2,4", 0, false,
         "one per physical core, CPU 0 left to interrupts"},
        {"pack:1 core:4 l1d:2 pu:1", NULL, 3, NULL, "2,4,6", 0, false,
         "one per physical core, CPU 0 left to interrupts"},
        {"pack:1 core:4 l1d:2 pu:1", NULL, 4, NULL, "0,2,4,6", 0, false, "one per physical core"},
        {"l3:1 l2:4 core:1 l1d:2 pu:1", NULL, 4, NULL, "0,2,4,6", 0, false, "one per physical core"},
        {"pack:1 core:4 l1d:2 pu:1", "2-3,6-7", 3, NULL, "2,6,3", 0, true, "3 threads on 2 physical cores"},
        /* No core is told of, but two threads share an L1. */
        {"pack:1 l1d:4 pu:2", NULL, 3, NULL, "2,4,6", 0, false,
         "one per physical core, CPU 0 left to interrupts"},
        /* A far node of the whole machine (CXL) beside each package's own. */
        {"[numa] pack:2 [numa] core:2 pu:1", NULL, 2, NULL, "2,3", 1, false,
         "one per physical core, one NUMA node, CPU 0 left to interrupts"},
        {"numa:2 core:2 pu:1", NULL, 4, NULL, "0,1,2,3", -1, false,
         "one per physical core, spanning 2 NUMA nodes"},
    };
    CHECK_ALL(expected);
}

static void list_is_taken_in_its_order(void **state) {
    (void)state;
    const struct expectation expected[] = {
        {RECORDED("smt-desktop"), NULL, 4, "3,0-1,11", "3,0,1,11", 0, true,
         "as listed, 4 threads on 3 physical cores"},
        {RECORDED("smt-desktop"), NULL, 2, "5-7", "5,6", 0, false, "as listed, one per physical core"},
        {RECORDED("hybrid"), NULL, 1, "8", "8", 0, false,
         "as listed, one per physical core, 0 of 1 on performance cores"},
        {RECORDED("two-sockets"), NULL, 2, "0,1", "0,1", -1, false,
         "as listed, one per physical core, spanning 2 NUMA nodes, spanning 2 L3 caches"},
        {RECORDED("two-sockets"), NULL, 1, "1", "1", 1, false,
         "as listed, one per physical core, one NUMA node, one shared L3"},
    };
    CHECK_ALL(expected);
}

static void refuse(const char *source, unsigned threads, const char *list, int status, const char *text) {
    struct cpu_choice choice;
    struct problem problem = {""};
    struct topology *topology = open_or_fail(source, NULL);
    assert_int_equal(topology_choose(topology, threads, list, &choice, &problem), status);
    assert_string_equal(problem.text, text);
    assert_int_equal(topology_choose(topology, threads, list, &choice, NULL), status);
    topology_close(topology);
}

static void bad_lists_are_refused(void **state) {
    (void)state;
    const char *const unreadable[][2] = {{"", ""},
                                         {"a", "a"},
                                         {"1,", ""},
                                         {"1,,2", ",2"},
                                         {",1", ",1"},
                                         {"1-", "1-"},
                                         {"3-2", "3-2"},
                                         {"-1", "-1"},
                                         {"1 2", "1 2"},
                                         {"+1", "+1"},
                                         {"1-2-3", "1-2-3"},
                                         {"0x1", "0x1"},
                                         {"99999999999", "99999999999"}};
    for (size_t i = 0; i < sizeof unreadable / sizeof *unreadable; i++) {
        char text[256];
        snprintf(text, sizeof text,
                 "CPU list \"%s\" cannot be read at \"%s\"; expected numbers and rising ranges separated by "
                 "commas, for example 0,2-3",
                 unreadable[i][0], unreadable[i][1]);
        refuse("pack:1 core:8 pu:1", 1, unreadable[i][0], -EINVAL, text);
    }
    refuse("pack:1 core:8 pu:1", 1, "1,0-2", -EINVAL, "CPU list \"1,0-2\" names CPU 1 twice; name each once");
    refuse("pack:1 core:8 pu:1", 1, "0-2000000000", -EINVAL,
           "CPU list \"0-2000000000\": there is no CPU 8; choose from 0-7");
    refuse(RECORDED("offline"), 1, "3,5", -EINVAL,
           "CPU list \"3,5\": CPU 5 is offline; choose from 0-3, or bring it online with "
           "`echo 1 | sudo tee /sys/devices/system/cpu/cpu5/online`");
    refuse(RECORDED("offline"), 1, "8", -EINVAL, "CPU list \"8\": there is no CPU 8; choose from 0-3");
    refuse(RECORDED("cpuset-one"), 1, "0", -EINVAL,
           "CPU list \"0\": CPU 0 is not allowed to this process by its cgroup's cpuset or its affinity "
           "(taskset); "
           "choose from 2");
    refuse(RECORDED("smt-desktop"), 4, "0-2", -EINVAL,
           "CPU list \"0-2\" names 3 CPUs for 4 threads; name at least one CPU a thread, or ask for fewer "
           "threads");
    refuse(
        RECORDED("smt-desktop"), 2, "5", -EINVAL,
        "CPU list \"5\" names 1 CPU for 2 threads; name at least one CPU a thread, or ask for fewer threads");
}

static void too_many_threads_are_refused(void **state) {
    (void)state;
    refuse(
        RECORDED("smt-desktop"), 17, NULL, -ERANGE,
        "17 threads do not fit: 16 processing units may be used (0-15), one thread each; ask for at most 16 "
        "threads");
    refuse(
        RECORDED("cpuset-one"), 2, NULL, -ERANGE,
        "2 threads do not fit: 1 processing unit may be used (2), one thread each; ask for at most 1 thread");
    refuse(RECORDED("smt-desktop"), 0, NULL, -EINVAL, "0 threads cannot run anything; ask for at least 1");
}

static void large_machine_has_a_limit(void **state) {
    (void)state;
    static struct cpu_choice choice;
    struct problem problem;
    struct topology *topology = open_or_fail("pack:4 l3:16 core:16 pu:2", NULL);
    assert_int_equal(topology_choose(topology, TOPOLOGY_MAX_CPUS, NULL, &choice, &problem), 0);
    assert_int_equal(choice.count, TOPOLOGY_MAX_CPUS);
    assert_false(choice.shared_core);
    assert_int_equal(topology_choose(topology, TOPOLOGY_MAX_CPUS + 1, NULL, &choice, &problem), -ERANGE);
    topology_close(topology);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smt_takes_cores_before_siblings),
        cmocka_unit_test(hybrid_takes_performance_cores_first),
        cmocka_unit_test(cores_that_differ_in_boost_are_one_kind),
        cmocka_unit_test(sockets_and_caches_stay_together),
        cmocka_unit_test(a_node_with_memory_is_better),
        cmocka_unit_test(small_and_restricted_machines),
        cmocka_unit_test(synthetic_descriptions_work),
        cmocka_unit_test(list_is_taken_in_its_order),
        cmocka_unit_test(bad_lists_are_refused),
        cmocka_unit_test(too_many_threads_are_refused),
        cmocka_unit_test(large_machine_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
