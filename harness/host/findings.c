#include "host/finding.h"

#include "base/numbers.h"
#include "base/option_name.h"
#include "host/observation.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void finding_add(struct findings *findings, enum finding_level level, const char *topic, const char *remedy,
                 const char *what, ...) {
    if (findings->count >= FINDINGS_MAX)
        return;
    struct finding *finding = &findings->items[findings->count++];
    finding->level = level;
    snprintf(finding->topic, sizeof finding->topic, "%s", topic);
    snprintf(finding->remedy, sizeof finding->remedy, "%s", remedy ? remedy : "");
    va_list arguments;
    va_start(arguments, what);
    vsnprintf(finding->what, sizeof finding->what, what, arguments);
    va_end(arguments);
}

static void judge_machine(const struct fingerprint *fingerprint, struct findings *findings) {
    if (fingerprint->hypervisor[0])
        finding_add(
            findings, FINDING_NOTE, "hypervisor", NULL,
            "this is a virtual machine (%s): the host's other guests share caches, memory and often cores, "
            "and hardware counters may be missing",
            fingerprint->hypervisor);
    else
        finding_add(findings, FINDING_GOOD, "hypervisor", NULL, "no hypervisor: the machine is our own");
    if (fingerprint->container[0])
        finding_add(findings, FINDING_NOTE, "container", NULL,
                    "this runs in a container (%s), which may limit CPUs, memory and counters",
                    fingerprint->container);
}

static void judge_allowed(const struct fingerprint *fingerprint, const struct observation *observation,
                          struct findings *findings) {
    const struct topology_facts *facts = &fingerprint->topology;
    if (facts->allowed_cpus < facts->cpus)
        finding_add(findings, FINDING_NOTE, "allowed CPUs",
                    "widen the cgroup's cpuset, or start without `taskset`, to use more",
                    "%u of %u online CPUs may be used by this process: %s", facts->allowed_cpus, facts->cpus,
                    observation->allowed);
    else
        finding_add(findings, FINDING_GOOD, "allowed CPUs", NULL, "all %u online CPUs may be used",
                    facts->cpus);
    if (facts->offline_cpus)
        finding_add(
            findings, FINDING_NOTE, "offline CPUs",
            "lscpu -e shows which; echo 1 | sudo tee /sys/devices/system/cpu/cpuN/online brings CPU N back",
            "%u CPUs of this machine are offline", facts->offline_cpus);
    if (facts->allowed_cpus == 1)
        finding_add(findings, FINDING_WARN, "one CPU", "give the process at least two CPUs",
                    "one CPU alone: the system's own work cannot be kept off the CPU that is measured");
}

/* What the runs will ask for, as an attempt showed. */
static void judge_binding(const struct observation *observation, struct findings *findings) {
    if (observation->binding)
        finding_add(findings, FINDING_WARN, "pinning",
                    "runs need it: start outside the sandbox or container, or allow sched_setaffinity and "
                    "set_mempolicy there",
                    "%.240s", observation->binding_problem.text);
    else
        finding_add(findings, FINDING_GOOD, "pinning", NULL,
                    "a thread could be bound to every allowed CPU (%s), as was tried", observation->allowed);
    char remedy[128];
    snprintf(remedy, sizeof remedy,
             "unset them, unless other programs need them; %s chooses processing units",
             option_name(SETTING_CPUS));
    if (observation->ignored[0])
        finding_add(findings, FINDING_WARN, "hwloc variables", remedy,
                    "not followed, for what is measured runs on this machine as it is: %s",
                    observation->ignored);
}

static void judge_smt(const struct fingerprint *fingerprint, const struct observation *observation,
                      struct findings *findings) {
    const struct topology_facts *facts = &fingerprint->topology;
    if (facts->threads_per_core > 1)
        finding_add(
            findings, FINDING_NOTE, "SMT",
            "leave the sibling threads idle while measuring, or: echo off | sudo tee "
            "/sys/devices/system/cpu/smt/control",
            "%u hardware threads share each of %u cores: work on a sibling slows what is measured, by 10 to "
            "50 %%; threads are put on separate cores while there are enough",
            facts->threads_per_core, facts->cores);
    else if (fingerprint->hypervisor[0])
        finding_add(
            findings, FINDING_NOTE, "SMT", NULL,
            "no hardware threads are shown; a hypervisor can hide that two virtual CPUs share a core");
    else
        finding_add(findings, FINDING_GOOD, "SMT", NULL, "one hardware thread runs on each core%s",
                    strcmp(observation->smt, "off") == 0 ? " (SMT is switched off)" : "");
    char remedy[64];
    snprintf(remedy, sizeof remedy, "use %s to measure on the other kind", option_name(SETTING_CPUS));
    if (facts->cpu_kinds > 1)
        finding_add(findings, FINDING_NOTE, "hybrid CPU", remedy,
                    "%u kinds of core; the %u CPUs of the fastest kind are used first", facts->cpu_kinds,
                    facts->performance_cpus);
}

static void judge_load(const struct noise *noise, struct findings *findings) {
    if (isnan(noise->steal_share)) {
        finding_add(findings, FINDING_WARN, "steal", "mount /proc so that /proc/stat can be read",
                    "steal time and other load are not known: /proc/stat does not show the allowed CPUs");
        return;
    }
    char steal[64], load[96];
    snprintf(steal, sizeof steal, "%.1f %% of the CPUs' time in %.1f s", 100 * noise->steal_share,
             noise->wall_s);
    snprintf(load, sizeof load, "%.1f %% of the CPUs' time in %.1f s", 100 * noise->other_load_share,
             noise->wall_s);
    if (noise_has_steal(noise))
        finding_add(findings, FINDING_WARN, "steal",
                    "measure at a quieter hour, or on an instance with dedicated cores",
                    "the hypervisor gave %s to others", steal);
    else
        finding_add(findings, FINDING_GOOD, "steal", NULL, "the hypervisor took %s", steal);
    if (noise_has_other_load(noise))
        finding_add(findings, FINDING_WARN, "other load",
                    "top -o %CPU shows who; stop it, or keep it off the measured CPUs with taskset",
                    "other processes used %s", load);
    else
        finding_add(findings, FINDING_GOOD, "other load", NULL, "other processes used %s", load);
}

static void judge_quota(const struct observation *observation, struct findings *findings) {
    const struct cgroup_cpu *cgroup = &observation->cgroup;
    static const char *const remedy =
        "raise or lift the quota: docker run without --cpus, systemctl set-property "
        "UNIT CPUQuota=, no CPU limit in Kubernetes";
    double past = (double)cgroup->throttled_us * 1e-6;
    if (observation->noise.throttled_s > 0)
        finding_add(
            findings, FINDING_WARN, "CPU quota", remedy,
            "the cgroup's CPU quota (%.2f CPUs) held this process's group back for %s s of the %.1f s "
            "watched",
            cgroup->quota_cpus, BRIEF(observation->noise.throttled_s, 3), observation->noise.wall_s);
    else if (cgroup->quota_cpus > 0)
        finding_add(
            findings, FINDING_WARN, "CPU quota", remedy,
            "the cgroup allows %.2f CPUs' time; a longer run can be stopped in mid-sample (so far %s s, in "
            "%llu periods)",
            cgroup->quota_cpus, BRIEF(past, 3), (unsigned long long)cgroup->throttled_periods);
    else
        finding_add(findings, FINDING_GOOD, "CPU quota", NULL,
                    "no CPU quota is seen on this process's cgroup");
}

static void judge_governor(const struct fingerprint *fingerprint, struct findings *findings) {
    const char *governor = fingerprint->governor;
    if (!governor[0])
        finding_add(findings, FINDING_NOTE, "governor", NULL,
                    "the frequency governor is not shown%s; the core clock is measured instead",
                    fingerprint->hypervisor[0] ? ", as is usual under a hypervisor" : "");
    else if (strcmp(governor, "performance") == 0)
        finding_add(findings, FINDING_GOOD, "governor", NULL, "the frequency governor is performance");
    else
        finding_add(findings, FINDING_WARN, "governor", "sudo cpupower frequency-set -g performance",
                    "the frequency governor is %s: the clock starts low and rises while work goes on",
                    governor);
    if (strcmp(fingerprint->turbo, "on") == 0)
        finding_add(
            findings, FINDING_NOTE, "turbo",
            "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo (Intel), or echo 0 | sudo tee "
            "/sys/devices/system/cpu/cpufreq/boost",
            "turbo is on: the clock depends on temperature and on what the other cores do");
    else if (fingerprint->turbo[0])
        finding_add(findings, FINDING_GOOD, "turbo", NULL, "turbo is off");
}

static void judge_frequency(const struct fingerprint *fingerprint, const struct observation *observation,
                            struct findings *findings) {
    if (observation->fastest_ghz <= 0) {
        finding_add(
            findings, FINDING_WARN, "core clock",
            "run when the machine is quieter; if it stays so, IPC and cycles from the clock cannot be had "
            "here",
            "the core clock cannot be read: the timing of additions and multiplications does not agree "
            "(%.0f %% apart at start)",
            100 * fingerprint->core.disagreement);
        return;
    }
    double spread = observation->fastest_ghz / observation->slowest_ghz - 1;
    if (spread > 0.02)
        finding_add(
            findings, FINDING_WARN, "core clock",
            "fix the frequency (governor performance, turbo off), or let the pairing of samples absorb it",
            "the core clock moved between %.3f and %.3f GHz (%.1f %%) in %.1f s", observation->slowest_ghz,
            observation->fastest_ghz, 100 * spread, observation->noise.wall_s);
    else
        finding_add(findings, FINDING_GOOD, "core clock", NULL,
                    "the core clock stayed within %.2f %% of %.3f GHz", 100 * spread,
                    observation->fastest_ghz);
}

static void judge_clock(const struct fingerprint *fingerprint, struct findings *findings) {
    const struct sample_clock *clock = &fingerprint->clock;
    const char *source = fingerprint->clocksource[0] ? fingerprint->clocksource : "not shown";
    if (clock->tsc)
        finding_add(findings, FINDING_GOOD, "clock", NULL,
                    "samples are timed with the time stamp counter, %.3f GHz (kernel's clock source: %s)",
                    clock->ticks_per_ns, source);
    else if (strcmp(source, "hpet") == 0 || strcmp(source, "acpi_pm") == 0)
        finding_add(findings, FINDING_WARN, "clock", "boot with tsc=reliable if the TSC is known to be sound",
                    "samples are timed with clock_gettime over %s, about 1 us a reading: %s", source,
                    clock->reason);
    else
        finding_add(findings, FINDING_NOTE, "clock", NULL,
                    "samples are timed with clock_gettime (kernel's clock source: %s): %s", source,
                    clock->reason);
}

static void judge_aslr(const struct fingerprint *fingerprint, const struct observation *observation,
                       struct findings *findings) {
    if (observation->aslr_off_here)
        finding_add(
            findings, FINDING_WARN, "ASLR", "start without `setarch -R`, outside a debugger",
            "address randomization is off for this process: every replicate gets the same layout, and one "
            "layout's luck can pass for a speedup");
    else if (fingerprint->aslr == 2)
        finding_add(
            findings, FINDING_GOOD, "ASLR", NULL,
            "addresses are randomized (randomize_va_space = 2): each replicate gets a layout of its own");
    else if (fingerprint->aslr >= 0)
        finding_add(
            findings, FINDING_WARN, "ASLR", "sudo sysctl kernel.randomize_va_space=2",
            "address randomization is %s (randomize_va_space = %d): replicates share a layout, and its luck "
            "can pass for a speedup",
            fingerprint->aslr == 0 ? "off" : "without the heap", fingerprint->aslr);
    else
        finding_add(findings, FINDING_NOTE, "ASLR", NULL, "whether addresses are randomized is not known");
}

static void judge_memory(const struct fingerprint *fingerprint, const struct observation *observation,
                         struct findings *findings) {
    const char *pages = fingerprint->transparent_huge_pages;
    if (strcmp(pages, "always") == 0)
        finding_add(
            findings, FINDING_NOTE, "transparent huge pages",
            "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled",
            "transparent huge pages are given out whenever there are some (always): runs differ with what "
            "was free");
    else if (pages[0])
        finding_add(findings, FINDING_GOOD, "transparent huge pages", NULL,
                    "transparent huge pages are set to %s: page size does not depend on luck", pages);
    double total = (double)observation->memory_total, available = (double)observation->memory_available;
    if (observation->memory_pressure > 1)
        finding_add(findings, FINDING_WARN, "memory", "free -h and top -o %MEM show who uses it; stop that",
                    "tasks waited for memory in %.1f %% of the last 10 s", observation->memory_pressure);
    else if (available > 0 && total > 0 && available < 0.1 * total)
        finding_add(findings, FINDING_WARN, "memory", "free -h and top -o %MEM show who uses it; stop that",
                    "%.1f of %.1f GiB of memory are available: large points may swap or be killed",
                    available / 0x1p30, total / 0x1p30);
    else if (available > 0)
        finding_add(findings, FINDING_GOOD, "memory", NULL, "%.1f GiB of memory are available%s",
                    available / 0x1p30,
                    isnan(observation->memory_pressure) ? "" : ", and nothing waits for it");
}

void host_judge(const struct fingerprint *fingerprint, const struct observation *observation,
                struct findings *findings) {
    judge_machine(fingerprint, findings);
    judge_allowed(fingerprint, observation, findings);
    judge_binding(observation, findings);
    judge_smt(fingerprint, observation, findings);
    judge_load(&observation->noise, findings);
    judge_quota(observation, findings);
    judge_governor(fingerprint, findings);
    judge_frequency(fingerprint, observation, findings);
    judge_clock(fingerprint, findings);
    judge_aslr(fingerprint, observation, findings);
    judge_memory(fingerprint, observation, findings);
}

void host_findings(const struct fingerprint *fingerprint, const struct topology *topology, double seconds,
                   struct findings *findings) {
    struct observation observation;
    host_observe(fingerprint, topology, seconds, &observation);
    host_judge(fingerprint, &observation, findings);
}
