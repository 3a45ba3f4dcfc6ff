/* What each variant takes of memory: in processes of their own, with the links and seeds of the first replicates. */
#include "measure/runner_point.h"

#include "run/seats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The same of all processes but for pages that are touched by chance: two tell whether it is. */
#define MEMORY_REPLICATES 2

static const enum counter_event events[] = {COUNTER_ALLOCATIONS, COUNTER_MEMORY, COUNTER_PEAK_MEMORY};
#define EVENTS (sizeof events / sizeof *events)

/* All arms of a replicate, one after the other. */
struct memory_job {
    struct point_job *point;
    size_t replicate;
};

struct memory_queue {
    struct memory_job *jobs;
    size_t count;
};

/* What a seat leaves of one. */
struct memory_answer {
    double counters[SCHEDULE_MAX_ARMS][EVENTS];
    char reason[RESULT_REASON]; /* of the first arm that failed */
};

static void explain(const struct point_job *job, size_t arm, const char *reason, char *text, size_t size) {
    if (!text[0])
        snprintf(text, size, "in the process that measures its memory, %.32s: %.100s",
                 job->measurement.arms[arm].variant, reason);
}

/* In the process of a seat, so that the job is a copy. What fails leaves the arm's numbers absent. 0 or -EINTR. */
static int measure_arm(struct point_job *job, size_t replicate, size_t arm, const struct seat *seat,
                       struct memory_answer *answer) {
    const struct run_settings *settings = &job->options->settings;
    struct worker_outcome outcome = {0};
    struct problem problem = {""};
    int status = runner_prepare_job(job, replicate, &problem);
    struct worker_job *worker = &job->page->job;
    worker->mode = WORKER_MEMORY;
    worker->max_rounds = 0;
    for (size_t i = 0; i < worker->arm_count; i++)
        worker->arms[i].active = i == arm;
    if (status == 0 && worker->threads == 1)
        status =
            seat_choose_cpus(seat, 1, settings->cpus[0] ? settings->cpus : NULL, &worker->cpus, &problem);
    if (status == 0)
        status = supervisor_run(job->supervisor, job->page, &outcome, &problem);
    if (status == -EINTR || outcome.end == WORKER_INTERRUPTED)
        return -EINTR;
    const struct worker_report *report = &job->page->report;
    const char *reason = status                            ? problem.text
                         : outcome.end != WORKER_COMPLETED ? outcome.reason
                         : report->failure != FAILURE_NONE ? report->failure_text
                         : report->arms[arm].invalid       ? report->arms[arm].reason
                                                           : NULL;
    if (reason)
        explain(job, arm, reason, answer->reason, sizeof answer->reason);
    for (size_t i = 0; i < EVENTS; i++)
        answer->counters[arm][i] = reason ? NAN : report->arms[arm].counters[events[i]];
    return 0;
}

static bool is_wanted(const struct measurement *measurement, size_t replicate, size_t arm) {
    return !measurement->arms[arm].invalid && measurement->arms[arm].role != ARM_PLACEBO &&
           measurement->replicates[replicate].runs[arm] > 0;
}

static int measure_at(void *context, size_t index, const struct seat *seat, struct problem *problem) {
    const struct memory_queue *queue = context;
    struct point_job *job = queue->jobs[index].point;
    size_t replicate = queue->jobs[index].replicate;
    int status = 0;
    job->supervisor = seat->supervisor;
    job->page = worker_page_new(job->measurement.arm_count, 0);
    if (!job->page)
        return problem_set(problem, ENOMEM, "no memory for a worker");
    for (size_t arm = 0; arm < job->measurement.arm_count && status == 0; arm++)
        if (is_wanted(&job->measurement, replicate, arm))
            status = measure_arm(job, replicate, arm, seat, seat->answer);
    worker_page_free(job->page);
    return status;
}

static int take(void *context, size_t index, const void *shared, struct problem *problem) {
    (void)problem;
    const struct memory_queue *queue = context;
    const struct memory_answer *answer = shared;
    struct measurement *measurement = &queue->jobs[index].point->measurement;
    struct replicate *replicate = &measurement->replicates[queue->jobs[index].replicate];
    for (size_t arm = 0; arm < measurement->arm_count; arm++)
        for (size_t i = 0; is_wanted(measurement, queue->jobs[index].replicate, arm) && i < EVENTS; i++)
            replicate->counters[arm][events[i]] = answer->counters[arm][i];
    if (answer->reason[0] && !measurement->counter_problem[0])
        snprintf(measurement->counter_problem, sizeof measurement->counter_problem, "%.*s",
                 (int)sizeof measurement->counter_problem - 1, answer->reason);
    return 0;
}

/* A replicate that was measured again under another number has other links. */
static bool is_measured(const struct point_job *job, size_t replicate) {
    const struct measurement *measurement = &job->measurement;
    return replicate < measurement->replicate_count &&
           measurement->replicates[replicate].seed ==
               runner_derive_seed(job->options->settings.seed, job->index + 1, replicate);
}

int runner_measure_memory(struct point_job *points, size_t count, struct problem *problem) {
    struct memory_queue queue = {.jobs = calloc(count * MEMORY_REPLICATES + 1, sizeof *queue.jobs)};
    if (!queue.jobs)
        return problem_set(problem, ENOMEM, "no memory to measure memory");
    for (size_t i = 0; i < count; i++) {
        const struct counter_plan *plan = run_plan_of(points[i].run, points[i].measurement.case_name);
        bool wanted =
            points[i].options->settings.counters && plan->entries[COUNTER_MEMORY].source != SOURCE_NONE;
        for (size_t replicate = 0; wanted && replicate < MEMORY_REPLICATES; replicate++)
            if (is_measured(&points[i], replicate))
                queue.jobs[queue.count++] = (struct memory_job){&points[i], replicate};
    }
    const struct seated_work work = {.count = queue.count,
                                     .answer_bytes = sizeof(struct memory_answer),
                                     .context = &queue,
                                     .work = measure_at,
                                     .take = take};
    const char *cpus = count && points[0].options->settings.cpus[0] ? points[0].options->settings.cpus : NULL;
    int status = count ? seats_work(points[0].supervisor, cpus, &work, problem) : 0;
    free(queue.jobs);
    return status;
}
