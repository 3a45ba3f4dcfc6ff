#include "host/observation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct fingerprint fingerprint;
static struct observation observation;
static struct findings findings;

/* A quiet bare-metal machine set up for measuring: each test then spoils one thing. */
static int setup_ideal(void **state) {
    (void)state;
    fingerprint = (struct fingerprint){
        .governor = "performance",
        .turbo = "off",
        .transparent_huge_pages = "madvise",
        .clocksource = "tsc",
        .aslr = 2,
        .topology = {.packages = 1,
                     .numa_nodes = 1,
                     .cores = 8,
                     .cpus = 8,
                     .allowed_cpus = 8,
                     .threads_per_core = 1,
                     .cpu_kinds = 1,
                     .performance_cpus = 8,
                     .memory_bytes = 16ull << 30},
        .clock = {.tsc = true, .ticks_per_ns = 2.3, .name = "tsc"},
    };
    observation = (struct observation){
        .noise = {.wall_s = 0.5},
        .slowest_ghz = 2.99,
        .fastest_ghz = 3.0,
        .memory_total = 16ull << 30,
        .memory_available = 12ull << 30,
        .smt = "off",
        .allowed = "0-7",
    };
    findings = (struct findings){.count = 0};
    return 0;
}

static const struct finding *find(const char *topic) {
    for (size_t i = 0; i < findings.count; i++)
        if (strcmp(findings.items[i].topic, topic) == 0)
            return &findings.items[i];
    fail_msg("no finding on %s", topic);
    return NULL;
}

static void expect(const char *topic, enum finding_level level, const char *what) {
    host_judge(&fingerprint, &observation, &findings);
    const struct finding *finding = find(topic);
    assert_int_equal(finding->level, level);
    assert_string_equal(finding->what, what);
    if (level == FINDING_WARN)
        assert_true(finding->remedy[0]);
}

static void ideal_machine_is_good(void **state) {
    (void)state;
    host_judge(&fingerprint, &observation, &findings);
    assert_true(findings.count >= 11);
    for (size_t i = 0; i < findings.count; i++) {
        if (findings.items[i].level != FINDING_GOOD)
            fail_msg("%s: %s", findings.items[i].topic, findings.items[i].what);
        assert_string_equal(findings.items[i].remedy, "");
    }
}

/* What an attempt showed, not what the masks promise. */
static void binding_that_is_refused(void **state) {
    (void)state;
    observation.binding = -1;
    snprintf(observation.binding_problem.text, sizeof observation.binding_problem.text,
             "thread 0 cannot be bound to CPU 3: Operation not permitted");
    expect("pinning", FINDING_WARN, "thread 0 cannot be bound to CPU 3: Operation not permitted");
}

static void hwloc_variables(void **state) {
    (void)state;
    strcpy(observation.ignored, "HWLOC_XMLFILE, HWLOC_COMPONENTS");
    expect("hwloc variables", FINDING_WARN,
           "not followed, for what is measured runs on this machine as it is: HWLOC_XMLFILE, "
           "HWLOC_COMPONENTS");
}

static void steal(void **state) {
    (void)state;
    observation.noise.steal_share = 0.041;
    expect("steal", FINDING_WARN, "the hypervisor gave 4.1 % of the CPUs' time in 0.5 s to others");
}

static void other_load(void **state) {
    (void)state;
    observation.noise.other_load_share = 0.04; /* a tick or two of /proc/stat: not yet noise */
    host_judge(&fingerprint, &observation, &findings);
    assert_int_equal(find("other load")->level, FINDING_GOOD);
    findings.count = 0;
    observation.noise.other_load_share = 0.3;
    expect("other load", FINDING_WARN, "other processes used 30.0 % of the CPUs' time in 0.5 s");
}

static void load_not_known(void **state) {
    (void)state;
    observation.noise.steal_share = observation.noise.other_load_share = NAN;
    expect("steal", FINDING_WARN,
           "steal time and other load are not known: /proc/stat does not show the allowed CPUs");
}

static void governor(void **state) {
    (void)state;
    strcpy(fingerprint.governor, "powersave");
    expect("governor", FINDING_WARN,
           "the frequency governor is powersave: the clock starts low and rises while work goes on");
    assert_string_equal(find("governor")->remedy, "sudo cpupower frequency-set -g performance");
}

static void governor_not_shown(void **state) {
    (void)state;
    fingerprint.governor[0] = fingerprint.turbo[0] = '\0';
    strcpy(fingerprint.hypervisor, "kvm");
    expect("governor", FINDING_NOTE,
           "the frequency governor is not shown, as is usual under a hypervisor; the core clock is measured "
           "instead");
    for (size_t i = 0; i < findings.count; i++)
        assert_string_not_equal(findings.items[i].topic, "turbo");
}

static void turbo(void **state) {
    (void)state;
    strcpy(fingerprint.turbo, "on");
    expect("turbo", FINDING_NOTE,
           "turbo is on: the clock depends on temperature and on what the other cores do");
}

static void smt(void **state) {
    (void)state;
    fingerprint.topology.threads_per_core = 2;
    expect(
        "SMT", FINDING_NOTE,
        "2 hardware threads share each of 8 cores: work on a sibling slows what is measured, by 10 to 50 %; "
        "threads are put on separate cores while there are enough");
}

static void hybrid(void **state) {
    (void)state;
    fingerprint.topology.cpu_kinds = 2;
    fingerprint.topology.performance_cpus = 4;
    expect("hybrid CPU", FINDING_NOTE, "2 kinds of core; the 4 CPUs of the fastest kind are used first");
}

static void fewer_cpus(void **state) {
    (void)state;
    fingerprint.topology.allowed_cpus = 1;
    strcpy(observation.allowed, "3");
    expect("allowed CPUs", FINDING_NOTE, "1 of 8 online CPUs may be used by this process: 3");
    assert_int_equal(find("one CPU")->level, FINDING_WARN);
}

static void offline(void **state) {
    (void)state;
    fingerprint.topology.offline_cpus = 4;
    expect("offline CPUs", FINDING_NOTE, "4 CPUs of this machine are offline");
}

static void quota(void **state) {
    (void)state;
    observation.cgroup =
        (struct cgroup_cpu){.quota_cpus = 1.5, .throttled_us = 2345678, .throttled_periods = 42};
    expect(
        "CPU quota", FINDING_WARN,
        "the cgroup allows 1.50 CPUs' time; a longer run can be stopped in mid-sample (so far 2.35 s, in 42 "
        "periods)");
}

static void throttled(void **state) {
    (void)state;
    observation.cgroup.quota_cpus = 0.5;
    observation.noise.throttled_s = 0.25;
    expect(
        "CPU quota", FINDING_WARN,
        "the cgroup's CPU quota (0.50 CPUs) held this process's group back for 0.25 s of the 0.5 s watched");
}

static void moving_clock(void **state) {
    (void)state;
    observation.slowest_ghz = 2.5;
    expect("core clock", FINDING_WARN, "the core clock moved between 2.500 and 3.000 GHz (20.0 %) in 0.5 s");
}

static void unread_clock(void **state) {
    (void)state;
    observation.slowest_ghz = observation.fastest_ghz = 0;
    fingerprint.core.disagreement = 0.25;
    expect("core clock", FINDING_WARN,
           "the core clock cannot be read: the timing of additions and multiplications does not agree (25 % "
           "apart "
           "at start)");
}

static void slow_clock_source(void **state) {
    (void)state;
    fingerprint.clock =
        (struct sample_clock){.ticks_per_ns = 1, .reason = "the kernel found the TSC unstable"};
    strcpy(fingerprint.clocksource, "hpet");
    expect("clock", FINDING_WARN,
           "samples are timed with clock_gettime over hpet, about 1 us a reading: the kernel found the TSC "
           "unstable");
}

static void aslr_off(void **state) {
    (void)state;
    fingerprint.aslr = 0;
    expect("ASLR", FINDING_WARN,
           "address randomization is off (randomize_va_space = 0): replicates share a layout, and its luck "
           "can pass "
           "for a speedup");
    assert_string_equal(find("ASLR")->remedy, "sudo sysctl kernel.randomize_va_space=2");
}

static void aslr_off_for_this_process(void **state) {
    (void)state;
    observation.aslr_off_here = true;
    host_judge(&fingerprint, &observation, &findings);
    assert_int_equal(find("ASLR")->level, FINDING_WARN);
    assert_non_null(strstr(find("ASLR")->remedy, "setarch -R"));
}

static void huge_pages(void **state) {
    (void)state;
    strcpy(fingerprint.transparent_huge_pages, "always");
    host_judge(&fingerprint, &observation, &findings);
    assert_int_equal(find("transparent huge pages")->level, FINDING_NOTE);
}

static void memory_short(void **state) {
    (void)state;
    observation.memory_available = 1ull << 30;
    expect("memory", FINDING_WARN,
           "1.0 of 16.0 GiB of memory are available: large points may swap or be killed");
}

static void memory_pressure(void **state) {
    (void)state;
    observation.memory_pressure = 12.5;
    expect("memory", FINDING_WARN, "tasks waited for memory in 12.5 % of the last 10 s");
}

static void virtual_machine(void **state) {
    (void)state;
    strcpy(fingerprint.hypervisor, "kvm");
    strcpy(fingerprint.container, "docker");
    host_judge(&fingerprint, &observation, &findings);
    assert_int_equal(find("hypervisor")->level, FINDING_NOTE);
    assert_non_null(strstr(find("hypervisor")->what, "(kvm)"));
    assert_non_null(strstr(find("container")->what, "(docker)"));
    assert_int_equal(find("SMT")->level, FINDING_NOTE);
}

static void full_list_drops_more(void **state) {
    (void)state;
    for (int i = 0; i < FINDINGS_MAX + 3; i++)
        finding_add(&findings, FINDING_NOTE, "topic", NULL, "number %d", i);
    assert_int_equal(findings.count, FINDINGS_MAX);
    assert_string_equal(findings.items[0].what, "number 0");
    assert_string_equal(findings.items[FINDINGS_MAX - 1].what, "number 47");
}

static void long_text_is_cut(void **state) {
    (void)state;
    char text[400];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    finding_add(&findings, FINDING_WARN, text, text, "%s", text);
    assert_int_equal(strlen(findings.items[0].topic), sizeof findings.items[0].topic - 1);
    assert_int_equal(strlen(findings.items[0].what), sizeof findings.items[0].what - 1);
    assert_int_equal(strlen(findings.items[0].remedy), sizeof findings.items[0].remedy - 1);
}

/* No sentence may be cut: the longest words that can be in them are put in. */
static void no_sentence_is_cut(void **state) {
    (void)state;
    memset(fingerprint.hypervisor, 'h', sizeof fingerprint.hypervisor - 1);
    memset(fingerprint.container, 'c', sizeof fingerprint.container - 1);
    fingerprint.topology = (struct topology_facts){.cpus = 1024,
                                                   .allowed_cpus = 1023,
                                                   .threads_per_core = 8,
                                                   .cores = 1024,
                                                   .offline_cpus = 1024,
                                                   .cpu_kinds = 4};
    memset(observation.allowed, '1', sizeof observation.allowed - 1);
    observation.aslr_off_here = true;
    observation.noise.throttled_s = 1.23;
    host_judge(&fingerprint, &observation, &findings);
    for (size_t i = 0; i < findings.count; i++) {
        assert_true(strlen(findings.items[i].what) < sizeof findings.items[i].what - 1);
        assert_true(strlen(findings.items[i].remedy) < sizeof findings.items[i].remedy - 1);
    }
}

static void this_machine_is_judged(void **state) {
    (void)state;
    struct topology *topology;
    assert_int_equal(topology_open(&topology, NULL, NULL), 0);
    fingerprint_read(&fingerprint, topology);
    host_findings(&fingerprint, topology, 0.2, &findings);
    topology_close(topology);
    assert_true(findings.count >= 9);
    for (size_t i = 0; i < findings.count; i++) {
        print_message("%d %s: %s [%s]\n", (int)findings.items[i].level, findings.items[i].topic,
                      findings.items[i].what, findings.items[i].remedy);
        assert_true(findings.items[i].topic[0] && findings.items[i].what[0]);
        assert_true(findings.items[i].level != FINDING_WARN || findings.items[i].remedy[0]);
    }
}

#define ON_IDEAL(test) cmocka_unit_test_setup(test, setup_ideal)

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_IDEAL(ideal_machine_is_good),
        ON_IDEAL(binding_that_is_refused),
        ON_IDEAL(hwloc_variables),
        ON_IDEAL(steal),
        ON_IDEAL(other_load),
        ON_IDEAL(load_not_known),
        ON_IDEAL(governor),
        ON_IDEAL(governor_not_shown),
        ON_IDEAL(turbo),
        ON_IDEAL(smt),
        ON_IDEAL(hybrid),
        ON_IDEAL(fewer_cpus),
        ON_IDEAL(offline),
        ON_IDEAL(quota),
        ON_IDEAL(throttled),
        ON_IDEAL(moving_clock),
        ON_IDEAL(unread_clock),
        ON_IDEAL(slow_clock_source),
        ON_IDEAL(aslr_off),
        ON_IDEAL(aslr_off_for_this_process),
        ON_IDEAL(huge_pages),
        ON_IDEAL(memory_short),
        ON_IDEAL(memory_pressure),
        ON_IDEAL(virtual_machine),
        ON_IDEAL(full_list_drops_more),
        ON_IDEAL(long_text_is_cut),
        ON_IDEAL(no_sentence_is_cut),
        ON_IDEAL(this_machine_is_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
