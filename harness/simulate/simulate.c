#include "simulate/simulate.h"

#include "counters/callgrind.h"
#include "counters/code_path.h"
#include "simulate/simulation_check.h"
#include "simulate/simulation_worker.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOOL_MEMORY ((uint64_t)1 << 30) /* Valgrind's own: debug data, translated code, simulated caches */
#define START_S 5.0                     /* start-up and setup, beside what a point is foretold to take */
#define ATTEMPTS 3
#define HALVINGS_AFTER_TIMEOUT 3
/*
 * Symbols and lines of system libraries (libc6-dbg). Valgrind reads those of the C library in half of the time that it
 * takes to start, and has no option not to. They name functions and lines; what is counted is the same.
 */
#define DEBUG_DATA "/usr/lib/debug"

/* One point while it is simulated. */
struct session {
    const struct simulation_request *request;
    struct supervisor *supervisor; /* the program's own */
    struct simulation *simulation;
    struct callgrind_tool tool;
    struct callgrind_caches caches;
    struct simulated_runs runs;
    char module[4096], folder[4096 + 16];
    double predicted_s;
};

void simulation_clear(struct simulation *simulation) {
    free(simulation->arms);
    *simulation = (struct simulation){.cause = SIMULATION_COUNTED};
}

static void explain_why(struct simulation *simulation, const struct simulation_why *why) {
    simulation->cause = why->cause;
    simulation->numbers = why->numbers;
    simulation_words(why, simulation->reason, sizeof simulation->reason);
}

static void explain(struct simulation *simulation, enum simulation_cause cause, const char *said) {
    explain_why(simulation, &(struct simulation_why){.cause = cause, .said = said});
}

void simulation_leave_out(struct simulation *simulation) {
    if (simulation->arms)
        return;
    explain(simulation, SIMULATION_INTERRUPTED, NULL);
    snprintf(simulation->tool, sizeof simulation->tool, "valgrind");
}

static bool is_interrupted(const struct supervisor *supervisor) {
    return supervisor->interrupted && *supervisor->interrupted;
}

static void find_portable(struct session *session) {
    const char *module = session->request->module, *name = strrchr(module, '/');
    if (!simulation_find_portable(module, session->module, sizeof session->module))
        explain(session->simulation, SIMULATION_NO_PORTABLE_BUILD, name ? name + 1 : module);
}

static void leave_out(struct session *session, size_t arm) {
    for (size_t i = 0; i < session->runs.arm_count; i++)
        if (session->runs.arms[i] == arm) {
            session->runs.arm_count--;
            memmove(&session->runs.arms[i], &session->runs.arms[i + 1],
                    (session->runs.arm_count - i) * sizeof *session->runs.arms);
            return;
        }
}

/* A server would be simulated by nobody, and its answers would come at another speed. */
static const char *server_of(const struct module_description *module, unsigned variant) {
    for (size_t i = 0; i < module->service_count; i++)
        if (module_service_is_needed(&module->services[i], variant))
            return module->services[i].name;
    return NULL;
}

static void choose_arms(struct session *session) {
    const struct simulation_request *request = session->request;
    for (size_t arm = 0; arm < request->arm_count; arm++) {
        unsigned variant = request->plan_point->variants[arm];
        struct simulated_arm *simulated = &session->simulation->arms[arm];
        const char *server = server_of(request->description, variant);
        if (server)
            simulated_arm_refuse(simulated,
                                 &(struct simulation_why){.cause = SIMULATION_SERVER, .said = server});
        else if (request->left_out[arm])
            simulated_arm_refuse(simulated, &(struct simulation_why){.cause = SIMULATION_INVALID_ARM});
        else if (request->plan_point->threads > 1 &&
                 request->description->variants[variant].flags & CS_PARALLEL)
            simulated_arm_refuse_threads(simulated, request->plan_point->threads);
        else
            session->runs.arms[session->runs.arm_count++] = arm;
    }
}

/* Simulated arms alone. */
static double foretell(const struct session *session) {
    double run_ns[SCHEDULE_MAX_ARMS];
    for (size_t i = 0; i < session->runs.arm_count; i++)
        run_ns[i] = session->request->run_ns[session->runs.arms[i]];
    return simulation_seconds(run_ns, session->runs.arm_count);
}

static bool halve(struct session *session) {
    if (!simulation_halve(session->request->description, &session->runs.point))
        return false;
    session->predicted_s /= 2;
    session->simulation->scaled = true;
    return true;
}

static int prepare_job(const struct session *session, struct worker_page *page, enum worker_mode mode,
                       struct problem *problem) {
    return simulation_prepare_job(session->request, &session->runs, session->module, page, mode, problem);
}

static void empty_folder(const struct session *session) {
    char path[4096 + 64];
    snprintf(path, sizeof path, "%s/log", session->folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/out", session->folder);
    unlink(path);
    for (size_t i = 1; i <= SCHEDULE_MAX_ARMS + 1; i++) {
        snprintf(path, sizeof path, "%s/out.%zu", session->folder, i);
        unlink(path);
    }
}

/* Seconds. */
static double time_limit(const struct session *session) {
    return 2 * session->request->budget_s + START_S;
}

/* Starts the worker under Callgrind. */
static int start(struct session *session, struct worker_page *page, struct worker_outcome *outcome,
                 struct problem *problem) {
    char out[sizeof session->folder + 64], log[sizeof session->folder + 64];
    struct supervisor simulator = *session->supervisor;
    char *prefix[] = {session->tool.path,
                      "--tool=callgrind",
                      "--cache-sim=yes",
                      "--branch-sim=yes",
                      "--instr-atstart=no",
                      "--collect-atstart=no",
                      "--dump-instr=yes",
                      "--vgdb=no",
                      "--error-limit=no",
                      session->request->profiles ? "--dump-line=yes" : "--dump-line=no",
                      session->caches.i1,
                      session->caches.d1,
                      session->caches.ll,
                      out,
                      log,
                      NULL};
    /*
     * The file's name may hold %p and the like (Valgrind's manual, --callgrind-out-file), so name it briefly.
     */
    snprintf(out, sizeof out, "--callgrind-out-file=%s/out", session->folder);
    snprintf(log, sizeof log, "--log-file=%s/log", session->folder);
    simulator.prefix = prefix;
    simulator.reproducible = true;
    simulator.hidden = session->request->profiles ? NULL : DEBUG_DATA;
    simulator.limits.memory_bytes += TOOL_MEMORY;
    simulator.limits.stall_s *= SIMULATION_SLOWDOWN;
    simulator.limits.total_s = time_limit(session);
    empty_folder(session);
    return supervisor_run(&simulator, page, outcome, problem);
}

/* Number `dump` of the process, 1 the empty function's. */
static int read_counts(const struct session *session, size_t dump, double counts[COUNTER_EVENTS],
                       struct problem *problem) {
    char path[sizeof session->folder + 64];
    struct callgrind_profile profile = {0};
    snprintf(path, sizeof path, "%s/out.%zu", session->folder, dump);
    int status = callgrind_file_load(&profile, path, 0, problem);
    if (status == 0)
        callgrind_counts(&profile, counts);
    callgrind_profile_clear(&profile);
    return status;
}

static int copy_stream(FILE *from, FILE *to) {
    char block[65536];
    for (size_t got; (got = fread(block, 1, sizeof block, from)) > 0;)
        if (fwrite(block, 1, got, to) != got)
            return -EIO;
    return ferror(from) ? -EIO : 0;
}

static int keep_profile(const struct session *session, size_t dump, size_t arm, struct problem *problem) {
    const struct simulation_request *request = session->request;
    char from[sizeof session->folder + 64], to[4096 + RESULT_NAME + 16];
    snprintf(from, sizeof from, "%s/out.%zu", session->folder, dump);
    snprintf(to, sizeof to, "%.4095s/%s.callgrind", request->profiles,
             request->description->variants[session->runs.point.variants[arm]].name);
    FILE *source = fopen(from, "re"), *target = fopen(to, "we");
    int status = source && target ? copy_stream(source, target) : -errno;
    if (source)
        fclose(source);
    if (target && fclose(target) && status == 0)
        status = -errno;
    return status ? problem_set(problem, -status, "cannot write %s: %s", to, strerror(-status)) : 0;
}

/* Takes over what a complete worker counted. */
static int take_counts(struct session *session, struct problem *problem) {
    double empty[COUNTER_EVENTS];
    int status = read_counts(session, 1, empty, problem);
    for (size_t i = 0; i < session->runs.arm_count && status == 0; i++) {
        struct simulated_arm *arm = &session->simulation->arms[session->runs.arms[i]];
        status = read_counts(session, i + 2, arm->counts, problem);
        for (int event = 0; event < COUNTER_EVENTS && status == 0; event++)
            arm->counts[event] = fmax(0, arm->counts[event] - empty[event]) + 0 * arm->counts[event];
        if (status == 0 && session->request->profiles)
            status = keep_profile(session, i + 2, session->runs.arms[i], problem);
    }
    return status;
}

/* An arm that failed under Valgrind is left out, and the rest tried again. Returns 1 to try again, or 0. */
static int blame(struct session *session, const struct worker_page *page,
                 const struct worker_outcome *outcome) {
    struct simulation *simulation = session->simulation;
    char log[sizeof session->folder + 16], said[RESULT_SIM_REASON];
    const char *otherwise = outcome->end != WORKER_COMPLETED ? outcome->reason : page->report.failure_text;
    snprintf(log, sizeof log, "%s/log", session->folder);
    callgrind_last_words(log, otherwise, said, sizeof said);
    size_t arm = (size_t)outcome->arm;
    if (outcome->end == WORKER_COMPLETED || outcome->arm < 0 || arm >= session->runs.arm_count) {
        explain(simulation, SIMULATION_FAILED, said);
        return 0;
    }
    simulated_arm_refuse(&simulation->arms[session->runs.arms[arm]],
                         &(struct simulation_why){.cause = SIMULATION_FAILED, .said = said});
    leave_out(session, session->runs.arms[arm]);
    return 1;
}

/*
 * Answers that are wrong under Valgrind: its floating point is not the processor's everywhere. And variants whose work is
 * not done by the thread that is counted.
 */
static bool drop_wrong(struct session *session, const struct worker_page *page) {
    bool wrong[SCHEDULE_MAX_ARMS] = {false};
    size_t count = session->runs.arm_count, arms[SCHEDULE_MAX_ARMS];
    bool baseline = page->report.arms[0].invalid;
    memcpy(arms, session->runs.arms, sizeof arms);
    for (size_t i = 0; i < count; i++) {
        wrong[i] = page->report.arms[i].invalid;
        if (!wrong[i])
            continue;
        const struct simulation_why why = {.cause = arm_why_fault(&page->report.arms[i].why) == FAULT_THREADS
                                                        ? SIMULATION_SEVERAL_THREADS
                                                        : SIMULATION_FAILED,
                                           .said = page->report.arms[i].reason};
        simulated_arm_refuse(&session->simulation->arms[arms[i]], &why);
        leave_out(session, arms[i]);
    }
    return baseline;
}

/* 0: done, or a reason was left; 1: try again; -errno. */
static int attempt(struct session *session, struct worker_page *page, unsigned *timeouts,
                   struct problem *problem) {
    struct worker_outcome outcome = {0};
    int status = prepare_job(session, page, WORKER_SIMULATE, problem);
    if (status == 0)
        status = start(session, page, &outcome, problem);
    if (status)
        return status;
    if (outcome.end == WORKER_INTERRUPTED || is_interrupted(session->supervisor))
        return problem_set(problem, EINTR, "interrupted");
    if (outcome.end == WORKER_TIMED_OUT) {
        bool smaller = ++*timeouts < ATTEMPTS;
        for (int i = 0; smaller && i < HALVINGS_AFTER_TIMEOUT; i++)
            smaller = halve(session) || i > 0;
        const struct simulation_why why = {
            .cause = SIMULATION_FAILED, .numbers = {.seconds = time_limit(session)}, .said = outcome.reason};
        if (!smaller)
            explain_why(session->simulation, &why);
        return smaller;
    }
    if (outcome.end != WORKER_COMPLETED || page->report.failure != FAILURE_NONE)
        return blame(session, page, &outcome);
    session->simulation->items = page->report.work.items;
    if (drop_wrong(session, page))
        return 1;
    struct problem unreadable = {""};
    status = take_counts(session, &unreadable);
    if (status == -ENOMEM)
        return problem_set(problem, ENOMEM, "%s", unreadable.text);
    if (status)
        explain(session->simulation, SIMULATION_UNREADABLE, unreadable.text);
    return 0;
}

static int judge_paths(struct session *session, const struct worker_page *page, struct problem *problem) {
    int status = 0;
    for (size_t i = 0; i < session->runs.arm_count && status == 0; i++) {
        char path[sizeof session->folder + 64];
        struct simulation_why why = {.said = page->report.arms[i].reason};
        struct callgrind_profile profile = {0};
        enum code_path taken = CODE_PATH_SAME;
        const uint64_t *samples = page->ticks + i * page->job.max_rounds;
        size_t count = 0;
        while (count < CODE_PATH_SAMPLES && samples[count])
            count++;
        snprintf(path, sizeof path, "%s/out.%zu", session->folder, i + 2);
        status = callgrind_file_load(&profile, path, 0, problem);
        if (status == 0)
            status = code_path_judge(&profile, samples, count, &taken, &why.numbers.share);
        why.cause = taken == CODE_PATH_OTHER ? SIMULATION_OTHER_PATH : SIMULATION_STRINGS;
        if (status == 0 && taken != CODE_PATH_SAME)
            simulated_arm_refuse(&session->simulation->arms[session->runs.arms[i]], &why);
        callgrind_profile_clear(&profile);
    }
    return status;
}

/* The same module at the same point without Callgrind: does it run the code that was simulated? */
static int check_paths(struct session *session, struct problem *problem) {
    struct worker_outcome outcome = {0};
    struct worker_page *page = worker_page_new(SCHEDULE_MAX_ARMS, CODE_PATH_SAMPLES);
    if (!page)
        return problem_set(problem, ENOMEM, "no memory for a worker");
    int status = prepare_job(session, page, WORKER_PATH, problem);
    page->job.max_rounds = CODE_PATH_SAMPLES;
    if (status == 0)
        status = supervisor_run(session->supervisor, page, &outcome, problem);
    if (status == 0 && (outcome.end == WORKER_INTERRUPTED || is_interrupted(session->supervisor)))
        status = problem_set(problem, EINTR, "interrupted");
    if (status == 0 && outcome.end == WORKER_COMPLETED && page->report.failure == FAILURE_NONE)
        status = judge_paths(session, page, problem);
    worker_page_free(page);
    return status;
}

static int run_session(struct session *session, struct problem *problem) {
    uint64_t start_ns = monotonic_ns();
    int status = 1;
    unsigned timeouts = 0;
    snprintf(session->folder, sizeof session->folder, "%.4095s/simulated", session->supervisor->scratch);
    if (mkdir(session->folder, 0700) != 0 && errno != EEXIST)
        return problem_set(problem, errno, "cannot make %s: %s", session->folder, strerror(errno));
    struct worker_page *page = worker_page_new(SCHEDULE_MAX_ARMS, 0);
    if (!page)
        return problem_set(problem, ENOMEM, "no memory for a worker");
    while (status == 1 && session->runs.arm_count)
        status = attempt(session, page, &timeouts, problem);
    struct simulation *simulation = session->simulation;
    bool counted = status == 0 && !simulation->reason[0];
    if (counted)
        status = check_paths(session, problem);
    empty_folder(session);
    rmdir(session->folder);
    worker_page_free(page);
    if (status == 1)
        status = 0;
    simulation->point = session->runs.point.point;
    /* A profile is of the smaller point, times included. */
    if (counted && status == 0 && simulation->scaled && !session->request->profiles)
        status = simulation_verify_scale(session->supervisor, session->request, &session->runs.point,
                                         foretell(session), simulation, problem);
    if (status == 0 && session->runs.arm_count == 0 && !simulation->reason[0])
        explain(simulation, SIMULATION_NO_ARM, NULL);
    simulation->duration_s = (double)(monotonic_ns() - start_ns) / 1e9;
    return status;
}

static int begin(struct session *session, struct problem *problem) {
    const struct simulation_request *request = session->request;
    struct simulation *simulation = session->simulation;
    struct cpu_choice choice;
    struct cpu_caches caches;
    simulation->seed = SIMULATION_SEED;
    simulation->point = request->plan_point->point;
    simulation->arms = calloc(request->arm_count ? request->arm_count : 1, sizeof *simulation->arms);
    if (!simulation->arms)
        return problem_set(problem, ENOMEM, "no memory for a simulation");
    for (size_t arm = 0; arm < request->arm_count; arm++) {
        simulation->arms[arm].cycles = simulation->arms[arm].cycles_p5 = simulation->arms[arm].cycles_p95 =
            NAN;
        for (int event = 0; event < COUNTER_EVENTS; event++)
            simulation->arms[arm].counts[event] = NAN;
    }
    int status =
        topology_choose(request->topology, request->plan_point->threads, request->cpus, &choice, problem);
    if (status)
        return status;
    topology_get_caches(request->topology, choice.cpus[0], &caches);
    callgrind_choose_caches(&caches, &session->caches);
    choose_arms(session);
    return 0;
}

int simulate_counts(struct supervisor *supervisor, const struct simulation_request *request,
                    struct simulation *simulation, struct simulated_runs *runs, struct problem *problem) {
    struct session *session = calloc(1, sizeof *session);
    *simulation = (struct simulation){.cause = SIMULATION_COUNTED};
    if (!session)
        return problem_set(problem, ENOMEM, "no memory for a simulation");
    session->request = request;
    session->supervisor = supervisor;
    session->simulation = simulation;
    session->runs.point = *request->plan_point;
    int status = begin(session, problem);
    if (status == 0 && callgrind_find(&session->tool))
        explain(simulation, SIMULATION_NO_TOOL, session->tool.reason);
    /* Something was tried, even where there is no valgrind to name. */
    snprintf(simulation->tool, sizeof simulation->tool, "%s",
             session->tool.version[0] ? session->tool.version : "valgrind");
    if (status == 0 && !simulation->reason[0]) {
        memcpy(simulation->caches, session->caches.text, sizeof simulation->caches);
        find_portable(session);
    }
    if (status == 0 && !simulation->reason[0]) {
        session->predicted_s = foretell(session);
        while (session->predicted_s > request->budget_s && halve(session))
            ;
        status = run_session(session, problem);
    }
    *runs = session->runs;
    free(session);
    if (status)
        simulation_clear(simulation);
    return status;
}

int simulate_point(struct supervisor *supervisor, const struct simulation_request *request,
                   struct simulation *simulation, struct problem *problem) {
    struct simulated_runs runs;
    int status = simulate_counts(supervisor, request, simulation, &runs, problem);
    if (status == 0)
        status = simulation_time(supervisor, request, &runs, simulation, problem);
    if (status)
        simulation_clear(simulation);
    return status;
}
