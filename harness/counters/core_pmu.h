/*
 * PMUs of cores as sysfs tells of them: one, or one a kind of core on a hybrid CPU. Private to counters/.
 *
 * On a hybrid CPU perf_event's generic events mean nothing by themselves: each kind of core has a PMU of its
 * own, and the kernel takes the PMU's type from the upper 32 bits of `config` (PERF_PMU_CAP_EXTENDED_HW_TYPE,
 * include/uapi/linux/perf_event.h). An event of the other kind's PMU opens, and counts nothing.
 */
#ifndef COUNTERS_CORE_PMU_H
#define COUNTERS_CORE_PMU_H

#include <stdbool.h>
#include <stddef.h>

#define CORE_PMU_UNKNOWN (-1)

/** The PMU of one CPU's core. */
struct core_pmu {
    char name[64];   /**< "cpu", "cpu_core", "armv8_cortex_a57"; empty: none */
    char prefix[16]; /**< libpfm4's name of this PMU of a hybrid CPU, "adl_glc"; empty: not known */
    unsigned type;   /**< perf_event's type of it */
    unsigned kinds;  /**< PMUs of cores that there are; above 1: a hybrid CPU */
    char cpus[64];   /**< CPUs that it counts on, "0-15"; empty: all */
    int rdpmc;       /**< its file of that name: 0 reads in user mode forbidden, 1 of open events, 2 always;
                        CORE_PMU_UNKNOWN: no such file */
};

/**
 * Finds the PMU of the core that `cpu` belongs to. Where several PMUs name no CPUs, the first by name.
 * `sysfs` is "/sys", or a recorded tree. Returns 0, or -ENODEV where there is none; *pmu is always set.
 */
int core_pmu_of(const char *sysfs, unsigned cpu, struct core_pmu *pmu);

/** Whether an entry of /sys/bus/event_source/devices is the PMU of cores. */
bool is_core_pmu(const char *name);

/** Whether a list such as "0-7,16,18-19" (sysfs, --cpus) has a CPU. A list that cannot be read has none. */
bool cpu_list_contains(const char *list, unsigned cpu);

#endif
