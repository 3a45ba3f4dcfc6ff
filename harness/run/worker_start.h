/* From a fork of the supervisor to a worker. */
#ifndef RUN_WORKER_START_H
#define RUN_WORKER_START_H

#include "run/exchange.h"
#include "run/supervisor.h"

#include <sys/types.h>

/**
 * Makes the calling process, of child_fork, the worker for `job`: a session of its own, its descriptors,
 * binding, environment, limits and confinement, and exec. Returns where that failed, with the cause as a line
 * in `output`, the file that a worker prints to; _exit then.
 */
void worker_start(const struct supervisor *supervisor, const struct worker_job *job,
                  const struct exchange *exchange, int output);

#endif
