/* counter_findings: one check a cause. */
#include "counters/facts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Descriptors that counting needs beside a few of the program's: an event, a thread, a descriptor. */
static long descriptors_needed(const struct counter_facts *facts, const struct counter_plan *plan) {
    long events = 0;
    for (int event = 0; event < COUNTER_EVENTS; event++)
        events += plan->entries[event].source != SOURCE_NONE;
    return 64 + events * (long)facts->cpus;
}

static void judge_events(const struct counter_plan *plan, struct findings *findings) {
    unsigned counted = 0, untrusted = 0, missing = 0;
    for (int event = 0; event < COUNTER_EVENTS; event++) {
        const struct counter_plan_entry *entry = &plan->entries[event];
        if (!counter_event_info[event].hardware)
            continue;
        counted += entry->source == SOURCE_HW || entry->source == SOURCE_HW_GENERIC;
        untrusted += entry->trust == TRUST_UNTRUSTED;
        missing += entry->source == SOURCE_NONE;
    }
    if (counted)
        finding_add(findings, missing || untrusted ? FINDING_NOTE : FINDING_GOOD, "hardware counters", NULL,
                    "%u hardware events are counted (PMU %s), %u of them untrusted; %u are missing", counted,
                    plan->pmu[0] ? plan->pmu : "unnamed", untrusted, missing);
    if (untrusted)
        finding_add(
            findings, FINDING_WARN, "untrusted events",
            "use another machine for these events; they enter no verdict and no table here",
            "%u events count nonsense on loops whose counts are known: a hypervisor or an emulator that "
            "shows a PMU but does not count",
            untrusted);
}

static void judge_missing_pmu(const struct counter_facts *facts, struct findings *findings) {
    if (facts->core_pmus || (facts->hardware_error != ENOENT && facts->hardware_error != ENODEV &&
                             facts->hardware_error != EOPNOTSUPP))
        return;
    if (facts->cpuid_counters > 0) {
        finding_add(findings, FINDING_WARN, "PMU",
                    "boot the kernel with its PMU driver, and without an option that turns it off",
                    "CPUID leaf %s promises %d counters a core, but the kernel drives no PMU",
                    facts->cpuid_leaf, facts->cpuid_counters);
        return;
    }
    finding_add(
        findings, FINDING_WARN, "PMU",
        facts->hypervisor
            ? "ask for a virtual PMU (QEMU: -cpu host,pmu=on; clouds: a metal or large instance), or run on "
              "bare metal; until then instructions, branches and misses are not counted (at best simulated)"
            : "check the firmware and the kernel's log for the PMU",
        "no PMU is exposed%s: %s%s and /sys/bus/event_source has no core PMU",
        facts->hypervisor ? " by the hypervisor" : "",
        facts->cpuid_leaf[0] ? "CPUID leaf " : "the kernel finds none",
        facts->cpuid_leaf[0] ? facts->cpuid_leaf : "");
}

/* Up to 2 the setting allows everybody an event of user mode alone, up to 1 one with the kernel's part; it
 * refuses with EACCES. Whether this process stands above it only an attempt can tell: root of a user
 * namespace holds every capability, and none that counts here. */
static bool paranoid_refuses_user_mode(const struct counter_facts *facts) {
    return facts->user_error == EACCES && facts->paranoid > 2;
}

static bool paranoid_refuses_kernel(const struct counter_facts *facts) {
    return facts->user_error == 0 && facts->software_error == EACCES && facts->paranoid > 1;
}

static void judge_paranoid(const struct counter_facts *facts, struct findings *findings) {
    static const char topic[] = "perf_event_paranoid",
                      remedy[] = "as root of the host: sysctl kernel.perf_event_paranoid=1";
    if (facts->paranoid == FACTS_UNKNOWN)
        return;
    if (paranoid_refuses_user_mode(facts))
        finding_add(
            findings, FINDING_WARN, topic, remedy,
            "kernel.perf_event_paranoid is %d: this process counts nothing (perf_event_open was tried: "
            "EACCES)%s",
            facts->paranoid, facts->seccomp > 0 ? "; its seccomp filter may refuse that call as well" : "");
    else if (paranoid_refuses_kernel(facts))
        finding_add(findings, FINDING_NOTE, topic, remedy,
                    "kernel.perf_event_paranoid is %d: hardware events count in user mode as always, but "
                    "what the kernel does for the process is not counted (tried: EACCES): software events "
                    "come from the process as a whole, and migrations are absent",
                    facts->paranoid);
    else if (facts->paranoid > 2)
        finding_add(findings, FINDING_WARN, topic, remedy,
                    "kernel.perf_event_paranoid is %d: PAPI turns itself off, even for root",
                    facts->paranoid);
    else if (!facts->user_error && !facts->software_error)
        finding_add(findings, FINDING_GOOD, topic, NULL,
                    "kernel.perf_event_paranoid is %d, and counting was tried: it works, the kernel's part "
                    "included",
                    facts->paranoid);
}

/* The refusals that perf_event_paranoid does not explain. */
static void judge_refusal(const struct counter_facts *facts, int error, const char *what,
                          struct findings *findings) {
    finding_add(findings, FINDING_WARN, "perf_event_open",
                facts->seccomp > 0 ? "start the container with a seccomp profile that allows perf_event_open"
                                   : "a security module or lockdown refuses it: see the kernel's log",
                "%s (%s)%s", what, error == EPERM ? "EPERM" : "EACCES",
                facts->seccomp > 0
                    ? ", most likely by a seccomp filter, which is in place here, as container engines do"
                    : "");
}

static void judge_syscall(const struct counter_facts *facts, struct findings *findings) {
    static const char topic[] = "perf_event_open";
    bool user_refused = facts->user_error == EPERM || facts->user_error == EACCES;
    bool kernel_refused = facts->software_error == EPERM || facts->software_error == EACCES;
    bool hardware_refused = facts->hardware_error == EPERM || facts->hardware_error == EACCES;
    if (paranoid_refuses_user_mode(facts))
        return;
    if (facts->user_error == ENOSYS)
        finding_add(findings, FINDING_WARN, topic,
                    "a kernel with CONFIG_PERF_EVENTS; sandboxes such as gVisor have none",
                    "this kernel does not have the system call perf_event_open (ENOSYS)");
    else if (user_refused)
        judge_refusal(facts, facts->user_error, "perf_event_open is refused", findings);
    else if (facts->user_error)
        finding_add(findings, FINDING_WARN, topic, NULL,
                    "perf_event_open fails even for a software event: %s", strerror(facts->user_error));
    else if (hardware_refused)
        judge_refusal(facts, facts->hardware_error,
                      "hardware events are refused, though software events are counted", findings);
    else if (kernel_refused && !paranoid_refuses_kernel(facts))
        judge_refusal(facts, facts->software_error,
                      "what the kernel does for the process may not be counted, though user mode may",
                      findings);
}

static void judge_watchdog(const struct counter_facts *facts, struct findings *findings) {
    if (facts->nmi_watchdog == 1 && (facts->core_pmus || facts->hardware_error == 0))
        finding_add(findings, FINDING_NOTE, "NMI watchdog", "as root: sysctl kernel.nmi_watchdog=0",
                    "the NMI watchdog holds one counter of every core: fewer events fit into a set");
}

static bool uses_papi(const struct counter_plan *plan) {
    for (int event = 0; event < COUNTER_EVENTS; event++)
        if (plan->entries[event].source == SOURCE_HW)
            return true;
    return false;
}

static void judge_libraries(const struct counter_facts *facts, const struct counter_plan *plan,
                            struct findings *findings) {
    bool pmu = facts->core_pmus > 0 || facts->hardware_error == 0;
    if (pmu && !facts->pfm_pmu[0])
        finding_add(
            findings, FINDING_WARN, "libpfm4",
            "a newer libpfm4 and PAPI; until then the generic events are counted where the kernel has them",
            "this libpfm4 does not know the CPU (the kernel calls its PMU %s)",
            facts->core_pmu[0] ? facts->core_pmu : "nothing in particular");
    else if (pmu && !uses_papi(plan) && plan->papi_reason[0])
        finding_add(findings, FINDING_WARN, "PAPI",
                    "a newer PAPI; until then the generic events are counted where the kernel has them",
                    "there is a PMU (%s), but PAPI counts nothing: %s", facts->pfm_pmu, plan->papi_reason);
    if (facts->core_pmus > 1)
        finding_add(findings, FINDING_NOTE, "hybrid CPU",
                    "leave pinning on: it takes performance cores first",
                    "%u kinds of core have a PMU each (%s first); a thread that moves between kinds is not "
                    "counted, and "
                    "the set is refused, not estimated",
                    facts->core_pmus, facts->core_pmu);
}

static void judge_descriptors(const struct counter_facts *facts, const struct counter_plan *plan,
                              struct findings *findings) {
    long needed = descriptors_needed(facts, plan);
    if (facts->descriptors != FACTS_UNKNOWN && facts->descriptors < needed)
        finding_add(findings, FINDING_WARN, "file descriptors", "raise the limit: ulimit -n 65536",
                    "the limit is %ld; counting a thread on each of %u CPUs needs about %ld",
                    facts->descriptors, facts->cpus, needed);
}

void counter_findings_from(const struct counter_facts *facts, const struct counter_plan *plan,
                           struct findings *findings) {
    judge_events(plan, findings);
    judge_missing_pmu(facts, findings);
    judge_paranoid(facts, findings);
    judge_syscall(facts, findings);
    judge_watchdog(facts, findings);
    judge_libraries(facts, plan, findings);
    judge_descriptors(facts, plan, findings);
}

void counter_findings(const struct counter_plan *plan, struct findings *findings) {
    struct counter_facts facts;
    counter_facts_read(&facts);
    counter_findings_from(&facts, plan, findings);
}
