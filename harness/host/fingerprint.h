/* What machine a result was made on. */
#ifndef HOST_FINGERPRINT_H
#define HOST_FINGERPRINT_H

#include "host/clock.h"
#include "host/topology.h"

/** Facts of this machine; text is empty and numbers 0 where not known. No host name and no user name. */
struct fingerprint {
    char machine[64];   /**< folder name under results/: "amd-epyc-9b45-2cpu", lower case, [a-z0-9-] */
    char cpu_model[96]; /**< /proc/cpuinfo "model name", or the Arm part by MIDR */
    char cpu_vendor[32];
    int cpu_family, cpu_model_number, cpu_stepping;
    char microcode[32];
    char cpu_flags[2048];  /**< what the CPU can do, as /proc/cpuinfo names it; empty in files from before */
    char architecture[16]; /**< uname -m */
    char kernel[128];      /**< uname -sr */
    char distribution[96]; /**< PRETTY_NAME of os-release */
    char hypervisor[32];   /**< "kvm", "vmware", …; empty on bare metal */
    char container[32];    /**< "docker", "podman", "lxc" …; empty outside one */
    char governor[32];     /**< cpufreq governor of the first allowed CPU */
    char turbo[16];        /**< "on", "off" or empty */
    char transparent_huge_pages[16]; /**< "always", "madvise", "never" */
    char clocksource[32];
    char libc[48];
    int aslr;                /**< kernel.randomize_va_space; -1 not known */
    int perf_event_paranoid; /**< -2 not known; can be -1 */
    struct topology_facts topology;
    struct sample_clock clock;
    struct core_clock core;
};

/** Key of what a machine is recognised by: CPU model, vendor, family, stepping, microcode and flags, caches, cores,
 * architecture and kernel; no clock, which is measured, and no setting. */
uint64_t fingerprint_identity(const struct fingerprint *fingerprint);

/** Fills the fingerprint of this machine. Never fails; what cannot be read stays empty. Takes about 30 ms. */
void fingerprint_read(struct fingerprint *fingerprint, const struct topology *topology);

#endif
