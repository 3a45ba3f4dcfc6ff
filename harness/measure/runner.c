#include "measure/runner_point.h"

#include "base/numbers.h"
#include "base/option_name.h"
#include "conclude/fits.h"
#include "conclude/mechanism.h"
#include "measure/called_code.h"
#include "measure/forecast.h"
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
    static const char hint[] =
        "; the copy has the state that setup made, and no file-scope variables that setup "
        "filled: keep them in the state";
    char text[RESULT_REASON];
    snprintf(text, sizeof text, "%s in a second loaded copy of its module (the placebo): %.*s%s", name,
             (int)(RESULT_REASON - RESULT_NAME - sizeof hint - 64), reason, hint);
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
    snprintf(reason, sizeof reason, "%s %.*s", known ? measurement->arms[outcome->arm].variant : "the kernel",
             RESULT_REASON - RESULT_NAME - 2, outcome->reason);
    if (known && outcome->arm != 0)
        invalidate(measurement, (size_t)outcome->arm, worker_end_fault(outcome->end), reason);
    else
        invalidate_all(measurement, worker_end_fault(outcome->end), reason);
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
        if (arm == 0)
            invalidate_all(measurement, report->arms[arm].fault, report->arms[arm].reason);
        else if (measurement->arms[arm].role == ARM_PLACEBO)
            blame_placebo(measurement, measurement->arms[arm].variant, report->arms[arm].reason);
        else
            invalidate(measurement, arm, report->arms[arm].fault, report->arms[arm].reason);
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
        job->overhead_s += (double)(monotonic_ns() - start) / 1e9 - report->timing_s;
        if (!report->repeat)
            return 0;
    }
    return 0;
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

static int conclude_point(struct point_job *job, struct problem *problem) {
    size_t index = job->run->measurement_count;
    measurement_digest(&job->measurement, job->measurement.digest);
    int status = run_add_measurement(job->run, &job->measurement);
    job->measurement = status ? job->measurement : (struct measurement){0};
    for (size_t arm = 1; status == 0 && arm < job->run->measurements[index].arm_count; arm++)
        if (job->run->measurements[index].arms[arm].role == ARM_CANDIDATE)
            status = conclude_arm(job, arm, index);
    return status ? problem_set(problem, -status, "no memory to conclude a comparison") : 0;
}

static void tell_progress(const struct point_job *job, const struct plan *plan, size_t replicate,
                          uint64_t start) {
    const struct runner_listener *listener = job->options->listener;
    if (!listener || !listener->progress)
        return;
    size_t replicates = job->options->settings.replicates;
    double elapsed = (double)(monotonic_ns() - start) / 1e9;
    bool simulate = job->options->settings.simulate;
    /* A simulation takes about as long as a few replicates. */
    double done = (double)job->index + (double)replicate / (double)(replicates + (simulate ? 2 : 0));
    /* Before anything was measured, the budget is the best guess there is. */
    double planned = job->options->settings.budget_s * (double)plan_comparisons(plan) * 1.3;
    double remaining = done < 0.3 ? planned - elapsed : elapsed / done * ((double)plan->point_count - done);
    struct runner_progress progress = {.point = job->index + 1,
                                       .points = plan->point_count,
                                       .case_number = (size_t)(job->plan_case - plan->cases) + 1,
                                       .cases = plan->case_count,
                                       .replicate = replicate,
                                       .replicates = replicates,
                                       .simulating = replicate == replicates,
                                       .case_name = job->plan_case->file.name,
                                       .where = &job->plan_point.point,
                                       .elapsed_s = elapsed,
                                       .remaining_s = fmax(0, remaining)};
    listener->progress(listener->context, &progress);
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

static int measure_replicates(struct point_job *job, const struct plan *plan, uint64_t start,
                              struct problem *problem) {
    const struct run_settings *settings = &job->options->settings;
    for (size_t r = 0; r < settings->replicates && runner_open_candidates(job); r++) {
        tell_progress(job, plan, r, start);
        int status = measure_replicate(job, r, problem);
        if (status == 0)
            status = runner_measure_memory(job, r, problem);
        if (is_interrupted(job->supervisor))
            status = -EINTR;
        if (status)
            return status;
        if (r == 0)
            tell_forecast(job);
        if (run_is_sequential(settings) &&
            sequential_is_look((unsigned)settings->replicates, (unsigned)r + 1) && runner_look(job, plan))
            return problem_set(problem, ENOMEM, "no memory to conclude a comparison");
    }
    return 0;
}

static int measure_point(struct point_job *job, const struct plan *plan, uint64_t start,
                         struct problem *problem) {
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
        status = measure_replicates(job, plan, start, problem);
    worker_page_free(job->page);
    job->page = NULL;
    note_called_code(job);
    return status;
}

/*
 * Simulates points that were measured, side by side, and concludes them: without it where it was interrupted.
 */
static int conclude_points(struct point_job *jobs, size_t count, const struct plan *plan, uint64_t start,
                           struct problem *problem) {
    struct simulated_point points[SIMULATION_SEATS];
    const struct runner_options *options = jobs[0].options;
    int status = 0;
    for (size_t i = 0; i < count; i++)
        points[i] = (struct simulated_point){jobs[i].plan_case, &jobs[i].plan_point, &jobs[i].measurement};
    if (count && options->settings.simulate && !is_interrupted(jobs[0].supervisor)) {
        tell_progress(&jobs[count - 1], plan, options->settings.replicates, start);
        status = simulate_measurements(jobs[0].supervisor, points, count, &options->settings,
                                       &jobs[0].run->host.clock, problem);
    }
    for (size_t i = 0; i < count; i++) {
        if (is_interrupted(jobs[i].supervisor) && options->settings.simulate)
            simulation_leave_out(&jobs[i].measurement.simulation, "interrupted before it was simulated");
        int concluded = conclude_point(&jobs[i], problem);
        status = status ? status : concluded;
    }
    return status;
}

/* As many points as can be simulated side by side; those that were measured are concluded, whatever befell
 * the next. */
static int run_points(struct point_job *jobs, size_t count, const struct plan *plan, uint64_t start,
                      struct problem *problem) {
    size_t measured = 0;
    int status = 0;
    while (measured < count && (status = measure_point(&jobs[measured], plan, start, problem)) == 0)
        measured++;
    int concluded = conclude_points(jobs, measured, plan, start, problem);
    for (size_t i = 0; i < count; i++) {
        measurement_clear(&jobs[i].measurement);
        free(jobs[i].order);
    }
    return status ? status : concluded;
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
    uint64_t start = monotonic_ns();
    struct link_table table = {0};
    run->complete = false;
    int status =
        link_table_open(&table, plan, &options->settings, supervisor->scratch, supervisor->program, problem);
    for (size_t i = 0; i < plan->skipped_count && status == 0; i++)
        if (run_add_skipped(run, &plan->skipped[i]))
            status = problem_set(problem, ENOMEM, "no memory for the list of skipped points");
    size_t seats = simulation_seats(supervisor, &options->settings);
    for (size_t first = 0; first < plan->point_count && status == 0; first += seats) {
        struct point_job jobs[SIMULATION_SEATS];
        size_t count = plan->point_count - first < seats ? plan->point_count - first : seats;
        for (size_t i = 0; i < count; i++)
            jobs[i] = (struct point_job){.plan_case = &plan->cases[plan->points[first + i].case_index],
                                         .plan_point = plan->points[first + i],
                                         .options = options,
                                         .supervisor = supervisor,
                                         .run = run,
                                         .index = first + i,
                                         .links = table.links[plan->points[first + i].case_index],
                                         .arm_seconds = RUNNER_FIRST_SECONDS};
        status = run_points(jobs, count, plan, start, problem);
    }
    link_table_close(&table);
    if (status == 0 || status == -EINTR)
        if (comparisons_correct(run) || fits_add(run) || explain_cases(plan, run))
            status = problem_set(problem, ENOMEM, "no memory to correct the verdicts");
    run->duration_s = (double)(monotonic_ns() - start) / 1e9;
    run->complete = status == 0;
    return status == -EINTR ? 0 : status;
}
