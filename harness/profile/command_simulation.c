/* A command under Callgrind, with all processes that it starts. */
#include "profile/command_session.h"

#include "base/numbers.h"
#include "base/option_name.h"
#include "base/words.h"
#include "conclude/bound.h"
#include "simulate/simulate.h"
#include "simulate/simulation_check.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOOL_MEMORY ((uint64_t)4 << 30) /* Valgrind's own, in each process */
#define START_S 5.0                     /* Valgrind's start, beside what is simulated */
#define LEAST_SLOWDOWN 20.0 /* no program is simulated faster: what cannot end in time is not begun */
#define PROCESSES 64        /* at the most: each has a profile of some MiB in memory */
#define NAMED_PROCESSES 4
#define NAMELESS 0.05 /* a share of code without symbols that is worth a word */

struct simulated {
    struct command_session *session;
    char folder[4096 + 16];
    struct callgrind_profile profiles[PROCESSES];
    size_t count;
};

/* Files of the folder that begin with `prefix`, in order, as whole paths. 0 or -ENOMEM. */
static int list_files(const char *folder, const char *prefix, struct words *files) {
    DIR *stream = opendir(folder);
    int status = 0;
    for (struct dirent *entry; stream && status == 0 && (entry = readdir(stream));)
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
            status = words_addf(files, "%s/%s", folder, entry->d_name);
    if (stream)
        closedir(stream);
    if (files->count)
        words_sort(files);
    return status;
}

static void remove_folder(const char *folder) {
    struct words files = {.count = 0};
    list_files(folder, "", &files);
    for (size_t i = 0; i < files.count; i++)
        unlink(files.items[i]);
    words_clear(&files);
    rmdir(folder);
}

static int run_simulation(struct simulated *simulated, struct command_run *run, struct problem *problem) {
    struct command_session *session = simulated->session;
    char out[sizeof simulated->folder + 64], log[sizeof simulated->folder + 64];
    snprintf(out, sizeof out, "--callgrind-out-file=%s/out.%%p", simulated->folder);
    snprintf(log, sizeof log, "--log-file=%s/log.%%p", simulated->folder);
    const char *const prefix[] = {
        session->callgrind.path, "--tool=callgrind", "--cache-sim=yes", "--branch-sim=yes", "--dump-line=yes",
        "--separate-threads=yes", /* which are counted, */
        "--combine-dumps=yes",    /* and in one file of a process */
        "--trace-children=yes",
        /* A child that is forked has its parent's counts, unless these were written before. */
        "--dump-before=fork", "--dump-before=_Fork", "--dump-before=__fork", "--dump-before=__libc_fork",
        "--vgdb=no", "--error-limit=no", session->caches.i1, session->caches.d1, session->caches.ll, out, log,
        NULL};
    char **arguments = command_session_words(session, prefix);
    if (!arguments)
        return problem_set(problem, ENOMEM, "no memory for a simulation");
    int status = command_session_run(session, arguments, session->request->simulation_budget_s + START_S,
                                     TOOL_MEMORY, false, run, problem);
    free(arguments);
    return status;
}

/* What Valgrind said in the log of any of the processes, else that it failed. */
static int explain_failure(const struct simulated *simulated, const struct command_run *run, char *missing,
                           struct problem *problem) {
    struct words logs = {.count = 0};
    char said[RESULT_SIM_REASON];
    if (list_files(simulated->folder, "log.", &logs)) {
        words_clear(&logs);
        return problem_set(problem, ENOMEM, "no memory for a simulation");
    }
    snprintf(said, sizeof said, "it %.150s", run->failed);
    for (size_t i = 0; i < logs.count && !strncmp(said, "it ", 3); i++) {
        char otherwise[sizeof said];
        snprintf(otherwise, sizeof otherwise, "it %.150s", run->failed);
        callgrind_last_words(logs.items[i], otherwise, said, sizeof said);
    }
    words_clear(&logs);
    if (run->execution.end == EXECUTION_TIMED_OUT)
        snprintf(missing, RESULT_SIM_REASON,
                 "simulating it takes longer than %s s (%s); a smaller input is shorter",
                 BRIEF(simulated->session->request->simulation_budget_s, 6),
                 option_name(SETTING_SIMULATION_BUDGET));
    else
        simulation_words(&(struct simulation_why){.cause = SIMULATION_FAILED, .said = said}, missing,
                         RESULT_SIM_REASON);
    return 0;
}

static int load_profiles(struct simulated *simulated, char *missing, struct problem *problem) {
    struct words files = {.count = 0};
    struct problem unreadable = {""};
    int status = list_files(simulated->folder, "out.", &files);
    if (files.count > PROCESSES)
        snprintf(missing, RESULT_SIM_REASON, "it started more than %d processes; profile one of them",
                 PROCESSES - 1);
    else if (files.count == 0)
        snprintf(missing, RESULT_SIM_REASON, "Callgrind left no counts of it");
    for (size_t i = 0; i < files.count && status == 0 && !missing[0]; i++) {
        status = callgrind_file_load(&simulated->profiles[simulated->count], files.items[i], 1, &unreadable);
        if (status == 0)
            simulated->count++;
        else if (status != -ENOMEM) {
            snprintf(missing, RESULT_SIM_REASON, "%.190s", unreadable.text);
            status = 0;
        }
    }
    words_clear(&files);
    return status ? problem_set(problem, ENOMEM, "no memory for a simulation") : 0;
}

/* The program's name in the command that Callgrind tells of, without its folder and arguments. */
static int add_program(const char *command, struct words *names) {
    int end = (int)strcspn(command, " "), start = end;
    while (start > 0 && command[start - 1] != '/')
        start--;
    return words_addf(names, "%.*s", end - start, command + start);
}

/* "4 processes, all of them timed and simulated: sh, sort": in alphabetical order, since numbers of processes have none. */
static int note_processes(const struct simulated *simulated) {
    struct profile_variant *variant = simulated->session->variant;
    struct words names = {.count = 0};
    char text[256] = "";
    size_t named = 0, length = 0;
    int status = 0;
    for (size_t i = 0; i < simulated->count && status == 0; i++)
        status = add_program(simulated->profiles[i].command ? simulated->profiles[i].command : "?", &names);
    if (status == 0)
        words_sort(&names);
    for (size_t i = 0; i < names.count && named <= NAMED_PROCESSES && length < sizeof text; i++) {
        if (i > 0 && strcmp(names.items[i], names.items[i - 1]) == 0)
            continue;
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%.40s", named ? ", " : "",
                                   named < NAMED_PROCESSES ? names.items[i] : "…");
        named++;
    }
    words_clear(&names);
    if (simulated->count == 1)
        profile_note(variant, "one process: it started no other");
    else
        profile_note(variant, "%zu processes, all of them timed and simulated: %s", simulated->count, text);
    return status;
}

static double sum_event(const struct simulated *simulated, const char *name) {
    double sum = 0;
    for (size_t i = 0; i < simulated->count; i++) {
        int event = callgrind_event(&simulated->profiles[i], name);
        sum += event < 0 ? NAN : (double)simulated->profiles[i].total[event];
    }
    return sum;
}

/* Counts are evidence only of what was timed: of one thread at a time, and of no more than a core can do. */
static void take_counts(const struct simulated *simulated) {
    struct bound_evidence *evidence = &simulated->session->variant->evidence;
    struct simulated_arm sum = {.cycles = evidence->user_ns * evidence->ghz};
    unsigned threads = 1;
    for (size_t i = 0; i < simulated->count; i++) {
        double counts[COUNTER_EVENTS];
        callgrind_counts(&simulated->profiles[i], counts);
        for (int event = 0; event < COUNTER_EVENTS; event++)
            sum.counts[event] += counts[event];
        if (simulated->profiles[i].threads > threads)
            threads = simulated->profiles[i].threads;
    }
    evidence->threads = threads;
    simulated->session->alone = threads == 1 && simulated->count == 1;
    if (threads > 1)
        simulated_arm_refuse_threads(&sum, threads);
    else
        simulated_arm_check(&sum, evidence->ghz);
    if (sum.reason[0]) {
        snprintf(evidence->uncounted, sizeof evidence->uncounted, "%s", sum.reason);
        return;
    }
    evidence->instructions = (struct profile_count){sum.counts[COUNTER_INSTRUCTIONS], SOURCE_SIM};
    evidence->branch_misses = (struct profile_count){sum.counts[COUNTER_BRANCH_MISSES], SOURCE_SIM};
    evidence->l1d_misses = (struct profile_count){sum.counts[COUNTER_L1D_MISSES], SOURCE_SIM};
    evidence->llc_misses = (struct profile_count){sum.counts[COUNTER_LLC_MISSES], SOURCE_SIM};
    evidence->l1i_misses = (struct profile_count){sum_event(simulated, "I1mr"), SOURCE_SIM};
}

static int take_profiles(struct simulated *simulated, struct problem *problem) {
    struct command_session *session = simulated->session;
    struct profile_variant *variant = session->variant;
    double nameless = 0;
    take_counts(simulated);
    const struct profile_costs costs = {.profiles = simulated->profiles,
                                        .profile_count = simulated->count,
                                        .own = "",
                                        .items = 1,
                                        .miss_cycles = bound_miss_cycles(&variant->evidence)};
    if (profile_places_of_costs(&costs, variant, &nameless) || note_processes(simulated))
        return problem_set(problem, ENOMEM, "no memory for a profile");
    variant->source = SOURCE_SIM;
    snprintf(variant->tool, sizeof variant->tool, "%s", session->callgrind.version);
    if (session->program.interpreter[0])
        profile_note(variant, "a script: its functions are those of %.200s, which runs it",
                     session->program.interpreter);
    if (nameless >= NAMELESS)
        profile_note(
            variant,
            "%.0f %% of it is in files without symbols (stripped), which stand in parentheses; build them "
            "with -g and without strip, or install their debug packages",
            100 * nameless);
    return 0;
}

static int simulate(struct simulated *simulated, char *missing, struct problem *problem) {
    const struct command_session *session = simulated->session;
    struct command_run run;
    int status = run_simulation(simulated, &run, problem);
    if (status)
        return status;
    if (!run.failed[0] && run.execution.status != session->exit_status)
        snprintf(run.failed, sizeof run.failed, "ended with exit status %d, and without Valgrind with %d",
                 run.execution.status, session->exit_status);
    if (run.failed[0])
        return explain_failure(simulated, &run, missing, problem);
    status = load_profiles(simulated, missing, problem);
    return status || missing[0] ? status : take_profiles(simulated, problem);
}

int command_simulate(struct command_session *session, char missing[RESULT_SIM_REASON],
                     struct problem *problem) {
    const struct command_profile_request *request = session->request;
    missing[0] = '\0';
    if (session->cpu_s * LEAST_SLOWDOWN > request->simulation_budget_s) {
        snprintf(missing, RESULT_SIM_REASON,
                 "simulating it would take about %.0f s, and %s is %s s; a smaller input is shorter",
                 session->cpu_s * SIMULATION_SLOWDOWN, option_name(SETTING_SIMULATION_BUDGET),
                 BRIEF(request->simulation_budget_s, 6));
        return 0;
    }
    struct simulated *simulated = calloc(1, sizeof *simulated);
    if (!simulated)
        return problem_set(problem, ENOMEM, "no memory for a simulation");
    simulated->session = session;
    snprintf(simulated->folder, sizeof simulated->folder, "%.4095s/simulated", session->supervisor->scratch);
    int status = mkdir(simulated->folder, 0700) == 0
                     ? simulate(simulated, missing, problem)
                     : problem_set(problem, errno, "cannot make %s: %s", simulated->folder, strerror(errno));
    for (size_t i = 0; i < simulated->count; i++)
        callgrind_profile_clear(&simulated->profiles[i]);
    remove_folder(simulated->folder);
    free(simulated);
    return status;
}
