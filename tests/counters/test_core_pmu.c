#include "counters/core_pmu.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Trees laid out as Intel's hybrid CPUs and Arm's big.LITTLE have them; the types are examples. */
#define TREE(name) TEST_DATA "/pmu/sysfs-" name

static void the_pinned_core_decides_which_pmu(void **state) {
    (void)state;
    struct core_pmu pmu;
    assert_int_equal(core_pmu_of(TREE("hybrid"), 3, &pmu), 0);
    assert_string_equal(pmu.name, "cpu_core");
    assert_string_equal(pmu.prefix, "adl_glc");
    assert_string_equal(pmu.cpus, "0-15");
    assert_int_equal(pmu.type, 4);
    assert_int_equal(pmu.kinds, 2);
    assert_int_equal(core_pmu_of(TREE("hybrid"), 16, &pmu), 0);
    assert_string_equal(pmu.name, "cpu_atom");
    assert_string_equal(pmu.prefix, "adl_grt");
    assert_int_equal(pmu.type, 10);
    assert_int_equal(core_pmu_of(TREE("big-little"), 4, &pmu), 0);
    assert_string_equal(pmu.name, "armv8_cortex_a53");
    assert_string_equal(pmu.prefix, "");
    assert_int_equal(core_pmu_of(TREE("big-little"), 2, &pmu), 0);
    assert_string_equal(pmu.name, "armv8_cortex_a57");
    assert_int_equal(pmu.kinds, 2);
}

static void one_pmu_is_that_of_every_core(void **state) {
    (void)state;
    struct core_pmu pmu;
    assert_int_equal(core_pmu_of(TREE("one"), 77, &pmu), 0);
    assert_string_equal(pmu.name, "cpu");
    assert_string_equal(pmu.cpus, "");
    assert_int_equal(pmu.kinds, 1);
    assert_int_equal(pmu.rdpmc, 2);
    assert_int_equal(core_pmu_of(TREE("big-little"), 0, &pmu), 0);
    assert_int_equal(pmu.rdpmc, CORE_PMU_UNKNOWN);
}

static void a_core_of_no_pmu_has_none(void **state) {
    (void)state;
    struct core_pmu pmu;
    assert_int_equal(core_pmu_of(TREE("hybrid"), 24, &pmu), -ENODEV);
    assert_string_equal(pmu.name, "");
    assert_int_equal(pmu.kinds, 2);
    assert_int_equal(core_pmu_of(TREE("none"), 0, &pmu), -ENODEV);
    assert_int_equal(pmu.kinds, 0);
    assert_int_equal(core_pmu_of(TREE("that-is-not-there"), 0, &pmu), -ENODEV);
}

static void lists_of_cpus_are_read_whole(void **state) {
    (void)state;
    static const struct {
        const char *list;
        unsigned cpu;
        bool contains;
    } cases[] = {{"0-15", 15, true}, {"0-15", 16, false}, {"0,3-5", 4, true}, {"0,3-5", 1, false},
                 {"7", 7, true},     {"", 0, false},      {"1,2,9", 9, true}, {"0-", 0, false},
                 {"x", 0, false},    {"10-12", 1, false}, {"1,x,3", 3, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (cpu_list_contains(cases[i].list, cases[i].cpu) != cases[i].contains)
            fail_msg("\"%s\", CPU %u", cases[i].list, cases[i].cpu);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pinned_core_decides_which_pmu),
        cmocka_unit_test(one_pmu_is_that_of_every_core),
        cmocka_unit_test(a_core_of_no_pmu_has_none),
        cmocka_unit_test(lists_of_cpus_are_read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
