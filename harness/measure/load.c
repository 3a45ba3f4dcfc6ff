#include "measure/load.h"

#include "measure/link_table.h"
#include "measure/runner_point.h"
#include "run/outcome.h"
#include "run/service.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LINK_SECONDS 60
#define SAMPLE_NS 20e3
#define MOST_TRIES 3 /* of a process whose variant became invalid in it, without that variant */

struct session {
    struct supervisor *supervisor;
    const struct load_request *request;
    struct load *load;
    struct links *links; /* NULL: the module has none */
    struct worker_page *page;
    struct worker_outcome outcome;
};

static int make_arms(struct session *session, struct problem *problem) {
    const struct load_request *request = session->request;
    struct load *load = session->load;
    size_t count = request->point->variant_count;
    load->arms = calloc(count + 1, sizeof *load->arms);
    if (!load->arms)
        return problem_set(problem, ENOMEM, "no memory for a load");
    for (size_t i = 0; i <= count; i++) {
        struct load_arm *arm = &load->arms[load->arm_count++];
        arm->role = i == count ? ARM_PLACEBO : i ? ARM_CANDIDATE : ARM_BASELINE;
        arm->peak_memory = NAN;
        snprintf(arm->variant, sizeof arm->variant, "%s",
                 request->description->variants[request->point->variants[i == count ? 0 : i]].name);
    }
    return 0;
}

/* The placebo is of the link of the process after this one. */
static int choose_modules(struct session *session, size_t number, struct worker_job *job,
                          struct problem *problem) {
    const struct command_limits limits = {LINK_SECONDS, session->supervisor->interrupted};
    const char *path = session->request->description->path, *copy = "";
    int status = session->links ? links_make(session->links, (unsigned)number, &limits, &path, problem) : 0;
    if (status == 0 && session->links)
        status = links_make(session->links, (unsigned)number + 1, &limits, &copy, problem);
    if (status == 0 && (snprintf(job->module, sizeof job->module, "%s", path) >= (int)sizeof job->module ||
                        snprintf(job->placebo, sizeof job->placebo, "%s", copy) >= (int)sizeof job->placebo))
        status = problem_set(problem, ENAMETOOLONG, "%s: the path is too long", path);
    return status;
}

static bool is_served(const struct session *session, const unsigned *variants) {
    const struct module_description *description = session->request->description;
    bool served = false;
    for (size_t i = 0; i < description->service_count; i++)
        for (size_t v = 0; v < session->load->arm_count; v++)
            served |= module_service_is_needed(&description->services[i], variants[v]);
    return served;
}

/* Whether so many CPUs are there for clients, and one for each server beside them. */
static bool try_cpus(struct session *session, const unsigned *variants, size_t cpus, struct worker_job *job) {
    job->threads = (unsigned)cpus;
    int status = services_place(session->supervisor->topology, session->request->cpus,
                                session->request->description, variants, session->load->arm_count, job, NULL);
    for (size_t i = 0; i < CS_MAX_SERVICES && status == 0; i++)
        status = job->services[i].needed && job->services[i].cpu < 0 ? -ENOENT : 0;
    return status == 0;
}

/*
 * Where clients and servers run: on CPUs that servers leave, no more of them than there are clients; on one, as in a run, where
 * there are no two. Where nobody says how many clients, one for each of these CPUs, or one where there is no server to share.
 */
static int place(struct session *session, const unsigned *variants, struct worker_job *job,
                 struct problem *problem) {
    struct load *load = session->load;
    struct topology_facts facts;
    unsigned threads = job->threads;
    bool several = threads == 1 && is_served(session, variants);
    size_t cpus = load->clients ? load->clients : several ? LOAD_CLIENTS : 1;
    topology_get_facts(session->supervisor->topology, &facts);
    cpus = cpus < facts.allowed_cpus ? cpus : facts.allowed_cpus;
    while (cpus > 1 && !try_cpus(session, variants, cpus, job))
        cpus--;
    if (cpus <= 1) {
        job->threads = threads;
        int status = services_place(session->supervisor->topology, session->request->cpus,
                                    session->request->description, variants, load->arm_count, job, problem);
        if (status)
            return status;
        cpus = 1;
    }
    memcpy(job->load.cpus, job->cpus.cpus, cpus * sizeof *job->load.cpus);
    job->threads = threads;
    job->cpus.count = threads;
    load->client_cpus = cpus;
    load->clients = load->clients ? load->clients : cpus;
    job->load.clients = (unsigned)load->clients;
    job->load.cpu_count = (unsigned)cpus;
    return 0;
}

static int prepare_job(struct session *session, size_t number, struct problem *problem) {
    const struct load_request *request = session->request;
    const struct load *load = session->load;
    struct worker_job *job = &session->page->job;
    unsigned variants[SCHEDULE_MAX_ARMS];
    *job = (struct worker_job){.mode = WORKER_LOAD,
                               .threads = request->point->threads,
                               .parallel = module_is_parallel(request->description),
                               .seed = runner_derive_seed(load->seed, 1, number),
                               .arm_count = load->arm_count,
                               .clock = *request->clock,
                               .sample_ns = SAMPLE_NS,
                               .max_rounds = 1};
    job->load.seconds = load->seconds;
    job->load.poisson = load->poisson;
    for (size_t i = 0; i < load->share_count && load->saturation > 0; i++)
        job->load.rate[job->load.rate_count++] = load->shares[i] * load->saturation;
    struct cs_random random = cs_random_seed(job->seed + 1);
    job->stack_offset = cs_random_below(&random, 4096);
    job->heap_offset = cs_random_below(&random, 65536);
    memcpy(job->value, request->point->value, sizeof job->value);
    for (size_t i = 0; i < load->arm_count; i++) {
        job->arms[i].placebo = load->arms[i].role == ARM_PLACEBO;
        job->arms[i].variant = request->point->variants[job->arms[i].placebo ? 0 : i];
        job->arms[i].active = !load->arms[i].invalid[0];
        variants[i] = job->arms[i].variant;
    }
    int status = choose_modules(session, number, job, problem);
    return status ? status : place(session, variants, job, problem);
}

static void invalidate(struct load *load, size_t arm, const char *reason) {
    if (!load->arms[arm].invalid[0])
        snprintf(load->arms[arm].invalid, sizeof load->arms[arm].invalid, "%s", reason);
}

/* What the placebo misses is the baseline's, and without a baseline there is nothing to compare with. */
static void invalidate_all(struct load *load, const char *reason) {
    for (size_t arm = 0; arm < load->arm_count; arm++)
        invalidate(load, arm, reason);
}

/* Whose fault it is that a worker did not come to its end. */
static void blame(struct load *load, const struct worker_outcome *outcome) {
    bool known = outcome->arm >= 0 && (size_t)outcome->arm < load->arm_count;
    char reason[RESULT_REASON];
    outcome_words(outcome, known ? load->arms[outcome->arm].variant : NULL, reason);
    if (known && load->arms[outcome->arm].role == ARM_CANDIDATE)
        invalidate(load, (size_t)outcome->arm, reason);
    else
        invalidate_all(load, reason);
}

/* 0: its report can be taken; 1: something was invalid, see arms; or -errno. */
static int run_worker(struct session *session, size_t number, struct problem *problem) {
    struct load *load = session->load;
    const struct worker_report *report = &session->page->report;
    bool any = false;
    int status = prepare_job(session, number, problem);
    if (status == 0)
        status = supervisor_run(session->supervisor, session->page, &session->outcome, problem);
    if (status == 0 && (session->outcome.end == WORKER_INTERRUPTED ||
                        (session->supervisor->interrupted && *session->supervisor->interrupted)))
        status = problem_set(problem, EINTR, "interrupted");
    if (status)
        return status;
    if (session->outcome.end != WORKER_COMPLETED) {
        blame(load, &session->outcome);
        return 1;
    }
    if (report->failure == FAILURE_HARNESS)
        return problem_set(problem, report->error, "%s", report->failure_text);
    if (report->failure != FAILURE_NONE) {
        invalidate_all(load, report->failure_text);
        return 1;
    }
    for (size_t arm = 0; arm < load->arm_count; arm++) {
        if (!report->arms[arm].invalid || load->arms[arm].invalid[0])
            continue;
        any = true;
        if (load->arms[arm].role == ARM_CANDIDATE)
            invalidate(load, arm, report->arms[arm].reason);
        else
            invalidate_all(load, report->arms[arm].reason);
    }
    return any || report->repeat;
}

/* Again without the variants that failed, as they may have spoilt it for the others. */
static int run_process(struct session *session, size_t number, struct problem *problem) {
    int status = 1;
    for (int tries = 0; tries < MOST_TRIES + (int)session->load->arm_count && status == 1; tries++) {
        if (session->load->arms[0].invalid[0])
            return 1;
        status = run_worker(session, number, problem);
    }
    return status;
}

static int take_readings(struct session *session, struct problem *problem) {
    struct load *load = session->load;
    const struct worker_report *report = &session->page->report;
    for (size_t arm = 0; arm < load->arm_count; arm++) {
        if (load->arms[arm].invalid[0])
            continue;
        load->arms[arm].errors_by_block |= report->errors_by_block[arm];
        for (size_t i = 0; i <= load->share_count; i++) {
            struct load_reading reading = report->load[arm][i];
            reading.replicate = load->replicate_count;
            reading.arm = arm;
            reading.share = i ? load->shares[i - 1] : 0;
            if (load_add(load, &reading))
                return problem_set(problem, ENOMEM, "no memory for a load");
        }
    }
    load->replicate_count++;
    return 0;
}

/* In a process of its own, where nothing but the variant is. */
static int measure_memory(struct session *session, struct problem *problem) {
    struct load *load = session->load;
    int status = 0;
    for (size_t arm = 0; arm < load->arm_count && status == 0; arm++) {
        if (load->arms[arm].role == ARM_PLACEBO || load->arms[arm].invalid[0])
            continue;
        status = prepare_job(session, 0, problem);
        session->page->job.mode = WORKER_MEMORY;
        for (size_t i = 0; i < load->arm_count; i++)
            session->page->job.arms[i].active = i == arm;
        if (status == 0)
            status = supervisor_run(session->supervisor, session->page, &session->outcome, problem);
        if (status == 0 && session->outcome.end == WORKER_INTERRUPTED)
            status = problem_set(problem, EINTR, "interrupted");
        if (status == 0 && session->outcome.end == WORKER_COMPLETED &&
            !session->page->report.arms[arm].invalid)
            load->arms[arm].peak_memory = session->page->report.arms[arm].counters[COUNTER_PEAK_MEMORY];
    }
    return status;
}

/* The supervisor's words about where it ran, from the first job. */
static void describe_places(struct session *session) {
    struct load *load = session->load;
    const struct worker_job *job = &session->page->job;
    struct service services[CS_MAX_SERVICES];
    size_t count = services_describe(job, services), used = 0;
    snprintf(load->cpus, sizeof load->cpus, "%s", job->cpus.reason);
    load->servers[0] = '\0';
    for (size_t i = 0; i < count && used < sizeof load->servers; i++)
        used +=
            (size_t)(services[i].cpu >= 0
                         ? snprintf(load->servers + used, sizeof load->servers - used, "%s%s (%s) on CPU %d",
                                    i ? "; " : "", services[i].name, services[i].program, services[i].cpu)
                         : snprintf(
                               load->servers + used, sizeof load->servers - used,
                               "%s%s (%s) on the CPU of its client, so that waiting for it is waiting for "
                               "the CPU too",
                               i ? "; " : "", services[i].name, services[i].program));
}

static void tell(const struct load_request *request, size_t done) {
    if (request->progress)
        request->progress(request->context, done, request->replicates + 1);
}

static int measure_all(struct session *session, struct problem *problem) {
    struct load *load = session->load;
    const struct load_request *request = session->request;
    tell(request, 0);
    int status = run_process(session, 0, problem);
    describe_places(session);
    if (status == 0) {
        load->saturation = session->page->report.load[0][0].served;
        load->items = session->page->report.work.items;
        if (!(load->saturation > 0))
            status = problem_set(problem, ENODATA, "%s: no request ended", load->arms[0].variant);
        for (size_t i = 0; status == 0 && request->rates && i < load->share_count; i++)
            load->shares[i] = request->rates[i] / load->saturation;
    }
    for (size_t i = 0; i < request->replicates && status == 0; i++) {
        tell(request, 1 + i);
        status = run_process(session, 1 + i, problem);
        if (status == 0)
            status = take_readings(session, problem);
    }
    if (status == 0)
        status = measure_memory(session, problem);
    tell(request, request->replicates + 1);
    return status < 0 ? status : 0;
}

int load_measure(struct supervisor *supervisor, const struct load_request *request, struct load *load,
                 struct problem *problem) {
    struct session session = {.supervisor = supervisor, .request = request, .load = load};
    int status = make_arms(&session, problem);
    load->point = request->point->point;
    snprintf(load->kernel, sizeof load->kernel, "%s", request->description->name);
    snprintf(load->item, sizeof load->item, "%s", request->description->item);
    session.page = worker_page_new(SCHEDULE_MAX_ARMS, 1);
    if (status == 0 && !session.page)
        status = problem_set(problem, ENOMEM, "no memory for a worker");
    if (status == 0)
        status = module_links_open(&session.links, request->description->path, 0, load->seed,
                                   supervisor->scratch, supervisor->program, problem);
    if (status == 0)
        status = measure_all(&session, problem);
    worker_page_free(session.page);
    links_close(session.links);
    return status;
}
