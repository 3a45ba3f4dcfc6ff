/* How many processes a worker has come to be. */
#ifndef RUN_OFFSPRING_H
#define RUN_OFFSPRING_H

#include <stdbool.h>
#include <sys/types.h>

#define OFFSPRING_MOST 512 /**< processes that a worker may be at a time */

/** Processes and threads of the whole system (sysinfo(2)); 0 where that is not known. */
unsigned offspring_system_count(void);

/** Processes of a process group, zombies included; 0 where /proc does not list them. */
unsigned offspring_count(pid_t group);

/**
 * Whether the group has more than OFFSPRING_MOST processes. Cheap while the system has about as many as `*least`, first by
 * offspring_system_count at the start, and lowered here as others end: only beyond that are they looked for.
 */
bool offspring_is_flood(pid_t group, unsigned *least);

#endif
