#include "worker/openmp_pool.h"

#include <dlfcn.h>

/* One region's. */
struct reading {
    int (*thread_number)(void);
    struct process_state *state;
};

static void read_thread(void *data) {
    const struct reading *reading = data;
    int thread = reading->thread_number();
    if (thread >= 0 && thread < PROCESS_STATE_POOL)
        reading->state->pool_fpu[thread] = process_fpu_mode();
}

/*
 * GOMP_parallel is what gcc compiles `#pragma omp parallel` to (libgomp.h of gcc); LLVM's runtime has it too
 * (kmp_gsupport.cpp), but gives every thread the caller's mode at the start of each region.
 */
void openmp_pool_read(void *handle, unsigned threads, struct process_state *state) {
    void (*parallel)(void (*)(void *), void *, unsigned, unsigned);
    struct reading reading = {.state = state};
    *(void **)&parallel = dlsym(handle, "GOMP_parallel");
    *(void **)&reading.thread_number = dlsym(handle, "omp_get_thread_num");
    state->pool_threads = 0;
    if (!parallel || !reading.thread_number || threads > PROCESS_STATE_POOL)
        return;
    for (unsigned i = 0; i < threads; i++)
        state->pool_fpu[i] = 0; /* of a thread that the runtime does not grant */
    parallel(read_thread, &reading, threads, 0);
    state->pool_threads = threads;
}
