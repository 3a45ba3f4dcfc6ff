/* What decides whether this machine has counters: read once, judged by findings.c. Private to counters/. */
#ifndef COUNTERS_FACTS_H
#define COUNTERS_FACTS_H

#include "counters/core_pmu.h"
#include "counters/counters.h"

#define FACTS_UNKNOWN (-1000)

/** Errors are positive errno values, 0 for success. */
struct counter_facts {
    int paranoid;       /**< kernel.perf_event_paranoid; FACTS_UNKNOWN: no such file */
    int hardware_error; /**< of perf_event_open of generic cycles, user mode, own thread */
    int software_error; /**< of perf_event_open of the task clock, kernel included */
    int user_error;     /**< the same, user mode alone: paranoid 2 allows it */
    int seccomp;        /**< "Seccomp:" of /proc/self/status: 0 off, 1 strict, 2 filter; FACTS_UNKNOWN */
    int nmi_watchdog;   /**< kernel.nmi_watchdog: 0, 1; FACTS_UNKNOWN */
    unsigned core_pmus; /**< PMUs of cores among /sys/bus/event_source/devices; 2 and more: a hybrid CPU */
    char core_pmu[64];  /**< the first one's name; empty: none */
    int cpuid_counters; /**< counters CPUID promises a core; 0: no PMU; FACTS_UNKNOWN: not x86, or not told */
    char cpuid_leaf[16]; /**< the leaf that said so: "0AH", "80000022H" */
    bool hypervisor;     /**< CPUID says that there is one */
    char pfm_pmu[64];    /**< core PMU that libpfm4 detected; empty: it knows none here */
    long descriptors;    /**< soft limit of file descriptors */
    unsigned cpus;       /**< CPUs that are online */
};

/** Reads all of it from this machine. Never fails. */
void counter_facts_read(struct counter_facts *facts);

/** Name of the core PMU in use, from libpfm4 or the kernel; empty text if there is none. */
void counter_core_pmu(char *name, size_t size);

/* Pure parts, for tests. */

/** The number on the line "field: number" of a /proc status text, or FACTS_UNKNOWN. */
long long status_field(const char *text, const char *field);

/** What counter_findings says, from facts alone. */
void counter_findings_from(const struct counter_facts *facts, const struct counter_plan *plan,
                           struct findings *findings);

#endif
