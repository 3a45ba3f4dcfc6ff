/* What is decided between replicates: how long runs and replicates are, and who needs more of them. */
#include "measure/runner_point.h"

#include <math.h>
#include <string.h>

#define SHORTEST_RUN_NS 1000 /* beside which a call of a run does not weigh */
#define FIRST_PART 16        /* of the items, which are timed to find how many there should be … */
#define LEAST_PART 32        /* … where they are so many: a kernel may round few of them up */

/*
 * How long the timing rounds of a replicate should be from here on, a candidate: with rounds that scatter by
 * s and processes by p, the mean over processes has its smallest error in a given time at sqrt(cost of a
 * process / cost of a round) * s / p rounds (Kalibera and Jones, "Rigorous Benchmarking in Reasonable Time",
 * 2013, section 7). The candidate that wants most decides. Never below the rounds that a replicate needs to
 * know its own spread.
 */
static int share_out_time(struct point_job *job, size_t arm, double *seconds) {
    struct spread spread;
    size_t rounds = 0, replicates = job->measurement.replicate_count;
    for (size_t r = 0; r < replicates; r++)
        rounds += job->measurement.replicates[r].rounds;
    int status = comparison_components(&job->measurement, arm, &job->options->settings, &spread);
    if (status || rounds == 0)
        return status;
    double round_s = job->timing_s / (double)rounds, process_s = job->overhead_s / (double)replicates;
    double between = spread.process + (isnan(spread.layout) ? 0 : spread.layout);
    double best = sqrt(process_s / round_s * spread.round * (double)rounds / (double)replicates / between);
    double wanted = round_s * fmax(isnan(best) ? HUGE_VAL : best, ESTIMATE_BLOCKS);
    *seconds = fmax(*seconds, wanted / (double)runner_open_candidates(job));
    return 0;
}

int runner_look(struct point_job *job, const struct plan *plan) {
    const struct measurement *measurement = &job->measurement;
    double seconds = 0;
    for (size_t arm = 1; arm < measurement->arm_count; arm++) {
        enum arm_progress progress;
        if (measurement->arms[arm].role != ARM_CANDIDATE || !runner_is_active(job, arm))
            continue;
        int status =
            comparison_progress(measurement, arm, &job->options->settings, plan_comparisons(plan), &progress);
        job->settled[arm] = status == 0 && progress != ARM_OPEN;
        if (status == 0 && progress == ARM_OPEN)
            status = share_out_time(job, arm, &seconds);
        if (status)
            return status;
    }
    job->arm_seconds = seconds > 0 ? seconds : job->arm_seconds;
    return 0;
}

/* Nanoseconds of a run of the fastest and of the slowest arm that the worker timed; *slowest is 0 where it timed
 * none. */
static void find_run_times(const struct point_job *job, double *fastest, double *slowest) {
    const struct worker_page *page = job->page;
    *fastest = HUGE_VAL;
    *slowest = 0;
    for (size_t arm = 0; arm < page->job.arm_count; arm++) {
        const uint64_t *ticks = page->ticks + arm * page->job.max_rounds;
        uint64_t least = UINT64_MAX;
        for (size_t round = 0; round < page->report.rounds && page->report.arms[arm].runs; round++)
            least = ticks[round] < least ? ticks[round] : least;
        if (least == UINT64_MAX)
            continue;
        double ns = (double)least / page->job.clock.ticks_per_ns / (double)page->report.arms[arm].runs;
        *fastest = fmin(*fastest, ns);
        *slowest = fmax(*slowest, ns);
    }
}

/* Times all arms at that many items, in a process that counts for nothing else. 0 or -errno; what fails in the kernel
 * leaves *slowest 0. */
static int time_runs(struct point_job *job, int64_t items, double *fastest, double *slowest,
                     struct problem *problem) {
    int64_t *value = &job->plan_point.value[job->plan_case->module.scale], planned = *value;
    struct worker_outcome outcome = {0};
    *slowest = 0;
    *value = items;
    int status = runner_prepare_job(job, 0, problem);
    *value = planned;
    job->page->job.observe = false;
    job->page->job.seconds = 0;
    if (status == 0)
        status = supervisor_run(job->supervisor, job->page, &outcome, problem);
    if (status == 0 && outcome.end == WORKER_COMPLETED)
        find_run_times(job, fastest, slowest);
    return status;
}

/*
 * A run should be no longer than a sample: of a longer one there are few in a replicate, and each of them
 * meets some disturbance. Where the kernel leaves open how many items a run handles (cs_kernel.scale), fewer
 * are taken, not so few that the call of the fastest run would weigh. A part of the items is timed for that, or
 * all of them where the kernel refuses so few.
 */
int runner_fit_run(struct point_job *job, struct problem *problem) {
    const struct module_description *module = &job->plan_case->module;
    double fastest, slowest = 0;
    for (size_t i = 0; module->scale >= 0 && i < job->plan_point.point.count; i++)
        if (!strcmp(job->plan_point.point.values[i].name, module->parameters[module->scale].name))
            return 0;
    if (module->scale < 0 || job->options->settings.state[0] == 'c')
        return 0;
    int64_t *value = &job->plan_point.value[module->scale], least = module->parameters[module->scale].min;
    int64_t timed = *value / FIRST_PART;
    int status =
        timed >= LEAST_PART && timed >= least ? time_runs(job, timed, &fastest, &slowest, problem) : 0;
    if (status == 0 && slowest == 0) {
        timed = *value;
        status = time_runs(job, timed, &fastest, &slowest, problem);
    }
    if (status || slowest == 0)
        return status; /* what fails will fail again, as a replicate, and be told */
    double target = job->options->sample_us * 1e3, share = fmax(target / slowest, SHORTEST_RUN_NS / fastest);
    double planned = *value > 0 ? (double)*value : job->page->report.work.items;
    double wanted = (timed > 0 ? (double)timed : planned) * share;
    if (wanted < 0.75 * planned && wanted >= (double)least)
        *value = (int64_t)fmax(1, floor(wanted));
    return 0;
}
