/* What simulating a point and timing it again without Callgrind share. Private to simulate/. */
#ifndef SIMULATE_SIMULATION_WORKER_H
#define SIMULATE_SIMULATION_WORKER_H

#include "simulate/simulate.h"

/**
 * Writes the module that is simulated to `path`: of NAME.native.so its portable sibling; a module of another name is the
 * only one of its kind. False where it is not there.
 */
bool simulation_find_portable(const char *module, char *path, size_t size);

/**
 * Fills the job of `page`: `runs` of `module` in that mode, on the processing units where the point would be timed, or,
 * for what is not timed, on the seat's. 0 or -errno with the problem.
 */
int simulation_prepare_job(const struct simulation_request *request, const struct simulated_runs *runs,
                           const char *module, struct worker_page *page, enum worker_mode mode,
                           struct problem *problem);

#endif
