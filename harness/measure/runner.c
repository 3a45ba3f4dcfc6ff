#include "measure/runner_point.h"

#include "base/numbers.h"
#include "base/option_name.h"
#include "conclude/fits.h"
#include "conclude/mechanism.h"
#include "measure/called_code.h"
#include "measure/forecast.h"
#include "run/outcome.h"
#include "run/scratch_sync.h"
#include "run/service.h"
#include "simulate/simulate.h"
#include "stats/sequential.h"
#include "store/thread_counts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A difference from the budget that is not worth a word. */
#define FORECAST_SECONDS 5

static bool is_interrupted(const struct supervisor *supervisor) {
    return supervisor->interrupted && *supervisor->interrupted;
}

unsigned runner_default_replicates(double budget_s) {
    double count = round(32 * budget_s);
    return count < 16 ? 16 : count > 512 ? 512 : (unsigned)count;
}

static int start_measurement(struct point_job *job) {
    const struct module_description *module = &job->plan_case->module;
    const struct plan_point *plan_point = &job->plan_point;
    struct measurement *measurement = &job->measurement;
    const struct run_settings *settings = &job->options->settings;
    *measurement = (struct measurement){.point = plan_point->point};
    snprintf(measurement->case_name, RESULT_NAME, "%s", job->plan_case->file.name);
    snprintf(measurement->kernel, RESULT_NAME, "%s", module->name);
    snprintf(measurement->build, sizeof measurement->build, "%s", settings->build);
    memcpy(measurement->compiler, module->compiler, sizeof measurement->compiler);
    memcpy(measurement->flags, module->flags, sizeof measurement->flags);
    memcpy(measurement->scratch_filesystem, job->supervisor->scratch_filesystem,
           sizeof measurement->scratch_filesystem);
    measurement->scratch_sync_ns = NAN;
    for (size_t i = 0; i < module->counter_count && i < RESULT_APP_COUNTERS; i++)
        memcpy(measurement->app_counters[i], module->counters[i].name, RESULT_NAME);
    memcpy(measurement->native_events, run_plan_of(job->run, measurement->case_name)->native_events,
           sizeof measurement->native_events);
    measurement->arm_count = plan_point->variant_count + settings->placebo;
    measurement->arms = calloc(measurement->arm_count, sizeof *measurement->arms);
    measurement->replicates = calloc(settings->replicates, sizeof *measurement->replicates);
    if (!measurement->arms || !measurement->replicates)
        return -ENOMEM;
    for (size_t i = 0; i < measurement->arm_count; i++) {
        bool placebo = i == plan_point->variant_count;
        unsigned variant = plan_point->variants[placebo ? 0 : i];
        measurement->arms[i].role = placebo ? ARM_PLACEBO : i == 0 ? ARM_BASELINE : ARM_CANDIDATE;
        measurement->arms[i].flags = module->variants[variant].flags;
        memcpy(measurement->arms[i].variant, module->variants[variant].name, RESULT_NAME);
        job->checked[i] = module->has_check;
        if (measurement->arms[i].flags & CS_IO && isnan(measurement->scratch_sync_ns))
            measurement->scratch_sync_ns = scratch_sync_ns(job->supervisor->scratch);
    }
    return 0;
}

static void invalidate(struct measurement *measurement, size_t arm, enum arm_fault fault,
                       const char *reason) {
    measurement->arms[arm].invalid = true;
    measurement->arms[arm].fault = fault;
    snprintf(measurement->arms[arm].reason, sizeof measurement->arms[arm].reason, "%s", reason);
}

static void invalidate_all(struct measurement *measurement, enum arm_fault fault, const char *reason) {
    for (size_t arm = 0; arm < measurement->arm_count; arm++)
        if (!measurement->arms[arm].invalid)
            invalidate(measurement, arm, fault, reason);
}

/*
 * The placebo is the baseline's function of a second loaded copy, given the state that the first one's setup
 * made. What fails there and not in the baseline misses something that is not in the state.
 */
static void blame_placebo(struct measurement *measurement, const char *name, const char *reason) {
    char text[RESULT_REASON];
    arm_words_of_placebo(name, reason, text, sizeof text);
    invalidate_all(measurement, FAULT_PLACEBO, text);
}

/* A baseline that fails leaves nothing to compare with; a candidate's failure is its own. */
static void blame(struct point_job *job, const struct worker_outcome *outcome) {
    struct measurement *measurement = &job->measurement;
    char reason[RESULT_REASON];
    bool known = outcome->arm >= 0 && (size_t)outcome->arm < measurement->arm_count;
    bool placebo = known && measurement->arms[outcome->arm].role == ARM_PLACEBO;
    if (placebo) {
        blame_placebo(measurement, measurement->arms[outcome->arm].variant, outcome->reason);
        return;
    }
    outcome_words(outcome, known ? measurement->arms[outcome->arm].variant : NULL, reason);
    if (known && outcome->arm != 0)
        invalidate(measurement, (size_t)outcome->arm, worker_end_fault(outcome->end), reason);
    else
        invalidate_all(measurement, worker_end_fault(outcome->end), reason);
}

/* What the worker refused: of the baseline and of its placebo, for all. */
static void refuse(struct measurement *measurement, size_t arm, const struct arm_why *reported) {
    struct arm_why why = *reported;
    char reason[RESULT_REASON];
    why.placebo = measurement->arms[arm].role == ARM_PLACEBO;
    arm_words(&why, reason, sizeof reason);
    for (size_t i = 0; i < measurement->arm_count; i++)
        if (!measurement->arms[i].invalid && (i == arm || arm == 0 || why.placebo)) {
            invalidate(measurement, i, arm_why_fault(&why), reason);
            measurement->arms[i].why = why;
        }
}

/* The first text is kept, and the first that is another. */
static void copy_evidence(const char *text, struct arm *arm) {
    if (!arm->evidence[0] && arm->evidence_changes == 0)
        memcpy(arm->evidence, text, sizeof arm->evidence);
    else if (strcmp(arm->evidence, text) != 0 && arm->evidence_changes++ == 0)
        memcpy(arm->other_evidence, text, sizeof arm->other_evidence);
}

static void copy_arm(struct point_job *job, size_t arm, struct replicate *replicate) {
    const struct worker_report *report = &job->page->report;
    const uint64_t *ticks = job->page->ticks + arm * job->page->job.max_rounds;
    struct arm *to = &job->measurement.arms[arm];
    replicate->runs[arm] = report->arms[arm].runs;
    replicate->preempted[arm] = replicate->runs[arm] ? (double)report->arms[arm].preempted : NAN;
    memcpy(replicate->counters[arm], report->arms[arm].counters, sizeof replicate->counters[arm]);
    memcpy(replicate->app[arm], report->arms[arm].app, sizeof replicate->app[arm]);
    if (report->counted_threads == replicate->thread_count && replicate->thread_count)
        memcpy(thread_counts(replicate, arm, 0), report->thread_counts[arm],
               replicate->thread_count * sizeof report->thread_counts[arm][0]);
    replicate->resources[arm] = report->arms[arm].resources;
    replicate->latency[arm] = report->arms[arm].latency;
    if (job->page->job.arms[arm].active) {
        memcpy(to->code_hash, report->arms[arm].code_hash, sizeof to->code_hash);
        to->code_bytes = report->arms[arm].code_bytes;
        copy_evidence(report->arms[arm].evidence, to);
    }
    if (replicate->runs[arm] > 0 && replicate->rounds > 0)
        memcpy(replicate->ticks[arm], ticks, replicate->rounds * sizeof *ticks);
    else {
        free(replicate->ticks[arm]);
        replicate->ticks[arm] = NULL;
    }
}

/* Of the same servers in every replicate. 0 or -ENOMEM. */
static int copy_services(struct point_job *job, struct replicate *replicate) {
    struct measurement *measurement = &job->measurement;
    struct service services[RESULT_SERVICES];
    size_t count = services_describe(&job->page->job, services);
    if (count == 0)
        return 0;
    if (!measurement->services)
        measurement->services = calloc(count, sizeof *services);
    replicate->services = calloc(count, sizeof *replicate->services);
    if (!measurement->services || !replicate->services)
        return -ENOMEM;
    memcpy(measurement->services, services, count * sizeof *services);
    measurement->service_count = replicate->service_count = count;
    for (size_t i = 0, next = 0; i < CS_MAX_SERVICES; i++)
        if (job->page->job.services[i].needed)
            replicate->services[next++] = job->page->services[i];
    return 0;
}

/* Takes over a complete report. 0 or -ENOMEM. */
static int take_report(struct point_job *job) {
    const struct worker_report *report = &job->page->report;
    struct measurement *measurement = &job->measurement;
    size_t rounds = report->rounds <= job->page->job.max_rounds ? report->rounds : 0;
    size_t threads = report->thread_count <= WORKER_THREADS ? report->thread_count : 0;
    for (size_t arm = 0; arm < measurement->arm_count; arm++) {
        job->checked[arm] &= report->arms[arm].checked || !job->page->job.arms[arm].active;
        if (!report->arms[arm].invalid || measurement->arms[arm].invalid)
            continue;
        refuse(measurement, arm, &report->arms[arm].why);
    }
    if (rounds == 0)
        return 0;
    struct replicate *replicate = &measurement->replicates[measurement->replicate_count];
    if (replicate_allocate(replicate, measurement->arm_count, rounds, threads))
        return -ENOMEM;
    measurement->replicate_count++;
    if (copy_services(job, replicate))
        return -ENOMEM;
    measurement->items = report->work.items;
    measurement->bytes = report->work.bytes;
    measurement->flops = report->work.flops;
    replicate->seed = job->page->job.seed;
    replicate->layout = job->links ? (int)job->order[job->replicate] : 0;
    replicate->startup_ms = report->startup_ms;
    memcpy(replicate->threads, report->threads, threads * sizeof *replicate->threads);
    replicate->memory_node = job->run->host.topology.numa_nodes > 1 ? job->page->job.cpus.node : -1;
    replicate->noise = report->noise;
    replicate->core_ghz = report->core_ghz;
    if (report->counter_problem[0])
        memcpy(measurement->counter_problem, report->counter_problem, sizeof measurement->counter_problem);
    noise_describe(&replicate->noise, replicate->noise_text, sizeof replicate->noise_text);
    for (size_t arm = 0; arm < measurement->arm_count; arm++)
        copy_arm(job, arm, replicate);
    return 0;
}

/* One replicate, repeated without the guilty variant when one fails. 0; -EINTR; -errno of the harness. */
static int measure_replicate(struct point_job *job, size_t index, struct problem *problem) {
    job->replicate = index;
    while (runner_open_candidates(job)) {
        struct worker_outcome outcome = {0};
        uint64_t start = monotonic_ns();
        double linking_s = job->linking_s;
        int status = runner_prepare_job(job, index, problem);
        if (status == 0)
            status = supervisor_run(job->supervisor, job->page, &outcome, problem);
        if (status)
            return status;
        if (outcome.end == WORKER_INTERRUPTED)
            return -EINTR;
        if (outcome.end != WORKER_COMPLETED) {
            blame(job, &outcome);
            continue;
        }
        const struct worker_report *report = &job->page->report;
        if (report->failure == FAILURE_SETUP) {
            invalidate_all(&job->measurement, FAULT_SETUP, report->failure_text);
            return 0;
        }
        if (report->failure != FAILURE_NONE)
            return problem_set(problem, report->error, "%s", report->failure_text);
        if (take_report(job))
            return problem_set(problem, ENOMEM, "no memory for samples");
        job->timing_s += report->timing_s;
        job->overhead_s += (double)(monotonic_ns() - start) / 1e9 - report->timing_s -
                           (job->linking_s - linking_s) + job->link_s;
        if (!report->repeat)
            return 0;
    }
    return 0;
}

bool runner_forecast_matters(const struct runner_forecast *forecast) {
    return isfinite(forecast->expected_s) && forecast->expected_s > 2 * forecast->budget_s &&
           forecast->expected_s - forecast->budget_s > FORECAST_SECONDS;
}

/* After the first replicate, since the others are like it. Links are part of what is around it. */
static void tell_forecast(const struct point_job *job) {
    const struct runner_listener *listener = job->options->listener;
    const struct run_settings *settings = &job->options->settings;
    struct runner_forecast forecast;
    struct point_costs costs = {.replicates = settings->replicates,
                                .around = job->overhead_s,
                                .timing = job->timing_s,
                                .compiling = job->index == 0 ? job->options->compiling_s : 0,
                                .budget = settings->budget_s * (double)(job->plan_point.variant_count - 1)};
    if (!listener || !listener->forecast)
        return;
    costs.simulation = simulation_forecast(
        &(struct simulated_point){job->plan_case, &job->plan_point, (struct measurement *)&job->measurement},
        settings, &job->run->host.clock);
    forecast_point(&costs, &forecast);
    if (runner_forecast_matters(&forecast))
        listener->forecast(listener->context, &forecast);
}

/* Once a point, as it is the same in every replicate: of arms whose own code is known. */
static void note_called_code(struct point_job *job) {
    for (size_t i = 0; i < job->measurement.arm_count; i++) {
        struct arm *arm = &job->measurement.arms[i];
        if (arm->code_hash[0])
            called_code_read(job->plan_case->module.path, arm->variant, arm->code_hash, &arm->code_bytes);
    }
}

static int measure_replicates(const struct point_batch *batch, struct point_job *job,
                              struct problem *problem) {
    const struct run_settings *settings = &job->options->settings;
    double before = (double)(job->index - batch->first);
    for (size_t r = 0; r < settings->replicates && runner_open_candidates(job); r++) {
        runner_tell_progress(batch, job, r,
                             runner_points_done(batch, before + (double)r / (double)settings->replicates, 0));
        int status = measure_replicate(job, r, problem);
        if (is_interrupted(job->supervisor))
            status = -EINTR;
        if (status)
            return status;
        if (r == 0)
            tell_forecast(job);
        if (run_is_sequential(settings) &&
            sequential_is_look((unsigned)settings->replicates, (unsigned)r + 1) &&
            runner_look(job, batch->plan))
            return problem_set(problem, ENOMEM, "no memory to conclude a comparison");
    }
    return 0;
}

static int measure_point(const struct point_batch *batch, struct point_job *job, struct problem *problem) {
    int status = runner_draw_order(job, problem);
    if (status == 0 && start_measurement(job))
        status = problem_set(problem, ENOMEM, "no memory for a measurement");
    if (status)
        return status;
    job->page = worker_page_new(job->measurement.arm_count, RUNNER_MAX_ROUNDS);
    if (!job->page)
        return problem_set(problem, errno, "no memory for a worker: %s", strerror(errno));
    status = runner_fit_run(job, problem);
    if (status == 0)
        status = measure_replicates(batch, job, problem);
    worker_page_free(job->page);
    job->page = NULL;
    note_called_code(job);
    return status;
}

/* Points that were timed are concluded, whatever befell the next. */
static int run_batch(struct point_batch *batch, struct problem *problem) {
    size_t measured = 0;
    int status = 0;
    while (measured < batch->count && (status = measure_point(batch, &batch->jobs[measured], problem)) == 0)
        measured++;
    struct problem later;
    int finished = runner_finish_points(batch, measured, status ? &later : problem);
    status = status ? status : finished;
    for (size_t i = 0; i < measured; i++) {
        int concluded = runner_conclude_point(&batch->jobs[i], status ? &later : problem);
        status = status ? status : concluded;
    }
    for (size_t i = 0; i < batch->count; i++) {
        measurement_clear(&batch->jobs[i].measurement);
        free(batch->jobs[i].order);
    }
    return status;
}

static int run_plan(struct point_batch *batch, const struct link_table *table, struct problem *problem) {
    const struct plan *plan = batch->plan;
    int status = 0;
    for (; batch->first < plan->point_count && status == 0; batch->first += batch->count) {
        size_t left = plan->point_count - batch->first;
        batch->count = left < RUNNER_BATCH ? left : RUNNER_BATCH;
        for (size_t i = 0; i < batch->count; i++) {
            const struct plan_point *plan_point = &plan->points[batch->first + i];
            batch->jobs[i] = (struct point_job){.plan_case = &plan->cases[plan_point->case_index],
                                                .plan_point = *plan_point,
                                                .options = batch->options,
                                                .supervisor = batch->supervisor,
                                                .run = batch->run,
                                                .index = batch->first + i,
                                                .links = table->links[plan_point->case_index],
                                                .arm_seconds = RUNNER_FIRST_SECONDS};
        }
        status = run_batch(batch, problem);
    }
    return status;
}

/* Predictions are judged by the corrected verdicts. 0 or -ENOMEM. */
static int explain_cases(const struct plan *plan, struct run *run) {
    int status = 0;
    for (size_t i = 0; i < plan->case_count && status == 0; i++)
        status = run_explain(&plan->cases[i].file, run);
    return status;
}

int runner_run(struct supervisor *supervisor, const struct plan *plan, const struct runner_options *options,
               struct run *run, struct problem *problem) {
    struct point_batch batch = {
        .plan = plan, .options = options, .supervisor = supervisor, .run = run, .start_ns = monotonic_ns()};
    struct link_table table = {0};
    run->complete = false;
    int status = link_table_open(&table, plan, &options->settings, supervisor->scratch, supervisor->program,
                                 options->ahead, problem);
    for (size_t i = 0; i < plan->skipped_count && status == 0; i++)
        if (run_add_skipped(run, &plan->skipped[i]))
            status = problem_set(problem, ENOMEM, "no memory for the list of skipped points");
    batch.jobs = calloc(RUNNER_BATCH, sizeof *batch.jobs);
    if (!batch.jobs && status == 0)
        status = problem_set(problem, ENOMEM, "no memory for the points of a run");
    if (status == 0)
        status = run_plan(&batch, &table, problem);
    free(batch.jobs);
    link_table_close(&table);
    if (status == 0 || status == -EINTR)
        if (comparisons_correct(run) || fits_add(run) || explain_cases(plan, run))
            status = problem_set(problem, ENOMEM, "no memory to correct the verdicts");
    run->duration_s = (double)(monotonic_ns() - batch.start_ns) / 1e9;
    run->complete = status == 0;
    return status == -EINTR ? 0 : status;
}
