#include "measure/runner.h"

#include "measure/called_code.h"
#include "measure/comparison.h"
#include "measure/link_table.h"
#include "measure/mechanism.h"
#include "measure/simulate.h"
#include "stats/sequential.h"
#include "store/thread_counts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OBSERVED_REPLICATES 8 /* in which counters and resources are read, which differ less between processes */
#define LINK_SECONDS 60      /* that a linker may take; it takes some milliseconds */
#define SHORTEST_RUN_NS 1000 /* beside which a call of a run does not weigh */
#define FIRST_SECONDS                                                                                        \
    0.010 /* of timing rounds, a candidate and replicate, before anything is known of their spread */

/* One point while it is measured. */
struct point_job {
    const struct plan_case *plan_case;
    struct plan_point plan_point; /* its own, as fit_run may shorten the runs */
    const struct runner_options *options;
    struct supervisor *supervisor;
    struct run *run;
    struct worker_page *page;
    int fd;
    struct measurement measurement;
    size_t replicate;    /**< index of the one under way */
    struct links *links; /**< borrowed; NULL: the module as it is */
    uint32_t *order;     /**< of links, as replicates take them; one more than there are replicates */
    bool checked[SCHEDULE_MAX_ARMS]; /**< accepted by the kernel's own check in every replicate it was in */
    bool settled[SCHEDULE_MAX_ARMS]; /**< candidates that need no more replicates */
    double overhead_s, timing_s;     /**< of all replicates: outside of their timing rounds, and in them */
    double arm_seconds;              /**< of timing rounds, a candidate and replicate */
};

static bool is_interrupted(const struct supervisor *supervisor) {
    return supervisor->interrupted && *supervisor->interrupted;
}

/* SplitMix64's finalizer: one seed a point and replicate, all from the run's. */
static uint64_t derive_seed(uint64_t seed, uint64_t point, uint64_t replicate) {
    struct cs_random random = cs_random_seed(seed ^ (point * 0x9e3779b97f4a7c15u) ^ (replicate << 48));
    return cs_random_u64(&random);
}

int runner_describe(struct supervisor *supervisor, const char *path, struct module_description *description,
                    struct problem *problem) {
    int fd;
    struct worker_page *page = worker_page_new(0, 0, &fd);
    if (!page)
        return problem_set(problem, errno, "no memory for a worker: %s", strerror(errno));
    page->job.mode = WORKER_DESCRIBE;
    page->job.threads = 1;
    if (snprintf(page->job.module, sizeof page->job.module, "%s", path) >= (int)sizeof page->job.module) {
        worker_page_free(page, fd);
        return problem_set(problem, ENAMETOOLONG, "%s: the path is too long", path);
    }
    struct worker_outcome outcome = {0};
    int status = supervisor_run(supervisor, page, fd, &outcome, problem);
    if (status == 0 && outcome.end == WORKER_INTERRUPTED)
        status = problem_set(problem, EINTR, "interrupted");
    else if (status == 0 && outcome.end != WORKER_COMPLETED)
        status = problem_set(problem, ELIBBAD, "%s: %s", path, outcome.reason);
    else if (status == 0 && page->report.failure != FAILURE_NONE)
        status = problem_set(problem, page->report.error, "%s", page->report.failure_text);
    if (status == 0)
        *description = page->report.description;
    worker_page_free(page, fd);
    return status;
}

static bool is_active(const struct point_job *job, size_t arm) {
    return !job->measurement.arms[arm].invalid && !job->settled[arm];
}

/* Candidates that are measured on. */
static size_t open_candidates(const struct point_job *job) {
    size_t count = 0;
    for (size_t i = 1; i < job->measurement.arm_count; i++)
        count += job->measurement.arms[i].role == ARM_CANDIDATE && is_active(job, i);
    return job->measurement.arms[0].invalid ? 0 : count;
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
    for (size_t i = 0; i < module->counter_count && i < RESULT_APP_COUNTERS; i++)
        memcpy(measurement->app_counters[i], module->counters[i].name, RESULT_NAME);
    memcpy(measurement->native_events, job->run->counter_plan.native_events,
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
    }
    return 0;
}

unsigned runner_default_replicates(double budget_s) {
    double count = round(32 * budget_s);
    return count < 16 ? 16 : count > 512 ? 512 : (unsigned)count;
}

static bool is_sequential(const struct run_settings *settings) {
    return !strcmp(settings->design, "sequential");
}

/*
 * Time of one replicate's timing rounds. The budget is for each comparison, over all replicates; what is left
 * of it where processes differ more than rounds do is better not spent on rounds.
 */
static double replicate_seconds(const struct point_job *job, size_t candidates) {
    const struct run_settings *settings = &job->options->settings;
    double most = settings->budget_s / settings->replicates;
    return (double)candidates * (is_sequential(settings) ? fmin(most, job->arm_seconds) : most);
}

/* Warm-up runs take half of a sample again; with that, the rounds fill the time at the most. */
static double sample_length_ns(const struct point_job *job) {
    const struct run_settings *settings = &job->options->settings;
    double seconds = settings->budget_s * (double)(job->plan_point.variant_count - 1) / settings->replicates;
    double longest = seconds * 1e9 / (1.5 * RUNNER_MAX_ROUNDS * (double)job->measurement.arm_count);
    return fmax(job->options->sample_us * 1e3, longest);
}

static enum worker_state state_by_name(const char *name) {
    return !strcmp(name, "cold") ? STATE_COLD : !strcmp(name, "mixed") ? STATE_MIXED : STATE_WARM;
}

/* Each link once, in random order, the one that the linker made by itself among them. */
static int draw_order(struct point_job *job, struct problem *problem) {
    const struct run_settings *settings = &job->options->settings;
    size_t count = settings->replicates + 1;
    if (!job->links)
        return 0;
    job->order = malloc(count * sizeof *job->order);
    if (!job->order)
        return problem_set(problem, ENOMEM, "no memory for a measurement");
    for (size_t i = 0; i < count; i++)
        job->order[i] = (uint32_t)i;
    struct cs_random random =
        cs_random_seed(derive_seed(settings->seed, job->run->measurement_count + 1, 0) + 3);
    cs_random_shuffle(&random, job->order, count);
    return 0;
}

static int set_path(char *to, size_t size, const char *path, struct problem *problem) {
    return snprintf(to, size, "%s", path) < (int)size
               ? 0
               : problem_set(problem, ENAMETOOLONG, "%s: the path is too long", path);
}

/*
 * The placebo comes from another link than the baseline, the next replicate's: what placement does to one
 * function is part of the floor. Where there is but the module itself it is a copy of the same file.
 */
static int choose_modules(const struct point_job *job, size_t replicate, struct worker_job *worker,
                          struct problem *problem) {
    const struct command_limits limits = {LINK_SECONDS, job->supervisor->interrupted};
    const char *path = job->plan_case->module.path;
    if (!job->links)
        return set_path(worker->module, sizeof worker->module, path, problem);
    int status = links_make(job->links, job->order[replicate], &limits, &path, problem);
    if (status == 0)
        status = set_path(worker->module, sizeof worker->module, path, problem);
    if (status == 0 && job->options->settings.placebo)
        status = links_make(job->links, job->order[replicate + 1], &limits, &path, problem);
    if (status == 0 && job->options->settings.placebo)
        status = set_path(worker->placebo, sizeof worker->placebo, path, problem);
    return status;
}

static int prepare_job(struct point_job *job, size_t replicate, struct problem *problem) {
    const struct plan_point *plan_point = &job->plan_point;
    const struct run_settings *settings = &job->options->settings;
    const struct run *run = job->run;
    struct worker_job *worker = &job->page->job;
    *worker = (struct worker_job){.mode = WORKER_MEASURE, .threads = plan_point->threads};
    int status = choose_modules(job, replicate, worker, problem);
    if (status)
        return status;
    memcpy(worker->value, plan_point->value, sizeof worker->value);
    worker->seed = derive_seed(settings->seed, run->measurement_count + 1, replicate);
    worker->arm_count = job->measurement.arm_count;
    for (size_t i = 0; i < worker->arm_count; i++) {
        worker->arms[i].placebo = job->measurement.arms[i].role == ARM_PLACEBO;
        worker->arms[i].variant = plan_point->variants[worker->arms[i].placebo ? 0 : i];
        worker->arms[i].active = is_active(job, i);
        worker->runs[i] = job->measurement.replicate_count ? job->measurement.replicates[0].runs[i] : 0;
    }
    worker->clock = run->host.clock;
    worker->sample_ns = sample_length_ns(job);
    worker->seconds = replicate_seconds(job, open_candidates(job));
    worker->min_rounds = RUNNER_MIN_ROUNDS;
    worker->max_rounds = RUNNER_MAX_ROUNDS;
    worker->state = state_by_name(settings->state);
    if (worker->state == STATE_COLD)
        worker->evict_bytes = 2 * (run->host.topology.l3_bytes ? run->host.topology.l3_bytes : 32u << 20);
    worker->observe = job->measurement.replicate_count < OBSERVED_REPLICATES;
    worker->counters = settings->counters;
    worker->plan = run->counter_plan;
    worker->counter_rounds = 3;
    struct cs_random random = cs_random_seed(worker->seed + 2);
    worker->stack_offset = cs_random_below(&random, 4096) & ~15u;
    worker->heap_offset = cs_random_below(&random, 65536);
    return topology_choose(job->supervisor->topology, plan_point->threads,
                           settings->cpus[0] ? settings->cpus : NULL, &worker->cpus, problem);
}

static void invalidate(struct measurement *measurement, size_t arm, const char *reason) {
    measurement->arms[arm].invalid = true;
    snprintf(measurement->arms[arm].reason, sizeof measurement->arms[arm].reason, "%s", reason);
}

static void invalidate_all(struct measurement *measurement, const char *reason) {
    for (size_t arm = 0; arm < measurement->arm_count; arm++)
        if (!measurement->arms[arm].invalid)
            invalidate(measurement, arm, reason);
}

/* A baseline that fails leaves nothing to compare with; a candidate's failure is its own. */
static void blame(struct point_job *job, const struct worker_outcome *outcome) {
    struct measurement *measurement = &job->measurement;
    char reason[RESULT_REASON];
    bool known = outcome->arm >= 0 && (size_t)outcome->arm < measurement->arm_count;
    bool placebo = known && measurement->arms[outcome->arm].role == ARM_PLACEBO;
    snprintf(reason, sizeof reason, "%s %.*s", known ? measurement->arms[outcome->arm].variant : "the kernel",
             RESULT_REASON - RESULT_NAME - 2, outcome->reason);
    if (known && outcome->arm != 0 && !placebo)
        invalidate(measurement, (size_t)outcome->arm, reason);
    else
        invalidate_all(measurement, reason);
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
    }
    if (replicate->runs[arm] > 0 && replicate->rounds > 0)
        memcpy(replicate->ticks[arm], ticks, replicate->rounds * sizeof *ticks);
    else {
        free(replicate->ticks[arm]);
        replicate->ticks[arm] = NULL;
    }
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
            invalidate_all(measurement, report->arms[arm].reason);
        else
            invalidate(measurement, arm, report->arms[arm].reason);
    }
    if (rounds == 0)
        return 0;
    struct replicate *replicate = &measurement->replicates[measurement->replicate_count];
    if (replicate_allocate(replicate, measurement->arm_count, rounds, threads))
        return -ENOMEM;
    measurement->replicate_count++;
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
    while (open_candidates(job)) {
        struct worker_outcome outcome = {0};
        uint64_t start = monotonic_ns();
        int status = prepare_job(job, index, problem);
        if (status == 0)
            status = supervisor_run(job->supervisor, job->page, job->fd, &outcome, problem);
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
            invalidate_all(&job->measurement, report->failure_text);
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
    int status = comparison_conclude(measurement, arm, &job->options->settings, &job->run->counter_plan,
                                     &job->run->host.clock, &comparison);
    if (status == 0)
        status = run_add_comparison(job->run, &comparison);
    if (status) {
        comparison_clear(&comparison);
        return status;
    }
    const struct runner_listener *listener = job->options->listener;
    if (listener && listener->concluded)
        listener->concluded(listener->context, &job->run->comparisons[job->run->comparison_count - 1]);
    return 0;
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

static void tell_progress(const struct point_job *job, const struct plan *plan, size_t point,
                          size_t replicate, uint64_t start) {
    const struct runner_listener *listener = job->options->listener;
    if (!listener || !listener->progress)
        return;
    size_t replicates = job->options->settings.replicates;
    double elapsed = (double)(monotonic_ns() - start) / 1e9;
    bool simulate = job->options->settings.simulate;
    /* A simulation takes about as long as a few replicates. */
    double done = (double)point + (double)replicate / (double)(replicates + (simulate ? 2 : 0));
    /* Before anything was measured, the budget is the best guess there is. */
    double planned = job->options->settings.budget_s * (double)plan_comparisons(plan) * 1.3;
    double remaining = done < 0.3 ? planned - elapsed : elapsed / done * ((double)plan->point_count - done);
    struct runner_progress progress = {.point = point + 1,
                                       .points = plan->point_count,
                                       .replicate = replicate,
                                       .replicates = replicates,
                                       .simulating = replicate == replicates,
                                       .case_name = job->plan_case->file.name,
                                       .where = &job->plan_point.point,
                                       .elapsed_s = elapsed,
                                       .remaining_s = fmax(0, remaining)};
    listener->progress(listener->context, &progress);
}

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
    *seconds = fmax(*seconds, wanted / (double)open_candidates(job));
    return 0;
}

/* Takes out candidates that need no more replicates, at a look. 0 or -ENOMEM. */
static int look(struct point_job *job, const struct plan *plan) {
    const struct measurement *measurement = &job->measurement;
    double seconds = 0;
    for (size_t arm = 1; arm < measurement->arm_count; arm++) {
        enum arm_progress progress;
        if (measurement->arms[arm].role != ARM_CANDIDATE || !is_active(job, arm))
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

/* Once a point, as it is the same in every replicate: of arms whose own code is known. */
static void note_called_code(struct point_job *job) {
    for (size_t i = 0; i < job->measurement.arm_count; i++) {
        struct arm *arm = &job->measurement.arms[i];
        if (arm->code_hash[0])
            called_code_read(job->plan_case->module.path, arm->variant, arm->code_hash, &arm->code_bytes);
    }
}

/* Nanoseconds of a run of the fastest and of the slowest arm that the worker timed; false where it timed
 * none. */
static bool find_run_times(const struct point_job *job, double *fastest, double *slowest) {
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
    return *slowest > 0;
}

/*
 * A run should be no longer than a sample: of a longer one there are few in a replicate, and each of them
 * meets some disturbance. Where the kernel leaves open how many items a run handles (cs_kernel.scale), fewer
 * are taken, found by one process that counts for nothing else; not so few that the call of the fastest run
 * would weigh.
 */
static int fit_run(struct point_job *job, struct problem *problem) {
    const struct module_description *module = &job->plan_case->module;
    struct worker_outcome outcome = {0};
    double fastest, slowest;
    for (size_t i = 0; module->scale >= 0 && i < job->plan_point.point.count; i++)
        if (!strcmp(job->plan_point.point.values[i].name, module->parameters[module->scale].name))
            return 0;
    if (module->scale < 0 || job->options->settings.state[0] == 'c')
        return 0;
    int status = prepare_job(job, 0, problem);
    job->page->job.observe = false;
    job->page->job.seconds = 0;
    if (status == 0)
        status = supervisor_run(job->supervisor, job->page, job->fd, &outcome, problem);
    if (status || outcome.end != WORKER_COMPLETED || !find_run_times(job, &fastest, &slowest))
        return status; /* what fails will fail again, as a replicate, and be told */
    double target = job->options->sample_us * 1e3, share = fmax(target / slowest, SHORTEST_RUN_NS / fastest);
    int64_t *value = &job->plan_point.value[module->scale];
    double whole = *value > 0 ? (double)*value : job->page->report.work.items;
    if (share < 0.75 && whole * share >= (double)module->parameters[module->scale].min)
        *value = (int64_t)fmax(1, floor(whole * share));
    return 0;
}

static int measure_replicates(struct point_job *job, const struct plan *plan, size_t point, uint64_t start,
                              struct problem *problem) {
    const struct run_settings *settings = &job->options->settings;
    for (size_t r = 0; r < settings->replicates && open_candidates(job); r++) {
        tell_progress(job, plan, point, r, start);
        int status = measure_replicate(job, r, problem);
        if (is_interrupted(job->supervisor))
            status = -EINTR;
        if (status)
            return status;
        if (is_sequential(settings) && sequential_is_look((unsigned)settings->replicates, (unsigned)r + 1) &&
            look(job, plan))
            return problem_set(problem, ENOMEM, "no memory to conclude a comparison");
    }
    return 0;
}

static int measure_point(struct point_job *job, const struct plan *plan, size_t point, uint64_t start,
                         struct problem *problem) {
    int status = draw_order(job, problem);
    if (status == 0 && start_measurement(job))
        status = problem_set(problem, ENOMEM, "no memory for a measurement");
    if (status)
        return status;
    job->page = worker_page_new(job->measurement.arm_count, RUNNER_MAX_ROUNDS, &job->fd);
    if (!job->page)
        return problem_set(problem, errno, "no memory for a worker: %s", strerror(errno));
    status = fit_run(job, problem);
    if (status == 0)
        status = measure_replicates(job, plan, point, start, problem);
    worker_page_free(job->page, job->fd);
    job->page = NULL;
    note_called_code(job);
    if (status == 0 && job->options->settings.simulate)
        tell_progress(job, plan, point, job->options->settings.replicates, start);
    if (status == 0)
        status =
            simulate_measurement(job->supervisor, job->plan_case, &job->plan_point, &job->options->settings,
                                 &job->run->host.clock, &job->measurement, problem);
    return status ? status : conclude_point(job, problem);
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
    int status = link_table_open(&table, plan, &options->settings, supervisor->scratch, problem);
    for (size_t i = 0; i < plan->skipped_count && status == 0; i++)
        if (run_add_skipped(run, &plan->skipped[i]))
            status = problem_set(problem, ENOMEM, "no memory for the list of skipped points");
    for (size_t i = 0; i < plan->point_count && status == 0; i++) {
        struct point_job job = {.plan_case = &plan->cases[plan->points[i].case_index],
                                .plan_point = plan->points[i],
                                .options = options,
                                .supervisor = supervisor,
                                .run = run,
                                .links = table.links[plan->points[i].case_index],
                                .arm_seconds = FIRST_SECONDS,
                                .fd = -1};
        status = measure_point(&job, plan, i, start, problem);
        measurement_clear(&job.measurement);
        free(job.order);
    }
    link_table_close(&table);
    if (status == 0 || status == -EINTR)
        if (comparisons_correct(run) || explain_cases(plan, run))
            status = problem_set(problem, ENOMEM, "no memory to correct the verdicts");
    run->duration_s = (double)(monotonic_ns() - start) / 1e9;
    run->complete = status == 0;
    return status == -EINTR ? 0 : status;
}
