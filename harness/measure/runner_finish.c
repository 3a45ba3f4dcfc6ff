/* What follows when points were timed: their memory, their simulation, their conclusions; and how far the run is. */
#include "measure/runner_point.h"

#include "conclude/mechanism.h"
#include "simulate/simulate.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Of the time that a point takes: the rest is simulation. */
#define TIMING_SHARE 0.75

static bool is_interrupted(const struct supervisor *supervisor) {
    return supervisor->interrupted && *supervisor->interrupted;
}

double runner_points_done(const struct point_batch *batch, double timed, double finished) {
    double timing = batch->options->settings.simulate ? TIMING_SHARE : 1;
    return (double)batch->first + timing * timed + (1 - timing) * finished;
}

void runner_tell_progress(const struct point_batch *batch, const struct point_job *job, size_t replicate,
                          double done) {
    const struct runner_options *options = batch->options;
    const struct runner_listener *listener = options->listener;
    if (!listener || !listener->progress)
        return;
    double elapsed = (double)(monotonic_ns() - batch->start_ns) / 1e9,
           points = (double)batch->plan->point_count;
    /* Before anything was measured, the budget is the best guess there is. */
    double planned = options->settings.budget_s * (double)plan_comparisons(batch->plan) * 1.3;
    double remaining = done < 0.3 ? planned - elapsed : elapsed / done * (points - done);
    struct runner_progress progress = {.point = job->index + 1,
                                       .points = batch->plan->point_count,
                                       .case_number = (size_t)(job->plan_case - batch->plan->cases) + 1,
                                       .cases = batch->plan->case_count,
                                       .replicate = replicate,
                                       .replicates = options->settings.replicates,
                                       .finishing = replicate == options->settings.replicates,
                                       .case_name = job->plan_case->file.name,
                                       .where = &job->plan_point.point,
                                       .elapsed_s = elapsed,
                                       .remaining_s = fmax(0, remaining)};
    listener->progress(listener->context, &progress);
}

/* Of the batch, how many points are through is told. */
struct finished_points {
    const struct point_batch *batch;
    size_t count;
};

static void tell_finished(void *context, size_t index) {
    struct finished_points *finished = context;
    const struct point_batch *batch = finished->batch;
    runner_tell_progress(batch, &batch->jobs[index], batch->options->settings.replicates,
                         runner_points_done(batch, (double)batch->count, (double)++finished->count));
}

/* Memory and simulation of points that were timed. */
int runner_finish_points(const struct point_batch *batch, size_t count, struct problem *problem) {
    struct simulated_point points[RUNNER_BATCH];
    struct finished_points finished = {batch, 0};
    const struct run_settings *settings = &batch->options->settings;
    if (count == 0 || is_interrupted(batch->supervisor))
        return 0;
    for (size_t i = 0; i < count; i++)
        points[i] = (struct simulated_point){batch->jobs[i].plan_case, &batch->jobs[i].plan_point,
                                             &batch->jobs[i].measurement};
    if (settings->counters)
        runner_tell_progress(batch, &batch->jobs[count - 1], settings->replicates,
                             runner_points_done(batch, (double)count, 0));
    int status = runner_measure_memory(batch->jobs, count, problem);
    if (status == 0)
        status = simulate_measurements(batch->supervisor, points, count, settings, &batch->run->host.clock,
                                       tell_finished, &finished, problem);
    return status;
}

/* What an interruption kept from a point that was timed. */
static void note_interruption(struct point_job *job) {
    struct measurement *measurement = &job->measurement;
    const struct replicate *first = &measurement->replicates[0];
    const struct run_settings *settings = &job->options->settings;
    if (settings->simulate)
        simulation_leave_out(&measurement->simulation);
    if (settings->counters && !measurement->counter_problem[0] && measurement->replicate_count &&
        isnan(first->counters[0][COUNTER_MEMORY]))
        snprintf(measurement->counter_problem, sizeof measurement->counter_problem,
                 "interrupted before its memory was measured");
}

static int conclude_arm(struct point_job *job, size_t arm, size_t measurement_index) {
    const struct case_file *file = &job->plan_case->file;
    struct comparison comparison = {.measurement = measurement_index, .target = file->target};
    snprintf(comparison.case_name, RESULT_NAME, "%s", file->name);
    snprintf(comparison.case_title, sizeof comparison.case_title, "%s", file->title);
    snprintf(comparison.kernel, RESULT_NAME, "%s", job->plan_case->module.name);
    snprintf(comparison.item, RESULT_NAME, "%s", job->plan_case->module.item);
    comparison.verified = job->checked[arm] && job->checked[0] ? VERIFIED_CHECKED : VERIFIED_YES;
    const struct measurement *measurement = &job->run->measurements[measurement_index];
    int status = comparison_conclude(measurement, arm, &job->options->settings,
                                     run_plan_of(job->run, file->name), &job->run->host.clock, &comparison);
    if (status == 0)
        status = run_add_comparison(job->run, &comparison);
    if (status)
        comparison_clear(&comparison);
    return status;
}

int runner_conclude_point(struct point_job *job, struct problem *problem) {
    size_t index = job->run->measurement_count;
    if (is_interrupted(job->supervisor))
        note_interruption(job);
    measurement_digest(&job->measurement, job->measurement.digest);
    int status = run_add_measurement(job->run, &job->measurement);
    job->measurement = status ? job->measurement : (struct measurement){0};
    for (size_t arm = 1; status == 0 && arm < job->run->measurements[index].arm_count; arm++)
        if (job->run->measurements[index].arms[arm].role == ARM_CANDIDATE)
            status = conclude_arm(job, arm, index);
    return status ? problem_set(problem, -status, "no memory to conclude a comparison") : 0;
}
