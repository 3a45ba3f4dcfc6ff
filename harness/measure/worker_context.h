/* What the parts of a worker share; private to measure/. */
#ifndef MEASURE_WORKER_CONTEXT_H
#define MEASURE_WORKER_CONTEXT_H

#include "measure/worker.h"

struct worker {
    struct worker_page *page;
    const struct worker_job *job;
    struct worker_report *report;
    struct module module, copy; /**< copy: for the placebo, loaded only then */
    void *state;
    void (*run[SCHEDULE_MAX_ARMS])(void *state);
    unsigned char *evict;           /**< job.evict_bytes, for cold samples; NULL otherwise */
    size_t live[SCHEDULE_MAX_ARMS]; /**< arms that are still valid */
    size_t live_count;
};

/** Says what the worker does now, for the supervisor: `arm` -1 for none. */
static inline void worker_announce(struct worker *worker, enum worker_phase phase, int arm) {
    struct worker_status *status = &worker->page->status;
    atomic_store_explicit(&status->phase, phase, memory_order_relaxed);
    atomic_store_explicit(&status->arm, arm, memory_order_relaxed);
    atomic_fetch_add_explicit(&status->heartbeat, 1, memory_order_relaxed);
}

/** Records a failure of the whole job; returns -error. */
__attribute__((format(printf, 4, 5))) int worker_fail(struct worker *worker, enum worker_failure failure,
                                                      int error, const char *format, ...);

/** Marks an arm invalid and takes it out of `live`. */
__attribute__((format(printf, 3, 4))) void worker_invalidate(struct worker *worker, size_t arm,
                                                             const char *format, ...);

/**
 * Runs every live arm once on poisoned outputs and compares it with arm 0 and with the kernel's own check.
 * Wrong arms become invalid. Returns 0, or -errno of the harness itself (no memory for an answer).
 */
int worker_verify(struct worker *worker, enum worker_phase phase);

/**
 * Asks the outputs of every live arm after the timed runs and before any reset: a run returns nothing, so a
 * kernel whose system call failed in a timed run says so here. Such arms become invalid: failing fast is not
 * a win.
 */
void worker_check_timed(struct worker *worker);

/** Chooses the runs a sample for arms that have none given. */
void worker_size(struct worker *worker);

/** The timing rounds: fills page->ticks and report->rounds. */
void worker_time(struct worker *worker);

/** One sample of an arm of `runs` runs, prepared as the job's state asks; returns ticks. */
uint64_t worker_sample(struct worker *worker, size_t arm, uint64_t runs);

/** Untimed runs before a sample, or an eviction, as the job's state asks. */
void worker_prepare(struct worker *worker, size_t arm, uint64_t runs);

/** `runs` timed runs of an arm, nothing before; returns ticks. Resets between runs, untimed, if the kernel
 * asks. */
uint64_t worker_stretch(struct worker *worker, size_t arm, uint64_t runs);

/** Counter rounds, resources and latencies. A source that fails leaves report->counter_problem. */
void worker_count(struct worker *worker);

/** Binds all threads of the process after the first runs made them, and records every binding as read back. 0
 * or -errno. */
int worker_bind_threads(struct worker *worker);

#endif
