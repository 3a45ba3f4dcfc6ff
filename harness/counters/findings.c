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

static void judge_paranoid(const struct counter_facts *facts, struct findings *findings) {
    static const char topic[] = "perf_event_paranoid";
    if (facts->paranoid == FACTS_UNKNOWN)
        return;
    if (facts->paranoid > 2)
        finding_add(findings, FINDING_WARN, topic, "as root: sysctl kernel.perf_event_paranoid=1",
                    "kernel.perf_event_paranoid is %d: ordinary users count nothing, and PAPI turns itself "
                    "off even for "
                    "root",
                    facts->paranoid);
    else if (facts->paranoid == 2 && !facts->privileged)
        finding_add(findings, FINDING_NOTE, topic, "as root: sysctl kernel.perf_event_paranoid=1",
                    "kernel.perf_event_paranoid is 2: hardware events count in user mode as always, but "
                    "software events "
                    "come from the process as a whole, and migrations are absent");
    else
        finding_add(findings, FINDING_GOOD, topic, NULL, "kernel.perf_event_paranoid is %d%s",
                    facts->paranoid, facts->privileged ? ", and this process may count anyway" : "");
}

/* EACCES is paranoid's answer; EPERM on an event that even paranoid 2 allows comes from a filter. */
static void judge_syscall(const struct counter_facts *facts, struct findings *findings) {
    static const char topic[] = "perf_event_open";
    if (facts->user_error == ENOSYS)
        finding_add(findings, FINDING_WARN, topic,
                    "a kernel with CONFIG_PERF_EVENTS; sandboxes such as gVisor have none",
                    "this kernel does not have the system call perf_event_open (ENOSYS)");
    else if (facts->user_error == EPERM)
        finding_add(findings, FINDING_WARN, topic,
                    facts->seccomp > 0
                        ? "start the container with a seccomp profile that allows perf_event_open, or with "
                          "the capability CAP_PERFMON"
                        : "a security module or lockdown refuses it: see the kernel's log",
                    "perf_event_open is refused (EPERM)%s",
                    facts->seccomp > 0 ? " by a seccomp filter, as container engines install by default"
                                       : "");
    else if (facts->user_error && facts->user_error != EACCES)
        finding_add(findings, FINDING_WARN, topic, NULL,
                    "perf_event_open fails even for a software event: %s", strerror(facts->user_error));
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
