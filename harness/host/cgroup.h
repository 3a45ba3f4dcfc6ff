/*
 * The CPU quota of this process's control group, versions 1 and 2 (kernel: admin-guide/cgroup-v2, sched-bwc).
 */
#ifndef HOST_CGROUP_H
#define HOST_CGROUP_H

#include <stddef.h>
#include <stdint.h>

/** Where the group that limits this process's CPU time is found. */
struct cgroup_place {
    int version;          /**< 1 or 2; 0 where no CPU controller is mounted */
    char mount[256];      /**< mount point: groups above it are out of sight */
    char directory[1024]; /**< the process's group, at or below `mount` */
};

/** Quota and throttling of a group and the groups it lies in. */
struct cgroup_cpu {
    double quota_cpus;     /**< the tightest quota in CPUs: 1.5; 0 where there is none */
    uint64_t throttled_us; /**< time held back so far, summed over the group and those it lies in */
    uint64_t throttled_periods;
};

/**
 * Finds the place from the text of /proc/self/cgroup and /proc/self/mountinfo. A pure function of both. With
 * both versions mounted, the one that has the CPU controller counts.
 */
void cgroup_find(const char *cgroup_text, const char *mountinfo_text, struct cgroup_place *place);

/** cgroup_find for this process; version 0 where /proc cannot be read. */
void cgroup_find_own(struct cgroup_place *place);

/** Reads the group's files. What is not there stays 0. */
void cgroup_read_cpu(const struct cgroup_place *place, struct cgroup_cpu *cpu);

#endif
