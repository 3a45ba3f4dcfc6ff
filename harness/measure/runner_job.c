/* What a replicate is to do: links, seeds, lengths. */
#include "measure/runner_point.h"

#include "run/service.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Replicates in which counters and resources are read: they differ less between processes than times do. */
#define FEWEST_OBSERVED 4 /* of a short budget: those of the first look, which every arm is in */
#define MOST_OBSERVED 8
#define OBSERVED_A_SECOND 4 /* of the budget of a comparison */

/* SplitMix64's finalizer. */
uint64_t runner_derive_seed(uint64_t seed, uint64_t point, uint64_t replicate) {
    struct cs_random random = cs_random_seed(seed ^ (point * 0x9e3779b97f4a7c15u) ^ (replicate << 48));
    return cs_random_u64(&random);
}

bool runner_is_active(const struct point_job *job, size_t arm) {
    return !job->measurement.arms[arm].invalid && !job->settled[arm];
}

size_t runner_open_candidates(const struct point_job *job) {
    size_t count = 0;
    for (size_t i = 1; i < job->measurement.arm_count; i++)
        count += job->measurement.arms[i].role == ARM_CANDIDATE && runner_is_active(job, i);
    return job->measurement.arms[0].invalid ? 0 : count;
}

/*
 * Time of one replicate's timing rounds. The budget is for each comparison, over all replicates; what is left
 * of it where processes differ more than rounds do is better not spent on rounds.
 */
static double replicate_seconds(const struct point_job *job, size_t candidates) {
    const struct run_settings *settings = &job->options->settings;
    double most = settings->budget_s / settings->replicates;
    return (double)candidates * (run_is_sequential(settings) ? fmin(most, job->arm_seconds) : most);
}

/* Warm-up runs take half of a sample again; with that, the rounds fill the time at the most. */
static double sample_length_ns(const struct point_job *job) {
    const struct run_settings *settings = &job->options->settings;
    double seconds = settings->budget_s * (double)(job->plan_point.variant_count - 1) / settings->replicates;
    double longest = seconds * 1e9 / (1.5 * RUNNER_MAX_ROUNDS * (double)job->measurement.arm_count);
    return fmax(job->options->sample_us * 1e3, longest);
}

/* By the budget alone, not by what was measured. */
static size_t observed_replicates(double budget_s) {
    double count = round(OBSERVED_A_SECOND * budget_s);
    return count < FEWEST_OBSERVED ? FEWEST_OBSERVED : count > MOST_OBSERVED ? MOST_OBSERVED : (size_t)count;
}

/* Traced calls are exact counts of runs, whose number a sample is the same: two processes that agree tell the others. */
static bool are_calls_known(const struct point_job *job) {
    const struct measurement *measurement = &job->measurement;
    if (measurement->replicate_count < 2)
        return false;
    for (size_t arm = 0; arm < measurement->arm_count; arm++) {
        bool counted = runner_is_active(job, arm) && measurement->arms[arm].role != ARM_PLACEBO;
        double first = measurement->replicates[0].counters[arm][COUNTER_SYSTEM_CALLS];
        if (counted && measurement->replicates[1].counters[arm][COUNTER_SYSTEM_CALLS] != first)
            return false; /* or not a number */
    }
    return true;
}

static enum worker_state state_by_name(const char *name) {
    return !strcmp(name, "cold") ? STATE_COLD : !strcmp(name, "mixed") ? STATE_MIXED : STATE_WARM;
}

int runner_draw_order(struct point_job *job, struct problem *problem) {
    const struct run_settings *settings = &job->options->settings;
    size_t count = settings->replicates + 1;
    if (!job->links)
        return 0;
    job->order = malloc(count * sizeof *job->order);
    if (!job->order)
        return problem_set(problem, ENOMEM, "no memory for a measurement");
    for (size_t i = 0; i < count; i++)
        job->order[i] = (uint32_t)i;
    struct cs_random random = cs_random_seed(runner_derive_seed(settings->seed, job->index + 1, 0) + 3);
    cs_random_shuffle(&random, job->order, count);
    return 0;
}

int runner_prepare_job(struct point_job *job, size_t replicate, struct problem *problem) {
    const struct plan_point *plan_point = &job->plan_point;
    const struct run_settings *settings = &job->options->settings;
    const struct run *run = job->run;
    struct worker_job *worker = &job->page->job;
    *worker = (struct worker_job){.mode = WORKER_MEASURE,
                                  .threads = plan_point->threads,
                                  .parallel = module_is_parallel(&job->plan_case->module)};
    int status = runner_choose_modules(job, replicate, worker, problem);
    if (status)
        return status;
    memcpy(worker->value, plan_point->value, sizeof worker->value);
    worker->seed = runner_derive_seed(settings->seed, job->index + 1, replicate);
    worker->arm_count = job->measurement.arm_count;
    for (size_t i = 0; i < worker->arm_count; i++) {
        worker->arms[i].placebo = job->measurement.arms[i].role == ARM_PLACEBO;
        worker->arms[i].variant = plan_point->variants[worker->arms[i].placebo ? 0 : i];
        worker->arms[i].active = runner_is_active(job, i);
        worker->runs[i] = job->measurement.replicate_count ? job->measurement.replicates[0].runs[i] : 0;
    }
    worker->clock = run->host.clock;
    worker->sample_ns = sample_length_ns(job);
    worker->seconds = replicate_seconds(job, runner_open_candidates(job));
    worker->min_rounds = RUNNER_MIN_ROUNDS;
    worker->max_rounds = RUNNER_MAX_ROUNDS;
    worker->state = state_by_name(settings->state);
    if (worker->state == STATE_COLD)
        worker->evict_bytes = 2 * (run->host.topology.l3_bytes ? run->host.topology.l3_bytes : 32u << 20);
    worker->observe = job->measurement.replicate_count < observed_replicates(settings->budget_s);
    worker->counters = settings->counters;
    worker->trace_calls = settings->counters && !are_calls_known(job);
    worker->plan = *run_plan_of(run, job->plan_case->file.name);
    worker->counter_rounds = 3;
    struct cs_random random = cs_random_seed(worker->seed + 2);
    worker->stack_offset = cs_random_below(&random, 4096) & ~15u;
    worker->heap_offset = cs_random_below(&random, 65536);
    return services_place(job->supervisor->topology, settings->cpus[0] ? settings->cpus : NULL,
                          &job->plan_case->module, plan_point->variants, plan_point->variant_count, worker,
                          problem);
}
