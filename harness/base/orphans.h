/* Ending a child for good: within a bounded time, with all that it started, wherever that went. */
#ifndef BASE_ORPHANS_H
#define BASE_ORPHANS_H

#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#define ORPHANS_MOST 1024
#define ORPHANS_PATIENCE_S 20 /**< that a process may take to die; it has memory to give back */

/** The children that this process had before one was started. */
struct orphans {
    pid_t known[ORPHANS_MOST];
    size_t known_count;
    int adopted_before; /**< whether this process took over orphans already */
};

/** Call before the child is started: what loses its parent from now on becomes a child of this process. */
void orphans_adopt(struct orphans *orphans);

/** Lists the children that were not there before, and all that descend from them: at most `most`. Returns how
 * many. */
size_t orphans_list(const struct orphans *orphans, pid_t *pids, size_t most);

/**
 * Ends and reaps every child that was not there before, and theirs in turn, whatever group, session or
 * namespace they are in. Needs /proc. Returns 0, or -errno: -EPERM there is one that this user may not end,
 * -ETIMEDOUT one did not die within ORPHANS_PATIENCE_S.
 */
int orphans_end(const struct orphans *orphans);

/**
 * Kills `pid`, a child that has ended or has not, and its process group, by `pidfd` and by number; waits for
 * it; then as orphans_end. It may have left its group, been stopped, or be traced. `orphans` NULL: what left
 * the group lives on. Returns 0 with its wait status and, unless NULL, usage; or -errno as orphans_end.
 */
int orphans_end_child(const struct orphans *orphans, pid_t pid, int pidfd, int *wait_status,
                      struct rusage *usage);

#endif
