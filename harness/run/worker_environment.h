/* What a worker sees of the user's environment. */
#ifndef RUN_WORKER_ENVIRONMENT_H
#define RUN_WORKER_ENVIRONMENT_H

#include <stdbool.h>

/**
 * Leaves of this process's environment what a program needs to run: the path, language, time zone, the
 * loader's, the allocator's, sanitizers' and counters' variables, and those whose names begin with
 * COUNTERSIGN_. Tokens stay out, and so does what would change how many threads run, and where.
 * `reproducible`: only where libraries are found, and fixed values for what is left, the same in every
 * process.
 */
void worker_environment_keep(bool reproducible);

#endif
