/* Binding a thread to a CPU by the kernel's own calls: what a worker needs of it, which knows no topology. */
#ifndef HOST_THREAD_BINDING_H
#define HOST_THREAD_BINDING_H

#include "base/problem.h"

#include <sys/types.h>

/**
 * Reads back where a thread may run: the OS index if it is bound to exactly one PU, -1 if to more,
 * -errno-1000 on failure. `tid` 0: the caller.
 */
int thread_read_binding(pid_t tid);

/**
 * Binds thread `tid` (0: the caller) to one CPU and reads the binding back. 0; -EINVAL: the CPU is not online and allowed;
 * else -errno.
 */
int thread_bind(pid_t tid, unsigned cpu, struct problem *problem);

#endif
