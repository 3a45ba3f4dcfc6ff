/* What host_findings saw of the machine while it watched, apart from what it says of it. */
#ifndef HOST_OBSERVATION_H
#define HOST_OBSERVATION_H

#include "host/cgroup.h"
#include "host/finding.h"
#include "host/fingerprint.h"
#include "host/noise.h"

struct observation {
    struct noise noise; /**< over the allowed CPUs */
    struct cgroup_cpu cgroup;
    double slowest_ghz, fastest_ghz; /**< core clock over the time watched; 0 where it cannot be read */
    double
        memory_pressure; /**< percent of the last 10 s in which some task waited for memory; NAN not known */
    uint64_t memory_total, memory_available; /**< bytes; 0 not known */
    bool aslr_off_here; /**< personality(ADDR_NO_RANDOMIZE): started by `setarch -R` or a debugger */
    char smt[24];       /**< /sys/devices/system/cpu/smt/control: "on", "off", "notsupported" …; or empty */
    char allowed[128];  /**< allowed CPUs as text */
    char ignored[160];  /**< HWLOC_ variables of the environment, which are not followed; or empty */
    int binding;        /**< 0, or -errno of trying to bind a thread to every allowed CPU */
    struct problem binding_problem; /**< of that, in words */
};

/** Watches the machine for `seconds`. */
void host_observe(const struct fingerprint *fingerprint, const struct topology *topology, double seconds,
                  struct observation *observation);

/** Appends the findings on what was seen. A pure function. */
void host_judge(const struct fingerprint *fingerprint, const struct observation *observation,
                struct findings *findings);

#endif
