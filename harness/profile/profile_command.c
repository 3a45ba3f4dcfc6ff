#include "profile/profile_command.h"

#include "base/nursery.h"
#include "commands/command_limits.h"
#include "conclude/bound.h"
#include "host/noise.h"
#include "profile/command_session.h"
#include "stats/quantile.h"
#include "worker/memory_probe.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MOST_RUNS 4096
#define OUTPUT_BYTES ((uint64_t)1 << 30)

extern char **environ;

/* What the nursery is told, and what it answers. */
struct order {
    struct execution_request request;
    struct execution execution;
    struct problem problem;
};

static int execute_there(void *argument, const volatile sig_atomic_t *told) {
    struct order *order = argument;
    order->request.interrupted = told;
    return execution_run(&order->request, &order->execution, &order->problem);
}

/* In a nursery of its own, so that nothing of the command goes on without this program. */
static int execute(const struct execution_request *request, struct execution *execution,
                   struct problem *problem) {
    struct nursery nursery;
    struct order *order = nursery_share(sizeof *order);
    if (!order)
        return problem_set(problem, ENOMEM, "no memory to start a process");
    order->request = *request;
    int status = nursery_open(&nursery);
    if (status == 0)
        status = nursery_call(&nursery, execute_there, order, request->time_s + NURSERY_GRACE_S,
                              request->interrupted);
    nursery_close(&nursery);
    *execution = order->execution;
    if (status && order->problem.text[0])
        problem_set(problem, -status, "%s", order->problem.text);
    else if (status)
        problem_set(problem, -status, "%s: the process that starts it %s", request->arguments[0],
                    status == -EPIPE ? "was killed" : "does not answer");
    nursery_unshare(order, sizeof *order);
    return status;
}

/* Behind "it". A cut answer is as good as another here, where failures are ignored. */
static void explain_end(const struct command_session *session, const struct execution_request *request,
                        const struct command_output *output, const struct command_output *errors,
                        struct command_run *run) {
    bool ignored = session->request->ignore_failure && run->execution.end == EXECUTION_EXITED;
    const struct command_ending ending = {.execution = &run->execution,
                                          .file_bytes = OUTPUT_BYTES,
                                          .memory_bytes = request->memory_bytes,
                                          .output = output,
                                          .errors = errors,
                                          .time_s = request->time_s,
                                          .is_waivable = true};
    if (!ignored)
        command_end_fault(&ending, run->failed, sizeof run->failed);
}

int command_session_run(struct command_session *session, char *const *arguments, double time_s,
                        uint64_t more_bytes, bool own_memory, struct command_run *run,
                        struct problem *problem) {
    const struct supervisor *supervisor = session->supervisor;
    struct command_output output = {.size = 0}, errors = {.size = 0};
    const struct execution_request request = {
        .arguments = arguments,
        .environment = environ,
        .input = session->request->input,
        .output = session->output,
        .errors = session->errors,
        .cpus = session->request->cpus ? &session->cpus : NULL,
        .time_s = time_s,
        .memory_bytes = supervisor->limits.memory_bytes + more_bytes,
        .file_bytes = OUTPUT_BYTES,
        .clock = session->request->clock,
        .own_memory = own_memory,
        .told_queued = true,
        .interrupted = supervisor->interrupted,
    };
    *run = (struct command_run){.failed = ""};
    int status = execute(&request, &run->execution, problem);
    if (status == 0 && (run->execution.end == EXECUTION_INTERRUPTED ||
                        (supervisor->interrupted && *supervisor->interrupted)))
        status = problem_set(problem, EINTR, "interrupted");
    int taken = output_take(session->output, &output);
    if (taken == 0)
        taken = output_take(session->errors, &errors);
    if (status == 0 && taken)
        status = problem_set(problem, -taken, "output of %s: %s", arguments[0], strerror(-taken));
    if (status == 0)
        explain_end(session, &request, &output, &errors, run);
    output_clear(&output);
    output_clear(&errors);
    return status;
}

char **command_session_words(const struct command_session *session, const char *const *prefix) {
    const struct words *words = session->request->words;
    size_t before = 0;
    while (prefix[before])
        before++;
    char **all = calloc(before + words->count + 1, sizeof *all);
    if (!all)
        return NULL;
    memcpy(all, prefix, before * sizeof *all);
    memcpy(all + before, words->items, words->count * sizeof *all);
    return all;
}

/* Of the runs that were timed. */
struct sums {
    double wall_ns[MOST_RUNS];
    double all, user, system, queued, slept, faults;
    double computed; /* with what the run before them did */
    size_t count;
};

static void add_run(struct sums *sums, const struct execution *execution, const struct sample_clock *clock) {
    double wall = (double)execution->ticks / clock->ticks_per_ns;
    sums->wall_ns[sums->count++] = wall;
    sums->all += wall;
    sums->user += execution->counters[COUNTER_USER_TIME];
    sums->system += execution->counters[COUNTER_SYSTEM_TIME];
    sums->faults += execution->counters[COUNTER_PAGE_FAULTS];
    sums->queued += execution->queued_ns;
    sums->slept += execution->voluntary_switches;
}

/* As of a kernel's worker; the shares are of what its processes did together. */
static void take_usage(struct command_session *session, struct sums *sums, double peak_bytes) {
    struct bound_evidence *evidence = &session->variant->evidence;
    double runs = (double)sums->count, busy = sums->user + sums->system;
    double queued = isnan(sums->queued) ? 0 : fmax(0, fmin(sums->queued, sums->all - busy));
    double own = fmax(sums->all - queued, busy);
    evidence->time_ns = quantile(sums->wall_ns, sums->count, 0.5);
    evidence->user_ns = sums->user / runs;
    evidence->queued = isnan(sums->queued) ? NAN : queued / sums->all;
    evidence->user = sums->user / own;
    evidence->system = sums->system / own;
    evidence->waiting = 1 - busy / own;
    evidence->voluntary_switches = sums->slept / runs;
    evidence->faults = sums->faults / runs;
    session->cpu_s = busy / runs / 1e9;
    /* Where it is no larger than this program, its peak is not known, but each page that it has was once faulted in. */
    evidence->working_set_bytes =
        isnan(peak_bytes) ? evidence->faults * (double)sysconf(_SC_PAGESIZE) : peak_bytes;
}

static void measure_costs(struct command_session *session) {
    struct bound_evidence *evidence = &session->variant->evidence;
    struct core_clock core = {0};
    struct memory_probe probe;
    core_clock_measure(session->request->clock, 16, &core);
    evidence->ghz = core.ghz > 0 ? core.ghz : NAN;
    memory_probe_measure((size_t)evidence->working_set_bytes, session->request->clock, &probe);
    evidence->miss_least_ns = probe.ordered_ns;
    evidence->miss_most_ns = probe.chained_ns;
}

/* Once uncounted, which finds files in the caches later, then until the time is over. */
static int time_runs(struct command_session *session, struct sums *sums, struct problem *problem) {
    const struct command_profile_request *request = session->request;
    struct command_run run;
    double limit = session->supervisor->limits.stall_s, peak = NAN;
    bool first = true;
    int status = 0;
    while (status == 0 && (first || sums->count == 0 || sums->all < request->seconds * 1e9) &&
           sums->count < MOST_RUNS) {
        status = command_session_run(session, request->words->items, limit, 0, first, &run, problem);
        if (status)
            break;
        if (!first && !run.failed[0] && run.execution.status != session->exit_status)
            snprintf(run.failed, sizeof run.failed, "ended with exit status %d, and the time before with %d",
                     run.execution.status, session->exit_status);
        if (run.failed[0]) {
            snprintf(session->variant->invalid, sizeof session->variant->invalid, "it %.380s", run.failed);
            return 0;
        }
        sums->computed +=
            run.execution.counters[COUNTER_USER_TIME] + run.execution.counters[COUNTER_SYSTEM_TIME];
        if (first)
            peak = run.execution.peak_rss_bytes;
        else
            add_run(sums, &run.execution, request->clock);
        session->exit_status = run.execution.status;
        first = false;
    }
    if (status == 0)
        take_usage(session, sums, peak);
    return status;
}

/* With what other programs do meanwhile. */
static int time_command(struct command_session *session, struct sums *sums, struct problem *problem) {
    struct noise_reading before, after;
    struct noise noise;
    unsigned cpus[CPU_SETSIZE];
    size_t count = 0;
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &session->cpus))
            cpus[count++] = cpu;
    noise_read(&before, cpus, count);
    int status = time_runs(session, sums, problem);
    noise_read(&after, cpus, count);
    after.own_cpu_ns += (uint64_t)sums->computed;
    noise_between(&before, &after, count, &noise);
    session->variant->evidence.others = noise.other_load_share;
    if (status == 0 && !session->variant->invalid[0])
        measure_costs(session);
    return status;
}

/* Whether Callgrind is used; fails where no tool is there. */
static int choose_tool(struct command_session *session, bool *simulated, struct problem *problem) {
    enum profile_tool tool = session->request->tool;
    *simulated = tool != PROFILE_PERF && callgrind_find(&session->callgrind) == 0;
    bool sampled = perf_find(&session->perf) == 0 && tool != PROFILE_CALLGRIND;
    if (*simulated || sampled)
        return 0;
    return problem_set(problem, ENOTSUP, "%s%s%s", tool == PROFILE_PERF ? "" : session->callgrind.reason,
                       tool == PROFILE_ANY ? "; " : "",
                       tool == PROFILE_CALLGRIND ? "" : session->perf.reason);
}

static int find_places(struct command_session *session, bool simulated, struct problem *problem) {
    struct profile_variant *variant = session->variant;
    struct bound_evidence *evidence = &variant->evidence;
    char missing[RESULT_SIM_REASON] = "perf samples, and does not count misses";
    int status = simulated ? command_simulate(session, missing, problem) : 0;
    if (status || (simulated && !missing[0]))
        return status;
    snprintf(evidence->uncounted, sizeof evidence->uncounted, "%s", missing);
    bool perf_there = !session->perf.reason[0];
    if (!simulated || (perf_there && session->request->tool == PROFILE_ANY))
        return command_sample_places(session, problem);
    snprintf(variant->reason, sizeof variant->reason, "%.190s%s%.180s", missing, perf_there ? "" : "; ",
             perf_there ? "" : session->perf.reason);
    return 0;
}

static int begin(struct command_session *session, struct profile *profile, struct problem *problem) {
    const struct words *words = session->request->words;
    struct cpu_caches caches;
    struct cpu_choice choice;
    int status = program_find(words->items[0], &session->program, problem);
    if (status)
        return status;
    const char *name = strrchr(words->items[0], '/');
    char *text = words_join(words);
    profile->variants = calloc(1, sizeof *profile->variants);
    if (!profile->variants || !text) {
        free(text);
        return problem_set(problem, ENOMEM, "no memory for a profile");
    }
    session->variant = profile->variants;
    profile_variant_start(profile->variants, name ? name + 1 : words->items[0]);
    profile->variant_count = 1;
    profile->items = 1;
    snprintf(profile->kernel, sizeof profile->kernel, "%s", profile->variants->variant);
    snprintf(profile->item, sizeof profile->item, "run");
    snprintf(profile->module, sizeof profile->module, "%s", session->program.path);
    snprintf(profile->command, sizeof profile->command, "%s", text);
    free(text);
    const struct topology *topology = session->supervisor->topology;
    status = topology_choose(topology, 1, session->request->cpus, &choice, problem);
    if (status)
        return status;
    topology_get_caches(topology, choice.cpus[0], &caches);
    callgrind_choose_caches(&caches, &session->caches);
    return 0;
}

/* Where it runs: all of --cpus, as topology_choose gives as many as are asked for; else where this program may. */
static void choose_cpus(struct command_session *session) {
    struct topology_facts facts;
    struct cpu_choice choice = {.count = 0};
    const struct topology *topology = session->supervisor->topology;
    topology_get_facts(topology, &facts);
    for (unsigned count = facts.allowed_cpus; count > 0; count--)
        if (topology_choose(topology, count, session->request->cpus, &choice, NULL) == 0)
            break;
    CPU_ZERO(&session->cpus);
    for (size_t i = 0; i < choice.count; i++)
        CPU_SET(choice.cpus[i], &session->cpus);
}

static int measure(struct command_session *session, struct sums *sums, struct profile *profile,
                   struct problem *problem) {
    struct profile_variant *variant;
    bool simulated;
    int status = begin(session, profile, problem);
    if (status == 0)
        status = choose_tool(session, &simulated, problem);
    if (status)
        return status;
    variant = session->variant;
    choose_cpus(session);
    status = time_command(session, sums, problem);
    if (status || variant->invalid[0])
        return status;
    status = find_places(session, simulated, problem);
    if (session->alone)
        variant->evidence.others = NAN;
    if (status == 0)
        bound_judge(&variant->evidence, &variant->judgement);
    if (variant->source == SOURCE_SIM)
        snprintf(profile->caches, sizeof profile->caches, "%s", session->caches.text);
    return status;
}

int profile_command_measure(const struct supervisor *supervisor,
                            const struct command_profile_request *request, struct profile *profile,
                            struct problem *problem) {
    struct command_session *session = calloc(1, sizeof *session);
    struct sums *sums = calloc(1, sizeof *sums);
    int output = memfd_create("countersign-output", MFD_CLOEXEC);
    int errors = memfd_create("countersign-errors", MFD_CLOEXEC);
    int status = 0;
    *profile = (struct profile){0};
    if (!session || !sums)
        status = problem_set(problem, ENOMEM, "no memory for a profile");
    else if (output < 0 || errors < 0)
        status = problem_set(problem, errno, "no files for the command's output: %s", strerror(errno));
    else {
        *session = (struct command_session){
            .supervisor = supervisor, .request = request, .output = output, .errors = errors};
        status = measure(session, sums, profile, problem);
    }
    if (output >= 0)
        close(output);
    if (errors >= 0)
        close(errors);
    free(sums);
    free(session);
    return status;
}
