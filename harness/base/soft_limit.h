/* Limits that a process sets itself before it becomes another program. */
#ifndef BASE_SOFT_LIMIT_H
#define BASE_SOFT_LIMIT_H

#include <stdint.h>
#include <sys/resource.h>

/** Sets the soft limit to `value`, or to the hard limit where that is less. Returns 0, or -1 with errno. */
int soft_limit(__rlimit_resource_t resource, uint64_t value);

#endif
