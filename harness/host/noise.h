/* What else happened on the machine while something was measured. */
#ifndef HOST_NOISE_H
#define HOST_NOISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Raw readings at one moment; two of them make a `struct noise`. */
struct noise_reading {
    uint64_t monotonic_ns;
    uint64_t steal_ms,
        busy_ms;          /**< /proc/stat, summed over the given CPUs; busy: all but idle, iowait, steal */
    bool cpu_times_known; /**< /proc/stat told of all given CPUs */
    uint64_t own_cpu_ns;  /**< CPU time of this process, all threads */
    uint64_t involuntary_switches, voluntary_switches; /**< of this process */
    uint64_t migrations;                               /**< of this process's living threads */
    bool migrations_known;                             /**< the kernel tells them (CONFIG_SCHED_DEBUG) */
    uint64_t minor_faults, major_faults;
    uint64_t throttled_us; /**< cgroup v2 cpu.stat / v1 throttled_time of this process's cgroup; 0 if none */
    double core_ghz;       /**< filled by the caller from core_clock_measure; 0 not known */
};

/** What happened between two readings. */
struct noise {
    double wall_s;
    double steal_share; /**< of the CPUs' time, taken by the hypervisor, 0..1; NAN not known */
    double
        other_load_share; /**< of the CPUs' time, spent in processes that are not ours, 0..1; NAN not known */
    uint64_t involuntary_switches, voluntary_switches;
    uint64_t migrations; /**< of threads that lived through both readings */
    bool migrations_known;
    uint64_t minor_faults, major_faults;
    double throttled_s;     /**< held back by the cgroup's CPU quota */
    double frequency_drift; /**< last core frequency / first - 1; 0 if not known */
};

/** Reads the state of this process and of the `count` CPUs at `cpus` (OS indexes). Never fails. */
void noise_read(struct noise_reading *reading, const unsigned *cpus, size_t count);

/** What happened between two readings over `count` CPUs. */
void noise_between(const struct noise_reading *first, const struct noise_reading *last, size_t count,
                   struct noise *noise);

/**
 * Adds another stretch to *sum, which starts zeroed: shares and drift are averaged over time, so that a clock
 * that flutters cancels and one that falls in every stretch does not.
 */
void noise_add(struct noise *sum, const struct noise *other);

/**
 * Whether steal, or other load, stands out: above 2 %, and, since /proc/stat counts in steps of 10 ms, above
 * 15 ms a CPU for steal and 25 ms for other load (a difference of sums of such steps). False where not known.
 */
bool noise_has_steal(const struct noise *noise);
bool noise_has_other_load(const struct noise *noise);

/**
 * Names in words what stood out, for a table ("steal 4.1 %, 212 involuntary switches"); empty text if nothing
 * did: steal or other load as above, throttled at all, drift above 2 %, more than 50 involuntary switches a
 * second, any major fault.
 */
void noise_describe(const struct noise *noise, char *text, size_t size);

#endif
