/* What a process of the same user can change of this one: it is looked at, and set back. */
#ifndef RUN_OWN_STATE_H
#define RUN_OWN_STATE_H

#include "host/topology.h"

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

/** Limits, priority, policy and affinity of this process. */
struct own_state {
    struct rlimit limits[RLIMIT_NLIMITS];
    unsigned char cpus[TOPOLOGY_MAX_CPUS / 8];
    int nice, policy;
    struct sched_param parameter;
};

void own_state_read(struct own_state *state);

/**
 * Sets back what is no longer as in `before`, and says in `text` what that was: "the limit RLIMIT_FSIZE, its
 * priority". A hard limit that was lowered can only be raised with privilege: it says which could not be set
 * back. Returns whether anything was changed.
 */
bool own_state_restore(const struct own_state *before, char *text, size_t size);

#endif
