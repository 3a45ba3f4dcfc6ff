#include "counters/facts.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A desktop with everything in order. */
static struct counter_facts good_facts(void) {
    return (struct counter_facts){.paranoid = 1,
                                  .nmi_watchdog = 0,
                                  .core_pmus = 1,
                                  .core_pmu = "cpu",
                                  .cpuid_counters = 11,
                                  .cpuid_leaf = "0AH",
                                  .pfm_pmu = "skl",
                                  .descriptors = 65536,
                                  .cpus = 8};
}

static struct counter_plan good_plan(void) {
    struct counter_plan plan = {.sets = 2, .pmu = "skl"};
    for (int event = 0; event < COUNTER_EVENTS; event++) {
        plan.entries[event].source = counter_event_info[event].hardware ? SOURCE_HW : SOURCE_SW;
        plan.entries[event].trust = TRUST_TRUSTED;
    }
    return plan;
}

static struct counter_plan plan_without_hardware(void) {
    struct counter_plan plan = good_plan();
    for (int event = 0; event < COUNTER_EVENTS; event++)
        if (counter_event_info[event].hardware)
            plan.entries[event] = (struct counter_plan_entry){.source = SOURCE_NONE, .reason = "no PMU"};
    snprintf(plan.papi_reason, sizeof plan.papi_reason, "PAPI has disabled its perf_event component");
    plan.pmu[0] = '\0';
    return plan;
}

static const struct finding *find(const struct findings *findings, const char *topic) {
    for (size_t i = 0; i < findings->count; i++)
        if (strcmp(findings->items[i].topic, topic) == 0)
            return &findings->items[i];
    return NULL;
}

static struct findings judge(const struct counter_facts *facts, const struct counter_plan *plan) {
    struct findings findings = {.count = 0};
    counter_findings_from(facts, plan, &findings);
    for (size_t i = 0; i < findings.count; i++)
        assert_true(strlen(findings.items[i].what) < sizeof findings.items[i].what - 1); /* not cut */
    return findings;
}

/* The warning or note of a topic, which must be there, contain `what`, and offer `remedy`. */
static void expect(const struct findings *findings, const char *topic, enum finding_level level,
                   const char *what, const char *remedy) {
    const struct finding *finding = find(findings, topic);
    assert_non_null(finding);
    assert_int_equal(finding->level, level);
    if (!strstr(finding->what, what) || !strstr(finding->remedy, remedy))
        fail_msg("%s: \"%s\" (%s)", topic, finding->what, finding->remedy);
}

static void a_good_machine_gets_no_warning(void **state) {
    (void)state;
    struct counter_facts facts = good_facts();
    struct counter_plan plan = good_plan();
    struct findings findings = judge(&facts, &plan);
    for (size_t i = 0; i < findings.count; i++)
        assert_int_equal(findings.items[i].level, FINDING_GOOD);
    assert_non_null(find(&findings, "hardware counters"));
}

static void a_hypervisor_without_pmu_is_told_from_a_missing_driver(void **state) {
    (void)state;
    struct counter_facts facts = good_facts();
    struct counter_plan plan = plan_without_hardware();
    facts.core_pmus = 0;
    facts.pfm_pmu[0] = facts.core_pmu[0] = '\0';
    facts.hardware_error = ENOENT;
    facts.hypervisor = true;
    facts.cpuid_counters = 0;
    struct findings findings = judge(&facts, &plan);
    expect(&findings, "PMU", FINDING_WARN, "by the hypervisor: CPUID leaf 0AH", "virtual PMU");
    assert_null(find(&findings, "libpfm4"));
    assert_null(find(&findings, "PAPI"));
    assert_null(find(&findings, "perf_event_open"));
    facts.cpuid_counters = 6;
    snprintf(facts.cpuid_leaf, sizeof facts.cpuid_leaf, "80000022H");
    findings = judge(&facts, &plan);
    expect(&findings, "PMU", FINDING_WARN, "80000022H promises 6 counters", "driver");
}

static void paranoid_levels_are_told_apart(void **state) {
    (void)state;
    struct counter_facts facts = good_facts();
    struct counter_plan plan = good_plan();
    facts.paranoid = 3;
    struct findings findings = judge(&facts, &plan);
    expect(&findings, "perf_event_paranoid", FINDING_WARN, "even for root", "perf_event_paranoid=1");
    facts.user_error = facts.software_error = facts.hardware_error = EACCES;
    findings = judge(&facts, &plan);
    expect(&findings, "perf_event_paranoid", FINDING_WARN, "counts nothing", "perf_event_paranoid=1");
    assert_null(find(&findings, "perf_event_open"));
    facts.paranoid = 2;
    facts.user_error = facts.software_error = facts.hardware_error = 0;
    findings = judge(&facts, &plan);
    expect(&findings, "perf_event_paranoid", FINDING_GOOD, "is 2, and counting was tried: it works", "");
    facts.software_error = EACCES;
    findings = judge(&facts, &plan);
    expect(&findings, "perf_event_paranoid", FINDING_NOTE, "user mode", "perf_event_paranoid=1");
    assert_null(find(&findings, "perf_event_open"));
    facts.software_error = 0;
    facts.paranoid = -1;
    findings = judge(&facts, &plan);
    expect(&findings, "perf_event_paranoid", FINDING_GOOD, "is -1", "");
}

/* EACCES is what the setting answers, and what a filter may answer as well: the level tells them apart. */
static void what_the_setting_allows_is_refused_by_something_else(void **state) {
    (void)state;
    struct counter_facts facts = good_facts();
    struct counter_plan plan = plan_without_hardware();
    static const int levels[] = {FACTS_UNKNOWN, -1, 0, 1, 2};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        facts.paranoid = levels[i];
        facts.user_error = facts.software_error = facts.hardware_error = EACCES;
        facts.seccomp = 2;
        struct findings findings = judge(&facts, &plan);
        expect(&findings, "perf_event_open", FINDING_WARN,
               "refused (EACCES), most likely by a seccomp filter", "profile");
        assert_null(find(&findings, "perf_event_paranoid")); /* neither blamed nor praised */
    }
    facts.paranoid = 1;
    facts.user_error = facts.hardware_error = 0;
    facts.seccomp = 0;
    struct findings findings = judge(&facts, &plan);
    expect(&findings, "perf_event_open", FINDING_WARN, "kernel does", "security module");
    assert_null(find(&findings, "perf_event_paranoid"));
    facts.software_error = 0;
    facts.hardware_error = EACCES;
    findings = judge(&facts, &plan);
    expect(&findings, "perf_event_open", FINDING_WARN, "hardware events are refused", "security module");
}

static void errors_of_the_system_call_are_told_apart(void **state) {
    (void)state;
    struct counter_facts facts = good_facts();
    struct counter_plan plan = plan_without_hardware();
    facts.user_error = facts.hardware_error = facts.software_error = EPERM;
    facts.seccomp = 2;
    struct findings findings = judge(&facts, &plan);
    expect(&findings, "perf_event_open", FINDING_WARN, "seccomp", "profile");
    facts.seccomp = 0;
    findings = judge(&facts, &plan);
    expect(&findings, "perf_event_open", FINDING_WARN, "EPERM", "security module");
    facts.user_error = facts.hardware_error = facts.software_error = ENOSYS;
    findings = judge(&facts, &plan);
    expect(&findings, "perf_event_open", FINDING_WARN, "ENOSYS", "CONFIG_PERF_EVENTS");
}

static void libraries_that_lack_the_cpu_are_named(void **state) {
    (void)state;
    struct counter_facts facts = good_facts();
    struct counter_plan plan = plan_without_hardware();
    struct findings findings = judge(&facts, &plan);
    expect(&findings, "PAPI", FINDING_WARN, "PAPI has disabled", "newer PAPI");
    facts.pfm_pmu[0] = '\0';
    snprintf(facts.core_pmu, sizeof facts.core_pmu, "armv8_pmuv3");
    findings = judge(&facts, &plan);
    expect(&findings, "libpfm4", FINDING_WARN, "armv8_pmuv3", "newer libpfm4");
    assert_null(find(&findings, "PAPI"));
}

static void watchdog_hybrid_and_descriptors(void **state) {
    (void)state;
    struct counter_facts facts = good_facts();
    struct counter_plan plan = good_plan();
    facts.nmi_watchdog = 1;
    facts.core_pmus = 2;
    snprintf(facts.core_pmu, sizeof facts.core_pmu, "cpu_core");
    facts.descriptors = 64;
    struct findings findings = judge(&facts, &plan);
    expect(&findings, "NMI watchdog", FINDING_NOTE, "one counter", "nmi_watchdog=0");
    expect(&findings, "hybrid CPU", FINDING_NOTE, "cpu_core", "pinning");
    expect(&findings, "file descriptors", FINDING_WARN, "64", "ulimit -n");
    facts.core_pmus = 0;
    facts.hardware_error = ENOENT; /* no counter for the watchdog to hold */
    findings = judge(&facts, &plan);
    assert_null(find(&findings, "NMI watchdog"));
}

static void untrusted_events_are_a_warning(void **state) {
    (void)state;
    struct counter_facts facts = good_facts();
    struct counter_plan plan = good_plan();
    plan.entries[COUNTER_L1D_MISSES].trust = plan.entries[COUNTER_BRANCHES].trust = TRUST_UNTRUSTED;
    struct findings findings = judge(&facts, &plan);
    expect(&findings, "untrusted events", FINDING_WARN, "2 events", "another machine");
}

static const char status_of_container[] = "Name:\tsh\nPid:\t1\nCapInh:\t0000000000000000\n"
                                          "CapEff:\t00000000a80425fb\nNoNewPrivs:\t0\nSeccomp:\t2\n"
                                          "Seccomp_filters:\t1\n";

static void status_fields_are_parsed(void **state) {
    (void)state;
    assert_int_equal(status_field(status_of_container, "Seccomp"), 2);
    assert_int_equal(status_field(status_of_container, "Pid"), 1);
    assert_int_equal(status_field(status_of_container, "CapAmb"), FACTS_UNKNOWN);
    assert_int_equal(status_field("Seccomp:\n", "Seccomp"), FACTS_UNKNOWN);
    assert_int_equal(status_field("", "Seccomp"), FACTS_UNKNOWN);
}

static void core_pmus_are_told_from_other_devices(void **state) {
    (void)state;
    static const char *const cores[] = {"cpu",         "cpu_core",         "cpu_atom",
                                        "armv8_pmuv3", "armv8_cortex_a57", "apple_icestorm_pmu"};
    static const char *const others[] = {"software", "msr",       "uncore_imc_0", "breakpoint", "cstate_core",
                                         "power",    "arm_spe_0", "intel_pt",     "amd_l3"};
    for (size_t i = 0; i < sizeof cores / sizeof *cores; i++)
        assert_true(is_core_pmu(cores[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(is_core_pmu(others[i]));
}

/* Of this machine: facts agree with each other, whatever they are. */
static void facts_of_this_machine_are_consistent(void **state) {
    (void)state;
    struct counter_facts facts;
    counter_facts_read(&facts);
    assert_true(facts.cpus >= 1);
    assert_int_equal(facts.core_pmus > 0, facts.core_pmu[0] != '\0');
    assert_false(facts.user_error && !facts.software_error); /* what is more privileged is refused first */
    struct counter_plan plan = plan_without_hardware();
    struct findings findings = {.count = 0};
    counter_findings(&plan, &findings);
    assert_true(findings.count >= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_machine_gets_no_warning),
        cmocka_unit_test(a_hypervisor_without_pmu_is_told_from_a_missing_driver),
        cmocka_unit_test(paranoid_levels_are_told_apart),
        cmocka_unit_test(what_the_setting_allows_is_refused_by_something_else),
        cmocka_unit_test(errors_of_the_system_call_are_told_apart),
        cmocka_unit_test(libraries_that_lack_the_cpu_are_named),
        cmocka_unit_test(watchdog_hybrid_and_descriptors),
        cmocka_unit_test(untrusted_events_are_a_warning),
        cmocka_unit_test(status_fields_are_parsed),
        cmocka_unit_test(core_pmus_are_told_from_other_devices),
        cmocka_unit_test(facts_of_this_machine_are_consistent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
