#include "counters/facts.h"

#include "counters/perf_events.h"
#include "host/text_file.h"

#include <errno.h>
#include <perfmon/pfmlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

long long status_field(const char *text, const char *field) {
    size_t length = strlen(field);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, field, length) || line[length] != ':')
            continue;
        char *end;
        long long value = (long long)strtoull(line + length + 1, &end, 10);
        return end == line + length + 1 ? FACTS_UNKNOWN : value;
    }
    return FACTS_UNKNOWN;
}

static int read_number(const char *path) {
    char line[32];
    if (text_file_line(path, line, sizeof line))
        return FACTS_UNKNOWN;
    return atoi(line);
}

/* On a hybrid CPU, of the first CPU's kind. */
static void read_devices(struct counter_facts *facts) {
    struct core_pmu pmu;
    core_pmu_of("/sys", 0, &pmu);
    facts->core_pmus = pmu.kinds;
    memcpy(facts->core_pmu, pmu.name, sizeof facts->core_pmu);
}

static void read_pfm(char *name, size_t size) {
    if (pfm_initialize() != PFM_SUCCESS)
        return;
    pfm_pmu_t pmu;
    pfm_for_all_pmus(pmu) {
        pfm_pmu_info_t info = {.size = sizeof info};
        if (pfm_get_pmu_info(pmu, &info) == PFM_SUCCESS && info.is_present &&
            info.type == PFM_PMU_TYPE_CORE) {
            snprintf(name, size, "%s", info.name);
            return;
        }
    }
}

void counter_core_pmu(char *name, size_t size) {
    struct counter_facts facts = {0};
    name[0] = '\0';
    read_pfm(name, size);
    if (name[0])
        return;
    read_devices(&facts);
    snprintf(name, size, "%s", facts.core_pmu);
}

/* The errno of opening `name` on the calling thread, 0 if it opens. */
static int try_open(const char *name, bool user_only) {
    struct perf_event_attr attribute;
    int status = perf_event_encode(name, user_only, &attribute);
    if (status)
        return -status;
    int descriptor = perf_event_descriptor(&attribute, 0, -1);
    if (descriptor < 0)
        return -descriptor;
    close(descriptor);
    return 0;
}

#if defined(__x86_64__)
/* Intel SDM vol. 2, CPUID leaf 0AH: EAX[7:0] version, EAX[15:8] general counters, EDX[4:0] fixed counters. */
static bool read_intel_leaf(struct counter_facts *facts) {
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid_count(0x0a, 0, &eax, &ebx, &ecx, &edx) || (eax & 0xff) == 0)
        return false;
    facts->cpuid_counters = (int)(eax >> 8 & 0xff) + (int)(edx & 0x1f);
    snprintf(facts->cpuid_leaf, sizeof facts->cpuid_leaf, "0AH");
    return true;
}

/*
 * AMD64 manual vol. 3, leaf 80000022H: EAX[0] performance monitoring version 2, EBX[3:0] core counters;
 * before it, 80000001H ECX[23]: the six core counters of family 15H and later.
 */
static bool read_amd_leaf(struct counter_facts *facts) {
    unsigned eax, ebx, ecx, edx;
    if (__get_cpuid_count(0x80000022u, 0, &eax, &ebx, &ecx, &edx) && (eax & 1)) {
        facts->cpuid_counters = (int)(ebx & 0xf);
        snprintf(facts->cpuid_leaf, sizeof facts->cpuid_leaf, "80000022H");
        return true;
    }
    if (__get_cpuid(0x80000001u, &eax, &ebx, &ecx, &edx) && (ecx & 1u << 23)) {
        facts->cpuid_counters = 6;
        snprintf(facts->cpuid_leaf, sizeof facts->cpuid_leaf, "80000001H");
        return true;
    }
    return false;
}

static void read_cpuid(struct counter_facts *facts) {
    unsigned eax, ebx, ecx, edx;
    if (__get_cpuid(1, &eax, &ebx, &ecx, &edx))
        facts->hypervisor = ecx >> 31;
    facts->cpuid_counters = FACTS_UNKNOWN;
    if (!__get_cpuid(0, &eax, &ebx, &ecx, &edx))
        return;
    bool amd = ebx == signature_AMD_ebx || ebx == 0x6f677948; /* "Auth", "Hygo" */
    if (amd ? read_amd_leaf(facts) : read_intel_leaf(facts))
        return;
    facts->cpuid_counters = 0;
    snprintf(facts->cpuid_leaf, sizeof facts->cpuid_leaf, "%s", amd ? "80000022H" : "0AH");
}
#else
static void read_cpuid(struct counter_facts *facts) {
    facts->cpuid_counters = FACTS_UNKNOWN;
}
#endif

static void read_status(struct counter_facts *facts) {
    char *text;
    facts->seccomp = FACTS_UNKNOWN;
    if (text_file_read("/proc/self/status", &text))
        return;
    facts->seccomp = (int)status_field(text, "Seccomp");
    free(text);
}

void counter_facts_read(struct counter_facts *facts) {
    *facts = (struct counter_facts){0};
    facts->paranoid = read_number("/proc/sys/kernel/perf_event_paranoid");
    facts->nmi_watchdog = read_number("/proc/sys/kernel/nmi_watchdog");
    read_status(facts);
    facts->hardware_error = try_open("perf::CYCLES", true);
    facts->software_error = try_open("perf::TASK-CLOCK", false);
    facts->user_error = try_open("perf::TASK-CLOCK", true);
    read_devices(facts);
    read_cpuid(facts);
    read_pfm(facts->pfm_pmu, sizeof facts->pfm_pmu);
    struct rlimit limit;
    facts->descriptors = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY
                             ? (long)limit.rlim_cur
                             : FACTS_UNKNOWN;
    facts->cpus = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
}
