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
    bool this_machine;      /**< threads can be bound to it */
    char source[160];       /**< "this machine" or what was asked for, for messages */
};

/** One processing unit with what the choice looks at. */
struct processing_unit {
    unsigned cpu;     /**< OS index */
    unsigned logical; /**< hwloc's order: neighbours in the machine are neighbours here */
    unsigned core;    /**< same number = same physical core */
    unsigned thread;  /**< how many allowed hardware threads of the core come before it */
    int kind;         /**< higher is faster; 0 for all where kinds are not known */
    int node, l3;     /**< hwloc's logical index of its NUMA node and L3; -1 where it has none */
    bool beside_cpu0; /**< CPU 0, or a hardware thread of its core */
};

/** Describes the PU with OS index `cpu`, which must be in the topology. */
void topology_describe_pu(const struct topology *topology, unsigned cpu, struct processing_unit *unit);

/** How many kinds of core there are whose order of speed is known; at least 1. */
unsigned topology_ranked_kinds(const struct topology *topology);

/** OS indexes of the allowed PUs, ascending, at most `max`; returns how many were written. */
size_t topology_allowed_cpus(const struct topology *topology, unsigned *cpus, size_t max);

/**
 * Parses `list` ("0,2-3") in the order written into `cpus` (room for TOPOLOGY_MAX_CPUS) and checks each
 * against the topology. Returns 0 or -EINVAL with the problem filled.
 */
int topology_parse_list(const struct topology *topology, const char *list, unsigned *cpus, size_t *count,
                        struct problem *problem);

#endif
