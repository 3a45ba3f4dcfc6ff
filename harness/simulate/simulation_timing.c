/* What was simulated, timed without Callgrind: cycles for instructions a cycle, and whether both builds are alike. */
#include "simulate/simulation_check.h"
#include "simulate/simulation_worker.h"

#include "stats/quantile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMING_S 0.05
#define BUILD_TIMINGS 3
#define TIMING_ROUNDS 1000
#define TIMING_SAMPLE_NS 20e3

struct timed_runs {
    struct supervisor *supervisor;
    const struct simulation_request *request;
    const struct simulated_runs *runs;
    struct simulation *simulation;
    char module[4096];                /* that was simulated */
    double run_ns[SCHEDULE_MAX_ARMS]; /* of the native build, as the request has it or timed again */
};

bool simulation_find_portable(const char *module, char *path, size_t size) {
    static const char native[] = ".native.so", portable[] = ".portable.so";
    size_t length = strlen(module), ending = sizeof native - 1;
    bool sibling = length > ending && !strcmp(module + length - ending, native);
    int written = sibling ? snprintf(path, size, "%.*s%s", (int)(length - ending), module, portable)
                          : snprintf(path, size, "%s", module);
    return written < (int)size && access(path, R_OK) == 0;
}

int simulation_prepare_job(const struct simulation_request *request, const struct simulated_runs *runs,
                           const char *module, struct worker_page *page, enum worker_mode mode,
                           struct problem *problem) {
    struct worker_job *job = &page->job;
    *job = (struct worker_job){.mode = mode,
                               .threads = runs->point.threads,
                               .parallel = module_is_parallel(request->description),
                               .seed = SIMULATION_SEED,
                               .arm_count = runs->arm_count};
    snprintf(job->module, sizeof job->module, "%s", module);
    memcpy(job->value, runs->point.value, sizeof job->value);
    for (size_t i = 0; i < runs->arm_count; i++) {
        job->arms[i].variant = runs->point.variants[runs->arms[i]];
        job->arms[i].active = true;
    }
    if (mode != WORKER_MEASURE && request->seat)
        return seat_choose_cpus(request->seat, runs->point.threads, request->cpus, &job->cpus, problem);
    return topology_choose(request->topology, runs->point.threads, request->cpus, &job->cpus, problem);
}

static bool is_interrupted(const struct supervisor *supervisor) {
    return supervisor->interrupted && *supervisor->interrupted;
}

/* Times of an arm's runs, in ns; false where there are none. The caller frees them. */
static bool read_times(const struct worker_page *page, size_t arm, double **times) {
    const struct worker_report *report = &page->report;
    const uint64_t *ticks = page->ticks + arm * page->job.max_rounds;
    *times = report->rounds && !report->arms[arm].invalid ? malloc(report->rounds * sizeof **times) : NULL;
    for (size_t round = 0; *times && round < report->rounds; round++)
        (*times)[round] =
            (double)ticks[round] / (double)report->arms[arm].runs / page->job.clock.ticks_per_ns;
    return *times != NULL;
}

/* Of the portable build: what its counts are divided by. */
static void take_cycles(struct timed_runs *timed, const struct worker_page *page) {
    double ghz = page->report.core_ghz, *times;
    for (size_t i = 0; ghz > 0 && i < timed->runs->arm_count; i++) {
        struct simulated_arm *arm = &timed->simulation->arms[timed->runs->arms[i]];
        if (!read_times(page, i, &times))
            continue;
        arm->cycles = ghz * quantile(times, page->report.rounds, 0.5);
        arm->cycles_p5 = ghz * quantile(times, page->report.rounds, 0.05);
        arm->cycles_p95 = ghz * quantile(times, page->report.rounds, 0.95);
        simulated_arm_check(arm, ghz);
        free(times);
    }
}

/* Of the native build, once more. */
static void take_run_ns(struct timed_runs *timed, const struct worker_page *page) {
    double *times;
    for (size_t i = 0; i < timed->runs->arm_count; i++) {
        if (!read_times(page, i, &times))
            continue;
        timed->run_ns[timed->runs->arms[i]] = quantile(times, page->report.rounds, 0.05);
        free(times);
    }
}

/* A build of the module at the same point without Callgrind. A failure leaves what it would tell absent. */
static int time_arms(struct timed_runs *timed, const char *module,
                     void (*take)(struct timed_runs *, const struct worker_page *), struct problem *problem) {
    struct worker_outcome outcome = {0};
    struct worker_page *page = worker_page_new(SCHEDULE_MAX_ARMS, TIMING_ROUNDS);
    if (!page)
        return problem_set(problem, ENOMEM, "no memory for a worker");
    int status = simulation_prepare_job(timed->request, timed->runs, module, page, WORKER_MEASURE, problem);
    struct worker_job *job = &page->job;
    if (job->arm_count == 1) /* a round takes at least two arms */
        job->arms[job->arm_count++] = job->arms[0];
    job->clock = *timed->request->clock;
    job->sample_ns = TIMING_SAMPLE_NS;
    job->seconds = TIMING_S;
    job->min_rounds = 8;
    job->max_rounds = TIMING_ROUNDS;
    if (status == 0)
        status = supervisor_run(timed->supervisor, page, &outcome, problem);
    if (status == 0 && (outcome.end == WORKER_INTERRUPTED || is_interrupted(timed->supervisor)))
        status = problem_set(problem, EINTR, "interrupted");
    if (status == 0 && outcome.end == WORKER_COMPLETED && page->report.failure == FAILURE_NONE)
        take(timed, page);
    worker_page_free(page);
    return status;
}

static bool builds_differ(const struct timed_runs *timed) {
    bool differ = false;
    for (size_t i = 0; i < timed->runs->arm_count; i++)
        differ |= simulation_builds_differ(timed->simulation, timed->runs->arms[i], timed->run_ns);
    return differ;
}

/* Neighbours that slow one arm of one build look the same: believed when both, timed again, still differ. */
static int compare_builds(struct timed_runs *timed, struct problem *problem) {
    const struct simulation_request *request = timed->request;
    int status = 0;
    if (!strcmp(timed->module, request->module))
        return 0;
    memcpy(timed->run_ns, request->run_ns, sizeof timed->run_ns);
    for (int again = 0; again < BUILD_TIMINGS && status == 0 && builds_differ(timed); again++) {
        status = time_arms(timed, request->module, take_run_ns, problem);
        if (status == 0)
            status = time_arms(timed, timed->module, take_cycles, problem);
    }
    if (status == 0)
        simulation_check_build(timed->simulation, request->arm_count, timed->run_ns);
    return status;
}

int simulation_time(struct supervisor *supervisor, const struct simulation_request *request,
                    const struct simulated_runs *runs, struct simulation *simulation,
                    struct problem *problem) {
    if (simulation->reason[0] || !request->clock)
        return 0;
    struct timed_runs *timed = calloc(1, sizeof *timed);
    if (!timed)
        return problem_set(problem, ENOMEM, "no memory for a simulation");
    timed->supervisor = supervisor;
    timed->request = request;
    timed->runs = runs;
    timed->simulation = simulation;
    simulation_find_portable(request->module, timed->module, sizeof timed->module);
    int status = time_arms(timed, timed->module, take_cycles, problem);
    if (status == 0)
        status = compare_builds(timed, problem);
    free(timed);
    return status;
}
