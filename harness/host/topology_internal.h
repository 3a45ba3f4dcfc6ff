/* What the sources of host/topology.h share: an open topology, and its processing units as the choice sees
 * them. */
#ifndef HOST_TOPOLOGY_INTERNAL_H
#define HOST_TOPOLOGY_INTERNAL_H

#include "host/topology.h"

#include <hwloc.h>

struct topology {
    hwloc_topology_t hwloc;
    hwloc_bitmap_t online;  /**< processing units of the topology */
    hwloc_bitmap_t offline; /**< known to the machine, not online */
    hwloc_bitmap_t allowed; /**< subset of `online` */
    unsigned kinds;         /**< kinds of core that differ in speed; 1: all alike, or not known */
    unsigned *speeds;       /**< of each of hwloc's kinds, 0 the slowest; NULL where there is one */
    bool this_machine;      /**< threads can be bound to it */
    char source[160];       /**< "this machine" or what was asked for, for messages */
    char ignored[160]; /**< variables of the environment that hwloc was kept from; see topology_ignored */
};

/** One processing unit with what the choice looks at. */
struct processing_unit {
    unsigned cpu;     /**< OS index */
    unsigned logical; /**< hwloc's order: neighbours in the machine are neighbours here */
    uint64_t core;    /**< same number = same physical core */
    unsigned thread;  /**< how many allowed hardware threads of the core come before it */
    int kind;         /**< higher is faster; 0 for all where kinds are not known */
    int node, l3;     /**< hwloc's logical index of its NUMA node and L3; -1 where it has none. For want of an
                         L3 its package's, from -2 downwards */
    bool has_memory;  /**< of the node, which this process may use; also where sizes are not known */
    bool beside_cpu0; /**< CPU 0, or a hardware thread of its core */
};

/** Describes the PU with OS index `cpu`, which must be in the topology. */
void topology_describe_pu(const struct topology *topology, unsigned cpu, struct processing_unit *unit);

/** Fills `kinds` and `speeds` of a loaded topology. Kinds whose speeds are within a tenth of each other are
 * one, unless the machine names their designs differently. 0 or -ENOMEM. */
int cpu_kinds_read(struct topology *topology);

/** Speed of a PU's kind: 0 for the slowest, and for all where kinds are not known. */
unsigned cpu_speed(const struct topology *topology, unsigned cpu);

/** OS indexes of the allowed PUs, ascending, at most `max`; returns how many were written. */
size_t topology_allowed_cpus(const struct topology *topology, unsigned *cpus, size_t max);

/**
 * Parses `list` ("0,2-3") in the order written into `cpus` (room for TOPOLOGY_MAX_CPUS) and checks each
 * against the topology. Returns 0 or -EINVAL with the problem filled.
 */
int topology_parse_list(const struct topology *topology, const char *list, unsigned *cpus, size_t *count,
                        struct problem *problem);

#endif
