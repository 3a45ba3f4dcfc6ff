#include "counters/native_events.h"

#include "counters/perf_events.h"
#include "software_pmu.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

/* Of two processors that no machine can be both; libpfm4 has the tables of its own architecture. */
#if defined(__x86_64__)
#define FIRST_PMU "skl"
#define FIRST_EVENT "skl::INST_RETIRED"
#define SECOND_PMU "amd64_fam17h_zen1"
#define SECOND_EVENT "amd64_fam17h_zen1::RETIRED_INSTRUCTIONS"
#elif defined(__aarch64__)
#define FIRST_PMU "arm_ac57"
#define FIRST_EVENT "arm_ac57::INST_RETIRED"
#define SECOND_PMU "arm_n1"
#define SECOND_EVENT "arm_n1::INST_RETIRED"
#endif

static struct sample_clock sample_clock;

static void refuse(const char *name, int error, const char *says) {
    struct problem problem;
    assert_int_equal(counter_native_check(name, &problem), error);
    if (!strstr(problem.text, says))
        fail_msg("%s: \"%s\" does not say \"%s\"", name, problem.text, says);
}

static void names_nobody_knows_are_refused_with_near_ones(void **state) {
    (void)state;
    refuse("NO_SUCH_EVENT_ANYWHERE", -ENOENT, "libpfm4");
    refuse("NO_SUCH_EVENT_ANYWHERE", -ENOENT, "PAPI");
    need_software_pmu();
    refuse("perf::CONTEXT-SWITCHS", -ENOENT, "perf::CONTEXT-SWITCHES");
    refuse("PAGE-FAULT", -ENOENT, "perf::PAGE-FAULTS");
    refuse(FIRST_PMU "::NO_SUCH_EVENT", -ENOENT, FIRST_PMU "::NO_SUCH_EVENT");
}

/*
 * Without asking PAPI, which loses memory with such a name (tests/lsan.supp) and says less. With
 * LIBPFM_FORCE_PMU the machine is of the first or the second PMU (tests/CMakeLists.txt).
 */
static void an_umask_that_an_event_does_not_have_is_refused(void **state) {
    (void)state;
    static const char *const names[] = {FIRST_EVENT, SECOND_EVENT, "perf::PAGE-FAULTS"};
    struct native_event event;
    int here = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char wrong[COUNTER_NAME];
        native_event_find(names[i], &event);
        if (!event.here)
            continue;
        here++;
        snprintf(wrong, sizeof wrong, "%s:NO_SUCH_UMASK", names[i]);
        refuse(wrong, -ENOENT, "behind its name");
    }
    if (!here)
        need_software_pmu();
    native_event_find("perf::INSTRUCTIONS:precise=1", &event); /* PAPI's to know, where it knows the CPU */
    assert_false(event.refused);
}

static void what_cannot_be_an_event_is_refused(void **state) {
    (void)state;
    refuse("", -EINVAL, "expected a name");
    refuse("a-name-that-is-longer-than-any-event-of-any-processor-could-possibly-be", -EINVAL, "63");
    refuse("instructions", -EINVAL, "counted anyway");
    refuse("minor-faults", -EINVAL, "lower case");
    refuse("perf::INSTRUCTIONS:k", -EINVAL, "user mode");
    refuse("perf::INSTRUCTIONS:u:k=1", -EINVAL, "user mode");
}

static void known_names_pass_on_every_machine(void **state) {
    (void)state;
    need_software_pmu();
    static const char *const names[] = {"perf::INSTRUCTIONS", "perf::INSTRUCTIONS:u", "perf::CGROUP-SWITCHES",
                                        "CONTEXT-SWITCHES",   "perf::minor-faults",   FIRST_EVENT,
                                        SECOND_EVENT,         FIRST_EVENT ":u",       "PAPI_FP_OPS"};
    struct problem problem;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (counter_native_check(names[i], &problem))
            fail_msg("%s", problem.text);
}

static void software_is_told_from_hardware(void **state) {
    (void)state;
    need_software_pmu();
    struct native_event event;
    native_event_find("perf::MINOR-FAULTS", &event);
    assert_true(event.known && event.here && event.software);
    native_event_find("perf::BRANCH-MISSES", &event);
    assert_true(event.known && event.here && !event.software);
    native_event_find("NO_SUCH_EVENT", &event);
    assert_false(event.known);
}

static void an_event_of_another_cpu_is_absent_with_its_name(void **state) {
    (void)state;
    static const char events[][COUNTER_NAME] = {FIRST_EVENT, SECOND_EVENT};
    struct counter_options options = {
        .clock = &sample_clock, .native_events = events, .native_event_count = 2};
    struct counter_plan plan;
    struct native_event event;
    unsigned absent = 0;
    assert_int_equal(counter_probe(&options, &plan), 0);
    for (int i = 0; i < 2; i++) {
        const struct counter_plan_entry *entry = &plan.entries[COUNTER_NATIVE_0 + i];
        assert_string_equal(counter_plan_name(&plan, (enum counter_event)(COUNTER_NATIVE_0 + i)), events[i]);
        if (entry->source != SOURCE_NONE)
            continue;
        absent++;
        native_event_find(events[i], &event);
        /* A PMU that is seen and not counted with, as in some virtual machines; or one alone is forced. */
        if (event.here || !event.known) {
            assert_true(entry->reason[0]);
            continue;
        }
        assert_non_null(strstr(entry->reason, i ? SECOND_PMU : FIRST_PMU));
    }
    assert_true(absent > 0);
}

/* A software event by name counts what the vocabulary's own counts. */
static void a_software_event_by_name_is_exact(void **state) {
    (void)state;
    static const char events[][COUNTER_NAME] = {"perf::MINOR-FAULTS"};
    struct counter_options options = {
        .clock = &sample_clock, .native_events = events, .native_event_count = 1};
    struct counter_plan plan;
    struct counter_session *session;
    struct counter_reading reading;
    struct problem problem;
    pid_t self;
    assert_int_equal(counter_probe(&options, &plan), 0);
    const struct counter_plan_entry *entry = &plan.entries[COUNTER_NATIVE_0];
    if (entry->source == SOURCE_NONE) {
        print_message("%s\n", entry->reason);
        skip();
    }
    assert_int_equal(entry->source, SOURCE_SW);
    assert_int_equal(entry->trust, TRUST_TRUSTED);
    assert_int_equal(counter_list_threads(&self, 1), 1);
    assert_int_equal(counter_session_open(&plan, &sample_clock, &self, 1, &session, &problem), 0);
    size_t pages = 64, page = 4096;
    char *memory = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    madvise(memory, pages * page, MADV_NOHUGEPAGE);
    assert_int_equal(counter_session_start(session, entry->set), 0);
    for (size_t i = 0; i < pages; i++)
        ((volatile char *)memory)[i * page] = 1;
    assert_int_equal(counter_session_peek(session), 0);
    assert_int_equal(counter_session_stop(session, &reading), 0);
    assert_true(reading.total[COUNTER_NATIVE_0] >= (double)pages);
    assert_true(reading.total[COUNTER_NATIVE_0] <= 2 * (double)pages); /* a sanitizer's pages among them */
    assert_true(reading.total[COUNTER_NATIVE_0] ==
                reading.total[COUNTER_PAGE_FAULTS] - reading.total[COUNTER_MAJOR_FAULTS]);
    assert_true(counter_session_thread_value(session, 0, COUNTER_NATIVE_0) ==
                reading.total[COUNTER_NATIVE_0]);
    counter_session_close(session);
    munmap(memory, pages * page);
}

/* perf_event_open(2): the type of the PMU stands in the upper half of config, for generic events alone. */
static void a_hybrid_cpus_generic_events_carry_its_type(void **state) {
    (void)state;
    need_software_pmu();
    struct perf_event_attr attribute;
    assert_int_equal(perf_event_encode("perf::INSTRUCTIONS", true, &attribute), 0);
    uint64_t plain = attribute.config;
    perf_event_direct(&attribute, 0);
    assert_true(attribute.config == plain);
    perf_event_direct(&attribute, 10);
    assert_true(attribute.config == (UINT64_C(10) << 32 | plain));
    assert_int_equal(perf_event_encode("perf::L1-DCACHE-LOAD-MISSES", true, &attribute), 0);
    plain = attribute.config;
    perf_event_direct(&attribute, 4);
    assert_true(attribute.config == (UINT64_C(4) << 32 | plain));
    assert_int_equal(perf_event_encode("perf::PAGE-FAULTS", false, &attribute), 0);
    plain = attribute.config;
    perf_event_direct(&attribute, 10);
    assert_true(attribute.config == plain);
}

static void a_plan_on_a_hybrid_cpu_keeps_to_one_kind_of_core(void **state) {
    (void)state;
    struct counter_options options = {
        .clock = &sample_clock, .cpu = 17, .sysfs = TEST_DATA "/pmu/sysfs-hybrid"};
    struct counter_plan plan;
    assert_int_equal(counter_probe(&options, &plan), 0);
    assert_int_equal(plan.pmu_type, 10);
    assert_string_equal(plan.pmu_cpus, "16-23");
    assert_true(counter_plan_covers(&plan, 23));
    assert_false(counter_plan_covers(&plan, 15));
    for (int event = 0; event < COUNTER_EVENTS; event++)
        assert_int_not_equal(plan.entries[event].source, SOURCE_HW);
    options = (struct counter_options){.clock = &sample_clock, .sysfs = TEST_DATA "/pmu/sysfs-one"};
    assert_int_equal(counter_probe(&options, &plan), 0);
    assert_int_equal(plan.pmu_type, 0);
    assert_true(counter_plan_covers(&plan, 15));
}

static int setup(void **state) {
    (void)state;
    sample_clock_open(&sample_clock);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_nobody_knows_are_refused_with_near_ones),
        cmocka_unit_test(an_umask_that_an_event_does_not_have_is_refused),
        cmocka_unit_test(what_cannot_be_an_event_is_refused),
        cmocka_unit_test(known_names_pass_on_every_machine),
        cmocka_unit_test(software_is_told_from_hardware),
        cmocka_unit_test(an_event_of_another_cpu_is_absent_with_its_name),
        cmocka_unit_test(a_software_event_by_name_is_exact),
        cmocka_unit_test(a_hybrid_cpus_generic_events_carry_its_type),
        cmocka_unit_test(a_plan_on_a_hybrid_cpu_keeps_to_one_kind_of_core),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
