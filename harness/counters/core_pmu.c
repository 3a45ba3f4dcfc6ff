#include "counters/core_pmu.h"

#include "host/text_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICES "bus/event_source/devices"

/* x86: cpu, or cpu_core and cpu_atom on hybrids. Arm: armv8_pmuv3, armv8_cortex_a57, armv9_...,
 * apple_icestorm_pmu. */
bool is_core_pmu(const char *name) {
    return strcmp(name, "cpu") == 0 || strcmp(name, "cpu_core") == 0 || strcmp(name, "cpu_atom") == 0 ||
           strncmp(name, "armv", 4) == 0 || strncmp(name, "apple_", 6) == 0;
}

bool cpu_list_contains(const char *list, unsigned cpu) {
    while (*list) {
        char *end;
        unsigned long first = strtoul(list, &end, 10), last = first;
        if (end == list)
            return false;
        if (*end == '-') {
            list = end + 1;
            last = strtoul(list, &end, 10);
            if (end == list)
                return false;
        }
        if (cpu >= first && cpu <= last)
            return true;
        list = *end == ',' ? end + 1 : "";
    }
    return false;
}

static int read_line(const char *sysfs, const char *name, const char *file, char *line, size_t size) {
    char path[512];
    snprintf(path, sizeof path, "%s/" DEVICES "/%s/%s", sysfs, name, file);
    return text_file_line(path, line, size);
}

/* What libpfm4 calls the PMUs of Intel's hybrid CPUs (lib/pfmlib_intel_adl.c: Golden Cove and Gracemont). */
static const char *prefix_of(const char *name) {
    return strcmp(name, "cpu_core") == 0 ? "adl_glc" : strcmp(name, "cpu_atom") == 0 ? "adl_grt" : "";
}

static void read_pmu(const char *sysfs, const char *name, struct core_pmu *pmu) {
    char line[32];
    snprintf(pmu->name, sizeof pmu->name, "%.63s", name);
    snprintf(pmu->prefix, sizeof pmu->prefix, "%s", prefix_of(name));
    /*
     * A list too long for the field would lose CPUs without a trace; then the PMU is taken for all of them.
     */
    if (read_line(sysfs, name, "cpus", pmu->cpus, sizeof pmu->cpus) ||
        strlen(pmu->cpus) == sizeof pmu->cpus - 1)
        pmu->cpus[0] = '\0';
    pmu->type = read_line(sysfs, name, "type", line, sizeof line) ? 0 : (unsigned)strtoul(line, NULL, 10);
    pmu->rdpmc = read_line(sysfs, name, "rdpmc", line, sizeof line) ? CORE_PMU_UNKNOWN : atoi(line);
}

/* Whether the PMU is the better answer for the CPU: it names it, or comes first by name. */
static bool is_better(const struct core_pmu *pmu, const struct core_pmu *best, unsigned cpu) {
    if (pmu->cpus[0] && !cpu_list_contains(pmu->cpus, cpu))
        return false;
    return !best->name[0] || strcmp(pmu->name, best->name) < 0;
}

int core_pmu_of(const char *sysfs, unsigned cpu, struct core_pmu *best) {
    char path[512];
    unsigned kinds = 0;
    *best = (struct core_pmu){.rdpmc = CORE_PMU_UNKNOWN};
    snprintf(path, sizeof path, "%s/" DEVICES, sysfs);
    DIR *folder = opendir(path);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        struct core_pmu pmu = {.kinds = 0};
        if (!is_core_pmu(entry->d_name))
            continue;
        kinds++;
        read_pmu(sysfs, entry->d_name, &pmu);
        if (is_better(&pmu, best, cpu))
            *best = pmu;
    }
    if (folder)
        closedir(folder);
    best->kinds = kinds;
    return best->name[0] ? 0 : -ENODEV;
}
