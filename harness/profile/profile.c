#include "profile/profile.h"

#include "conclude/bound.h"
#include "counters/callgrind.h"
#include "profile/perf_samples.h"
#include "run/service.h"
#include "simulate/simulate.h"
#include "stats/quantile.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SAMPLES 4096
#define SAMPLE_NS 20e3

/* A profile while it is made. */
struct session {
    const struct profile_request *request;
    struct supervisor *supervisor;
    struct profile *profile;
    struct plan_point point; /* as asked for, or scaled down with the simulation; variants: as asked for */
    unsigned variants[CS_MAX_VARIANTS]; /* descriptor indexes of profile->variants */
    struct perf_tool perf;
    struct simulation simulation;
    char folder[4096 + 32]; /* of Callgrind's files */
};

static bool is_interrupted(const struct supervisor *supervisor) {
    return supervisor->interrupted && *supervisor->interrupted;
}

void profile_variant_start(struct profile_variant *variant, const char *name) {
    const struct profile_count none = {NAN, SOURCE_NONE};
    *variant = (struct profile_variant){.evidence = {.time_ns = NAN,
                                                     .user_ns = NAN,
                                                     .runtime = NAN,
                                                     .user = NAN,
                                                     .system = NAN,
                                                     .queued = NAN,
                                                     .others = NAN,
                                                     .waiting = NAN,
                                                     .voluntary_switches = NAN,
                                                     .faults = NAN,
                                                     .ghz = NAN,
                                                     .threads = 1,
                                                     .working_set_bytes = NAN,
                                                     .miss_least_ns = NAN,
                                                     .miss_most_ns = NAN,
                                                     .instructions = none,
                                                     .branch_misses = none,
                                                     .l1d_misses = none,
                                                     .llc_misses = none,
                                                     .l1i_misses = none}};
    snprintf(variant->variant, sizeof variant->variant, "%s", name);
}

static int begin(struct session *session, struct problem *problem) {
    const struct profile_request *request = session->request;
    struct profile *profile = session->profile;
    session->point = *request->point;
    profile->point = request->point->point;
    profile->items = NAN;
    snprintf(profile->kernel, sizeof profile->kernel, "%s", request->description->name);
    snprintf(profile->item, sizeof profile->item, "%s", request->description->item);
    snprintf(profile->module, sizeof profile->module, "%s", request->description->path);
    profile->variants = calloc(request->point->variant_count + 1, sizeof *profile->variants);
    if (!profile->variants)
        return problem_set(problem, ENOMEM, "no memory for a profile");
    for (size_t i = 0; i < request->point->variant_count; i++) {
        if (!request->wanted[i])
            continue;
        session->variants[profile->variant_count] = request->point->variants[i];
        struct profile_variant *variant = &profile->variants[profile->variant_count++];
        profile_variant_start(variant, request->description->variants[request->point->variants[i]].name);
        variant->baseline = i == 0;
    }
    return 0;
}

/* The module whose build Callgrind can run: the portable sibling of a native one. */
static void use_portable(struct session *session) {
    static const char native[] = ".native.so", portable[] = ".portable.so";
    char *module = session->profile->module, path[sizeof session->profile->module + 16];
    size_t length = strlen(module), ending = sizeof native - 1;
    if (length <= ending || strcmp(module + length - ending, native) != 0)
        return;
    int written = snprintf(path, sizeof path, "%.*s%s", (int)(length - ending), module, portable);
    if (written < (int)sizeof session->profile->module && access(path, R_OK) == 0)
        memcpy(module, path, (size_t)written + 1);
}

static int simulate(struct session *session, struct problem *problem) {
    const struct profile_request *request = session->request;
    struct plan_point *point = &session->point;
    struct plan_point wanted = *point;
    memcpy(wanted.variants, session->variants, sizeof wanted.variants);
    wanted.variant_count = session->profile->variant_count;
    struct simulation_request simulation = {.module = session->profile->module,
                                            .description = request->description,
                                            .plan_point = &wanted,
                                            .arm_count = wanted.variant_count,
                                            .budget_s = request->simulation_budget_s,
                                            .topology = request->topology,
                                            .cpus = request->cpus,
                                            .profiles = session->folder};
    for (size_t i = 0; i < wanted.variant_count; i++) {
        const struct profile_variant *variant = &session->profile->variants[i];
        simulation.left_out[i] = variant->invalid[0];
        simulation.run_ns[i] = variant->invalid[0] ? 0 : variant->evidence.time_ns * session->profile->items;
    }
    snprintf(session->folder, sizeof session->folder, "%.4095s/profiles", session->supervisor->scratch);
    if (mkdir(session->folder, 0700) != 0 && errno != EEXIST)
        return problem_set(problem, errno, "cannot make %s: %s", session->folder, strerror(errno));
    int status = simulate_point(session->supervisor, &simulation, &session->simulation, problem);
    if (status || session->simulation.reason[0])
        return status;
    snprintf(session->profile->caches, sizeof session->profile->caches, "%s", session->simulation.caches);
    session->profile->items = session->simulation.items;
    session->profile->scaled = session->simulation.scaled;
    session->profile->point = session->simulation.point;
    for (size_t i = 0; i < session->simulation.point.count; i++)
        for (size_t p = 0; p < request->description->parameter_count; p++)
            if (!strcmp(session->simulation.point.values[i].name, request->description->parameters[p].name))
                point->value[p] = session->simulation.point.values[i].value;
    return 0;
}

static int prepare_job(const struct session *session, size_t index, struct worker_page *page,
                       struct problem *problem) {
    const struct profile_request *request = session->request;
    const struct profile_variant *variant = &session->profile->variants[index];
    struct worker_job *job = &page->job;
    *job = (struct worker_job){.mode = WORKER_PROFILE,
                               .threads = session->point.threads,
                               .seed = SIMULATION_SEED,
                               .arm_count = variant->baseline ? 1 : 2,
                               .clock = *request->clock,
                               .sample_ns = SAMPLE_NS,
                               .seconds = request->seconds,
                               .max_rounds = MAX_SAMPLES};
    snprintf(job->module, sizeof job->module, "%s", session->profile->module);
    memcpy(job->value, session->point.value, sizeof job->value);
    job->arms[0].variant = session->point.variants[0];
    job->arms[job->arm_count - 1].variant = session->variants[index];
    job->arms[0].active = job->arms[job->arm_count - 1].active = true;
    unsigned variants[] = {job->arms[0].variant, job->arms[job->arm_count - 1].variant};
    return services_place(request->topology, request->cpus, request->description, variants, 2, job, problem);
}

/* Nanoseconds of one run, the median of the samples. */
static double median_run_ns(const struct worker_page *page) {
    size_t arm = page->job.arm_count - 1, rounds = page->report.rounds;
    const uint64_t *ticks = page->ticks + arm * page->job.max_rounds;
    double *values = malloc((rounds + 1) * sizeof *values), median = NAN;
    double scale = page->job.clock.ticks_per_ns * (double)page->report.arms[arm].runs;
    for (size_t i = 0; values && i < rounds; i++)
        values[i] = (double)ticks[i] / scale;
    if (values && rounds)
        median = quantile(values, rounds, 0.5);
    free(values);
    return median;
}

static void take_usage(struct session *session, const struct worker_page *page, size_t index) {
    const struct worker_usage *usage = &page->report.usage;
    struct bound_evidence *evidence = &session->profile->variants[index].evidence;
    unsigned flags = session->request->description->variants[session->variants[index]].flags;
    double items = page->report.work.items;
    /* A team that was never started does not wait. */
    unsigned there = usage->threads > 0 ? (unsigned)usage->threads : page->job.threads;
    evidence->threads = !(flags & CS_PARALLEL) ? 1 : there < page->job.threads ? there : page->job.threads;
    double all_s = (double)(usage->stop_ns - usage->start_ns) / 1e9 * evidence->threads;
    session->profile->items = items;
    evidence->time_ns = median_run_ns(page) / items;
    double own_s = all_s - (isnan(usage->queued_s) ? 0 : usage->queued_s);
    double busy_s = usage->user_s + usage->system_s;
    own_s = fmax(own_s, busy_s); /* two clocks, which need not agree to the last */
    /* Of what was timed: the threads' own time holds resets and the reading of clocks as well. */
    evidence->user_ns = evidence->time_ns * evidence->threads * usage->user_s / own_s;
    evidence->queued = usage->queued_s / all_s;
    evidence->user = usage->user_s / own_s;
    evidence->system = usage->system_s / own_s;
    evidence->waiting = 1 - busy_s / own_s;
    evidence->voluntary_switches = usage->voluntary_switches / usage->runs / items;
    evidence->faults = usage->faults / usage->runs / items;
    evidence->ghz = page->report.core_ghz > 0 ? page->report.core_ghz : NAN;
    evidence->working_set_bytes = usage->working_set_bytes;
    evidence->miss_least_ns = usage->ordered_ns;
    evidence->miss_most_ns = usage->chained_ns;
}

/* Times one variant natively, and samples it with perf where that is wanted. */
static int measure(struct session *session, size_t index, bool sample, struct problem *problem) {
    struct profile_variant *variant = &session->profile->variants[index];
    struct worker_outcome outcome = {0};
    struct worker_page *page = worker_page_new(2, MAX_SAMPLES);
    if (!page)
        return problem_set(problem, ENOMEM, "no memory for a worker");
    int status = prepare_job(session, index, page, problem);
    if (status == 0)
        status = supervisor_run(session->supervisor, page, &outcome, problem);
    const struct worker_report *report = &page->report;
    size_t arm = page->job.arm_count - 1;
    if (status == 0 && (outcome.end == WORKER_INTERRUPTED || is_interrupted(session->supervisor)))
        status = problem_set(problem, EINTR, "interrupted");
    else if (status == 0 && outcome.end != WORKER_COMPLETED)
        snprintf(variant->invalid, sizeof variant->invalid, "%s", outcome.reason);
    else if (status == 0 && report->failure == FAILURE_HARNESS)
        status = problem_set(problem, report->error, "%s", report->failure_text);
    else if (status == 0 && report->failure != FAILURE_NONE)
        snprintf(variant->invalid, sizeof variant->invalid, "%s", report->failure_text);
    else if (status == 0 && (report->arms[0].invalid || report->arms[arm].invalid))
        snprintf(variant->invalid, sizeof variant->invalid, "%s",
                 report->arms[arm].invalid ? report->arms[arm].reason : report->arms[0].reason);
    else if (status == 0) {
        take_usage(session, page, index);
        if (sample)
            status = perf_sample(session->supervisor, &session->perf, session->request->hardware_cycles, page,
                                 variant, problem);
    }
    worker_page_free(page);
    return status;
}

static double count_of(const struct callgrind_profile *profile, const char *name, double items) {
    int event = callgrind_event(profile, name);
    return event < 0 ? NAN : (double)profile->total[event] / items;
}

static void take_counts(struct session *session, size_t index, const struct callgrind_profile *profile) {
    const double *counts = session->simulation.arms[index].counts;
    struct bound_evidence *evidence = &session->profile->variants[index].evidence;
    double items = session->simulation.items;
    evidence->instructions = (struct profile_count){counts[COUNTER_INSTRUCTIONS] / items, SOURCE_SIM};
    evidence->branch_misses = (struct profile_count){counts[COUNTER_BRANCH_MISSES] / items, SOURCE_SIM};
    evidence->l1d_misses = (struct profile_count){counts[COUNTER_L1D_MISSES] / items, SOURCE_SIM};
    evidence->llc_misses = (struct profile_count){counts[COUNTER_LLC_MISSES] / items, SOURCE_SIM};
    evidence->l1i_misses = (struct profile_count){count_of(profile, "I1mr", items), SOURCE_SIM};
}

/* Reads Callgrind's file of one variant and removes it. */
static int take_simulation(struct session *session, size_t index, struct problem *problem) {
    struct profile_variant *variant = &session->profile->variants[index];
    char path[sizeof session->folder + RESULT_NAME + 16];
    struct callgrind_profile profile = {0};
    struct problem unreadable = {""};
    snprintf(path, sizeof path, "%s/%s.callgrind", session->folder, variant->variant);
    int status = callgrind_file_load(&profile, path, 1, &unreadable);
    unlink(path);
    if (status == -ENOMEM)
        return problem_set(problem, ENOMEM, "%s", unreadable.text);
    if (status) {
        snprintf(variant->reason, sizeof variant->reason, "%.380s", unreadable.text);
        return 0;
    }
    take_counts(session, index, &profile);
    struct profile_costs costs = {.profiles = &profile,
                                  .profile_count = 1,
                                  .own = session->supervisor->program,
                                  .items = session->simulation.items,
                                  .miss_cycles = bound_miss_cycles(&variant->evidence)};
    double nameless;
    status = profile_places_of_costs(&costs, variant, &nameless);
    callgrind_profile_clear(&profile);
    variant->source = SOURCE_SIM;
    snprintf(variant->tool, sizeof variant->tool, "%s", session->simulation.tool);
    return status ? problem_set(problem, ENOMEM, "no memory for a profile") : 0;
}

/* Why a variant was not simulated; NULL if it was. */
static const char *missing_simulation(const struct session *session, size_t index) {
    if (session->simulation.reason[0])
        return session->simulation.reason;
    if (!session->simulation.arms)
        return "not simulated";
    return session->simulation.arms[index].reason[0] ? session->simulation.arms[index].reason : NULL;
}

/* Places and counts of one variant, and what follows from them. */
static int conclude_variant(struct session *session, size_t index, bool simulated, struct problem *problem) {
    struct profile_variant *variant = &session->profile->variants[index];
    const char *missing = simulated ? missing_simulation(session, index) : NULL;
    bool perf_there = !session->perf.reason[0];
    bool sample = !simulated || (missing && perf_there && session->request->tool == PROFILE_ANY);
    int status = 0;
    if (simulated && !missing)
        status = take_simulation(session, index, problem);
    else {
        snprintf(variant->evidence.uncounted, sizeof variant->evidence.uncounted, "%s",
                 missing ? missing : "perf samples, and does not count misses");
        if (sample)
            status = measure(session, index, true, problem);
        else if (missing)
            snprintf(variant->reason, sizeof variant->reason, "%.180s%s%.190s", missing,
                     perf_there ? "" : "; ", perf_there ? "" : session->perf.reason);
    }
    bound_judge(&variant->evidence, &variant->judgement);
    return status;
}

static int measure_all(struct session *session, struct problem *problem) {
    int status = 0;
    for (size_t i = 0; i < session->profile->variant_count && status == 0; i++)
        if (!session->profile->variants[i].invalid[0])
            status = measure(session, i, false, problem);
    return status;
}

/* Times come first: they foretell how long a simulation takes, and show what need not be simulated. */
static int profile_all(struct session *session, bool simulated, struct problem *problem) {
    int status = measure_all(session, problem);
    if (status == 0 && simulated)
        status = simulate(session, problem);
    if (status == 0 && session->profile->scaled)
        status = measure_all(session, problem);
    for (size_t i = 0; i < session->profile->variant_count && status == 0; i++)
        if (!session->profile->variants[i].invalid[0])
            status = conclude_variant(session, i, simulated, problem);
    return status;
}

/* Whether Callgrind is used; fails where no tool is there. */
static int choose_tool(struct session *session, bool *simulated, struct problem *problem) {
    enum profile_tool tool = session->request->tool;
    struct callgrind_tool callgrind;
    bool has_callgrind = tool != PROFILE_PERF && callgrind_find(&callgrind) == 0;
    bool has_perf = perf_find(&session->perf) == 0;
    *simulated = has_callgrind;
    if (has_callgrind || (tool != PROFILE_CALLGRIND && has_perf))
        return 0;
    return problem_set(problem, ENOTSUP, "%s%s%s", tool == PROFILE_PERF ? "" : callgrind.reason,
                       tool == PROFILE_ANY ? "; " : "",
                       tool == PROFILE_CALLGRIND ? "" : session->perf.reason);
}

int profile_measure(struct supervisor *supervisor, const struct profile_request *request,
                    struct profile *profile, struct problem *problem) {
    bool simulated = false;
    struct session *session = calloc(1, sizeof *session);
    *profile = (struct profile){0};
    if (!session)
        return problem_set(problem, ENOMEM, "no memory for a profile");
    session->request = request;
    session->supervisor = supervisor;
    session->profile = profile;
    int status = choose_tool(session, &simulated, problem);
    if (status == 0)
        status = begin(session, problem);
    if (status == 0 && simulated)
        use_portable(session);
    if (status == 0)
        status = profile_all(session, simulated, problem);
    if (session->folder[0])
        rmdir(session->folder);
    simulation_clear(&session->simulation);
    free(session);
    return status;
}
