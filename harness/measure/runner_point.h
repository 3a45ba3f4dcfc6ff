/* One point while it is measured: what the files of the runner share. Private to measure/runner*.c. */
#ifndef MEASURE_RUNNER_POINT_H
#define MEASURE_RUNNER_POINT_H

#include "conclude/comparison.h"
#include "measure/link_table.h"
#include "measure/runner.h"

/** Of timing rounds, a candidate and replicate, before anything is known of their spread. */
#define RUNNER_FIRST_SECONDS 0.010

/** Everything known of the point under way. */
struct point_job {
    const struct plan_case *plan_case;
    struct plan_point plan_point; /**< its own, as runner_fit_run may shorten the runs */
    const struct runner_options *options;
    struct supervisor *supervisor;
    struct run *run;
    struct worker_page *page;
    size_t index; /**< of the point in the plan */
    struct measurement measurement;
    size_t replicate;    /**< index of the one under way */
    struct links *links; /**< borrowed; NULL: the module as it is */
    uint32_t *order;     /**< of links, as replicates take them; one more than there are replicates */
    bool checked[SCHEDULE_MAX_ARMS]; /**< accepted by the kernel's own check in every replicate it was in */
    bool settled[SCHEDULE_MAX_ARMS]; /**< candidates that need no more replicates */
    double overhead_s, timing_s;     /**< of all replicates: outside of their timing rounds, and in them */
    size_t linked;                   /**< replicates whose links are made */
    double linking_s, link_s;        /**< what that took in all, and of it the present replicate's share */
    double arm_seconds;              /**< of timing rounds, a candidate and replicate */
};

/**
 * Points whose memory is measured and which are simulated together, when all of them were timed: so many that the seats
 * are seldom empty, so few that what is done is told in a while, and that little is lost by an interruption.
 */
#define RUNNER_BATCH 32

/** Points that are measured and concluded together, RUNNER_BATCH at the most. */
struct point_batch {
    const struct plan *plan;
    const struct runner_options *options;
    struct supervisor *supervisor;
    struct run *run;
    struct point_job *jobs;
    size_t first, count; /**< of the plan's points */
    uint64_t start_ns;   /**< of the run */
};

/** How far a run is, in points: `timed` of the batch, and `finished` of them. */
double runner_points_done(const struct point_batch *batch, double timed, double finished);

/** Tells the listener that `replicate` of the job comes next; as many as there are: the rest of it. */
void runner_tell_progress(const struct point_batch *batch, const struct point_job *job, size_t replicate,
                          double done);

/**
 * Measures the memory of the first `count` points of the batch, whose timing is over, and simulates them. 0, -EINTR, or
 * -errno of the harness with the problem; what was done by then is kept.
 */
int runner_finish_points(const struct point_batch *batch, size_t count, struct problem *problem);

/** Hands the measurement over to the run, with its comparisons. 0 or -ENOMEM with the problem. */
int runner_conclude_point(struct point_job *job, struct problem *problem);

/** One seed a point (from 1 on) and replicate, all from the run's. */
uint64_t runner_derive_seed(uint64_t seed, uint64_t point, uint64_t replicate);

/** Whether an arm is to be measured on: neither invalid nor settled. */
bool runner_is_active(const struct point_job *job, size_t arm);

/** Candidates that are; 0 where the baseline is invalid. */
size_t runner_open_candidates(const struct point_job *job);

/** Draws the order in which replicates take links: each once, the one that the linker made by itself among
 * them. 0 or -errno with the problem. */
int runner_draw_order(struct point_job *job, struct problem *problem);

/**
 * Writes the paths of a replicate's links. Those of all replicates until the next look are made at its first, side by
 * side (links_begin), where nothing is timed. 0, -EINTR, or -errno with the problem.
 */
int runner_choose_modules(struct point_job *job, size_t replicate, struct worker_job *worker,
                          struct problem *problem);

/** Fills job->page->job for a replicate, its links made. 0 or -errno with the problem. */
int runner_prepare_job(struct point_job *job, size_t replicate, struct problem *problem);

/**
 * Measures the memory of each variant of points whose timing is over, as in their first two replicates but in processes
 * of their own, side by side (run/seats.h); nothing where counters were not asked for. 0, -EINTR, or -errno of the
 * harness with the problem; what fails in a variant leaves its numbers absent, with the reason.
 */
int runner_measure_memory(struct point_job *points, size_t count, struct problem *problem);

/** Takes out candidates that need no more replicates, at a look, and shares out the time of the next ones. 0
 * or -ENOMEM. */
int runner_look(struct point_job *job, const struct plan *plan);

/**
 * Takes fewer items a run where the kernel leaves open how many (cs_kernel.scale), the case does not say, and
 * a run would be longer than a sample. 0 or -errno with the problem; what fails in the kernel is left for the
 * first replicate to tell.
 */
int runner_fit_run(struct point_job *job, struct problem *problem);

#endif
