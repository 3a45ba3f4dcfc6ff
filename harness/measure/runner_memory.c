/* What each variant takes of memory: measured in processes of their own, beside the first replicates. */
#include "measure/runner_point.h"

#include <string.h>

/* The same of all processes but for pages that are touched by chance: two tell whether it is. */
#define MEMORY_REPLICATES 2

static void take_over(struct point_job *job, size_t arm, struct replicate *replicate) {
    static const enum counter_event events[] = {COUNTER_ALLOCATIONS, COUNTER_MEMORY, COUNTER_PEAK_MEMORY};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        replicate->counters[arm][events[i]] = job->page->report.arms[arm].counters[events[i]];
}

static int measure_arm(struct point_job *job, size_t index, size_t arm, struct replicate *replicate,
                       struct problem *problem) {
    struct worker_outcome outcome = {0};
    int status = runner_prepare_job(job, index, problem);
    struct worker_job *worker = &job->page->job;
    worker->mode = WORKER_MEMORY;
    for (size_t i = 0; i < worker->arm_count; i++)
        worker->arms[i].active = i == arm;
    if (status == 0)
        status = supervisor_run(job->supervisor, job->page, &outcome, problem);
    if (status || outcome.end == WORKER_INTERRUPTED)
        return status ? status : -EINTR;
    const struct worker_report *report = &job->page->report;
    const char *reason = outcome.end != WORKER_COMPLETED   ? outcome.reason
                         : report->failure != FAILURE_NONE ? report->failure_text
                         : report->arms[arm].invalid       ? report->arms[arm].reason
                                                           : NULL;
    if (!reason)
        take_over(job, arm, replicate);
    else if (!job->measurement.counter_problem[0])
        snprintf(job->measurement.counter_problem, sizeof job->measurement.counter_problem,
                 "in the process that measures its memory, %.32s: %.100s", job->measurement.arms[arm].variant,
                 reason);
    return 0;
}

int runner_measure_memory(struct point_job *job, size_t index, struct problem *problem) {
    struct measurement *measurement = &job->measurement;
    const struct counter_plan_entry *entry =
        &run_plan_of(job->run, measurement->case_name)->entries[COUNTER_MEMORY];
    if (!job->options->settings.counters || entry->source == SOURCE_NONE || index >= MEMORY_REPLICATES ||
        measurement->replicate_count != index + 1)
        return 0;
    struct replicate *replicate = &measurement->replicates[index];
    int status = 0;
    for (size_t arm = 0; arm < measurement->arm_count && status == 0; arm++)
        if (runner_is_active(job, arm) && measurement->arms[arm].role != ARM_PLACEBO)
            status = measure_arm(job, index, arm, replicate, problem);
    return status;
}
