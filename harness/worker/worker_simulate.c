/* The worker under Callgrind: tells it what to count. */
#include "worker/worker_context.h"

#ifdef HAVE_CALLGRIND
#include <valgrind/callgrind.h>

/* Called and counted as an arm is: what it costs is the calling. */
static void __attribute__((noinline)) do_nothing(void *state) {
    __asm__ volatile("" : : "r"(state) : "memory");
}

/* Not inlined, so that every arm and the empty function are called by the same code. */
static void __attribute__((noinline)) collect_run(void (*run)(void *), void *state) {
    CALLGRIND_TOGGLE_COLLECT;
    run(state);
    CALLGRIND_TOGGLE_COLLECT;
}

static void reset(const struct worker *worker, bool wanted) {
    if (wanted)
        kernel_host_reset(&worker->host, worker->module.kernel, worker->state);
}

/*
 * Switching instrumentation on empties the simulated caches, so an arm finds in them what its own warm-up run
 * left and nothing of its rivals. The reset puts every arm before the same inputs: without it, a kernel whose
 * runs take one window of its data after the other would give each arm other ones.
 */
static void simulate(const struct worker *worker, void (*run)(void *)) {
    bool each = worker->module.kernel->reset_each_run;
    CALLGRIND_START_INSTRUMENTATION;
    reset(worker, true);
    run(worker->state);
    reset(worker, each);
    collect_run(run, worker->state);
    CALLGRIND_DUMP_STATS;
    CALLGRIND_STOP_INSTRUMENTATION;
}

int worker_simulate(struct worker *worker) {
    int status = worker_verify(worker, PHASE_VERIFY);
    if (status || worker->report->arms[0].invalid)
        return status;
    worker_announce(worker, PHASE_SIMULATE, -1);
    simulate(worker, do_nothing);
    for (size_t i = 0; i < worker->live_count; i++) {
        worker_announce(worker, PHASE_SIMULATE, (int)worker->live[i]);
        simulate(worker, worker->run[worker->live[i]]);
    }
    worker_announce(worker, PHASE_SIMULATE, -1);
    return 0;
}
#else
int worker_simulate(struct worker *worker) {
    return worker_fail(worker, FAILURE_HARNESS, ENOTSUP, "built without Valgrind's headers");
}
#endif
