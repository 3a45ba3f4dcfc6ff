#include "host/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "made_topology.h"

static const char *const memory[2] = {"1000000000", "1000000000"};

/* One machine of four cores, how many kinds it has, and how many CPUs the fastest has. */
struct expectation {
    struct made_kind kinds[4];
    unsigned expected, fast;
};

static void kinds_are_designs(void **state) {
    (void)state;
    static const struct expectation all[] = {
        /* favoured cores, bins of a chip: no kinds */
        {{{1, "0", {"FrequencyMaxMHz", "3366"}},
          {6, "1", {"FrequencyMaxMHz", "3375"}},
          {8, "2", {"FrequencyMaxMHz", "3384"}}},
         1,
         4},
        {{{1, "0", {"FrequencyMaxMHz", "4700"}},
          {2, "1", {"FrequencyMaxMHz", "4800"}},
          {4, "2", {"FrequencyMaxMHz", "4900"}},
          {8, "3", {"FrequencyMaxMHz", "5000"}}},
         1,
         4},
        /* fast cores that differ, and slow ones */
        {{{2, "2", {"FrequencyMaxMHz", "5100"}},
          {9, "0", {"FrequencyMaxMHz", "3300"}},
          {4, "1", {"FrequencyMaxMHz", "5000"}}},
         2,
         2},
        {{{1, "1", {"FrequencyMaxMHz", "1800"}},
          {2, "2", {"FrequencyMaxMHz", "2400"}},
          {4, "3", {"FrequencyMaxMHz", "2850"}},
          {8, "0", {"FrequencyMaxMHz", "1790"}}},
         3,
         1},
        /* two designs, whatever their clocks */
        {{{1, "1", {"CoreType", "IntelCore", "FrequencyMaxMHz", "5000"}},
          {14, "0", {"CoreType", "IntelAtom", "FrequencyMaxMHz", "4900"}}},
         2,
         1},
        {{{1, "2", {"CoreType", "IntelCore", "FrequencyMaxMHz", "5000"}},
          {2, "3", {"CoreType", "IntelCore", "FrequencyMaxMHz", "5200"}},
          {4, "1", {"CoreType", "IntelAtom", "FrequencyMaxMHz", "4000"}},
          {8, "0", {"CoreType", "IntelAtom", "FrequencyMaxMHz", "3900"}}},
         2,
         2},
        /* the scheduler's capacity says more than a clock */
        {{{1, "1", {"LinuxCapacity", "1024", "FrequencyMaxMHz", "3000"}},
          {14, "0", {"LinuxCapacity", "700", "FrequencyMaxMHz", "2900"}}},
         2,
         1},
        {{{1, "1", {"LinuxCapacity", "1024", "FrequencyMaxMHz", "3000"}},
          {14, "0", {"LinuxCapacity", "1009", "FrequencyMaxMHz", "2600"}}},
         1,
         4},
        /* nothing but an order is told */
        {{{1, "0", {NULL}}, {14, "1", {NULL}}}, 2, 3},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char source[] = "xml:/tmp/countersign-kinds-XXXXXX";
        struct topology *topology;
        struct topology_facts facts;
        struct problem problem = {""};
        make_topology(source, all[i].kinds, 4, memory);
        int status = topology_open(&topology, source, &problem);
        unlink(source + 4);
        if (status)
            fail_msg("%zu: %s", i, problem.text);
        topology_get_facts(topology, &facts);
        topology_close(topology);
        if (facts.cpu_kinds != all[i].expected || facts.performance_cpus != all[i].fast)
            fail_msg("machine %zu: %u kinds, %u CPUs of the fastest", i, facts.cpu_kinds,
                     facts.performance_cpus);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(kinds_are_designs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
