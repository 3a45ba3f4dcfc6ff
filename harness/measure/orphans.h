/* Processes that a worker leaves behind, those included that left its process group. */
#ifndef MEASURE_ORPHANS_H
#define MEASURE_ORPHANS_H

#include <stddef.h>
#include <sys/types.h>

#define ORPHANS_MOST 1024

/** The children that this process had before a worker was started. */
struct orphans {
    pid_t known[ORPHANS_MOST];
    size_t known_count;
    int adopted_before; /**< whether this process took over orphans already */
};

/** Call before the worker is started: what loses its parent from now on becomes a child of this process. */
void orphans_adopt(struct orphans *orphans);

/**
 * Call when the worker was waited for: ends and reaps every child that was not there before, and theirs in
 * turn, for 2 s at the most. Needs a kernel that lists children (CONFIG_PROC_CHILDREN); does nothing
 * elsewhere.
 */
void orphans_end(const struct orphans *orphans);

#endif
