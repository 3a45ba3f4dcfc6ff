#include "host/fingerprint.h"

#include "base/hash.h"
#include "host/proc_text.h"
#include "host/text_file.h"
#include "host/topology_internal.h"
#include "host/virtualization.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

#define CPU_FOLDER "/sys/devices/system/cpu/"

static void copy_text(char *to, size_t size, const char *from) {
    size_t length = strlen(from);
    if (length >= size)
        length = size - 1;
    memcpy(to, from, length);
    to[length] = '\0';
}

/*
 * The CPU that a program of one thread would be given: on hybrid machines, the first may be of another kind.
 */
static unsigned preferred_cpu(const struct topology *topology) {
    struct cpu_choice choice;
    return topology_choose(topology, 1, NULL, &choice, NULL) ? 0 : choice.cpus[0];
}

static void read_cpu(struct fingerprint *fingerprint, const struct topology *topology) {
    struct cpu_identity identity = {0};
    char *text;
    if (!text_file_read("/proc/cpuinfo", &text)) {
        cpuinfo_identify(text, preferred_cpu(topology), &identity);
        free(text);
    }
    copy_text(fingerprint->cpu_model, sizeof fingerprint->cpu_model, identity.model);
    copy_text(fingerprint->cpu_vendor, sizeof fingerprint->cpu_vendor, identity.vendor);
    copy_text(fingerprint->microcode, sizeof fingerprint->microcode, identity.microcode);
    copy_text(fingerprint->cpu_flags, sizeof fingerprint->cpu_flags, identity.flags);
    fingerprint->cpu_family = identity.family;
    fingerprint->cpu_model_number = identity.model_number;
    fingerprint->cpu_stepping = identity.stepping;
    machine_name(&identity, fingerprint->architecture, fingerprint->topology.cpus, fingerprint->machine,
                 sizeof fingerprint->machine);
}

static void read_system(struct fingerprint *fingerprint) {
    struct utsname name;
    char *text;
    if (uname(&name) == 0) {
        copy_text(fingerprint->architecture, sizeof fingerprint->architecture, name.machine);
        snprintf(fingerprint->kernel, sizeof fingerprint->kernel, "%.32s %.90s", name.sysname, name.release);
    }
    if (!text_file_read("/etc/os-release", &text) || !text_file_read("/usr/lib/os-release", &text)) {
        text_value(text, "PRETTY_NAME", '=', fingerprint->distribution, sizeof fingerprint->distribution);
        free(text);
    }
#ifdef __GLIBC__
    snprintf(fingerprint->libc, sizeof fingerprint->libc, "glibc %s", gnu_get_libc_version());
#endif
    hypervisor_read(fingerprint->hypervisor, sizeof fingerprint->hypervisor);
    container_read(fingerprint->container, sizeof fingerprint->container);
}

static void read_turbo(struct fingerprint *fingerprint) {
    char line[16];
    const char *turbo = "";
    if (!text_file_line(CPU_FOLDER "intel_pstate/no_turbo", line, sizeof line))
        turbo = strcmp(line, "0") == 0 ? "on" : "off";
    else if (!text_file_line(CPU_FOLDER "cpufreq/boost", line, sizeof line))
        turbo = strcmp(line, "1") == 0 ? "on" : "off";
    copy_text(fingerprint->turbo, sizeof fingerprint->turbo, turbo);
}

static int read_setting(const char *path, int unknown) {
    char line[32], *end;
    if (text_file_line(path, line, sizeof line))
        return unknown;
    long value = strtol(line, &end, 10);
    return end == line ? unknown : (int)value;
}

static void read_settings(struct fingerprint *fingerprint, const struct topology *topology) {
    char path[96], line[128];
    unsigned cpu = 0;
    topology_allowed_cpus(topology, &cpu, 1);
    snprintf(path, sizeof path, CPU_FOLDER "cpu%u/cpufreq/scaling_governor", cpu);
    text_file_line(path, fingerprint->governor, sizeof fingerprint->governor);
    read_turbo(fingerprint);
    text_file_line("/sys/kernel/mm/transparent_hugepage/enabled", line, sizeof line);
    text_bracketed(line, fingerprint->transparent_huge_pages, sizeof fingerprint->transparent_huge_pages);
    text_file_line("/sys/devices/system/clocksource/clocksource0/current_clocksource",
                   fingerprint->clocksource, sizeof fingerprint->clocksource);
    fingerprint->aslr = read_setting("/proc/sys/kernel/randomize_va_space", -1);
    fingerprint->perf_event_paranoid = read_setting("/proc/sys/kernel/perf_event_paranoid", -2);
}

uint64_t fingerprint_identity(const struct fingerprint *fingerprint) {
    const struct topology_facts *topology = &fingerprint->topology;
    const char *const texts[] = {fingerprint->cpu_model, fingerprint->cpu_vendor,   fingerprint->microcode,
                                 fingerprint->cpu_flags, fingerprint->architecture, fingerprint->kernel};
    const uint64_t numbers[] = {(uint64_t)fingerprint->cpu_family,
                                (uint64_t)fingerprint->cpu_model_number,
                                (uint64_t)fingerprint->cpu_stepping,
                                topology->packages,
                                topology->numa_nodes,
                                topology->cores,
                                topology->cpus,
                                topology->threads_per_core,
                                topology->cpu_kinds,
                                topology->performance_cpus,
                                topology->l1d_bytes,
                                topology->l2_bytes,
                                topology->l3_bytes,
                                topology->line_bytes,
                                topology->l3_sharing_cpus};
    uint64_t key = HASH_START;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        key = hash_text(key, texts[i]);
    return hash_bytes(key, numbers, sizeof numbers);
}

void fingerprint_read(struct fingerprint *fingerprint, const struct topology *topology) {
    *fingerprint = (struct fingerprint){0};
    topology_get_facts(topology, &fingerprint->topology);
    read_system(fingerprint);
    read_cpu(fingerprint, topology);
    read_settings(fingerprint, topology);
    sample_clock_open(&fingerprint->clock);
    core_clock_measure(&fingerprint->clock, 64, &fingerprint->core);
}
