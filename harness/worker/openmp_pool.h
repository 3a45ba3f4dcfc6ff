/* The threads of an OpenMP runtime, which outlast the regions that they run. */
#ifndef WORKER_OPENMP_POOL_H
#define WORKER_OPENMP_POOL_H

#include "worker/process_state.h"

/**
 * Fills state->pool_fpu and pool_threads by a parallel region of `threads` threads, in the runtime that the
 * library `handle` (of dlopen) was linked with: pool_threads 0 where that is none. The region makes the
 * threads if there are none yet, so call it before the first run too.
 */
void openmp_pool_read(void *handle, unsigned threads, struct process_state *state);

#endif
