/* Rounds of commands: what runs before, in and after each execution, and whether it is a sample. */
#include "commands/command_job.h"

#include "base/folder.h"
#include "base/option_name.h"
#include "base/scratch.h"
#include "commands/command_limits.h"
#include "commands/command_output.h"
#include "run/own_state.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_TRIES 1000
#define LATE_S 10.0 /* that what cleans up may take once the run was interrupted */

const struct command_arm *command_of(const struct command_job *job, size_t arm) {
    return &job->point->arms[arm < job->point->arm_count ? arm : 0];
}

static bool is_placebo(const struct command_job *job, size_t arm) {
    return arm >= job->point->arm_count;
}

/* What a replicate has of its own: an empty folder, and an environment of another size. */
int command_enter(struct command_job *job, size_t index, uint64_t seed, struct problem *problem) {
    extern char **environ;
    size_t count = 0, length = (size_t)(seed >> 13) % COMMAND_PADDING;
    snprintf(job->folder, sizeof job->folder, "%s/replicate-%zu", job->supervisor->scratch, index);
    /* One of that name is there where an earlier try left what cannot be removed. */
    for (unsigned tries = 1; mkdir(job->folder, 0700) != 0; tries++) {
        if (errno != EEXIST || tries > MOST_TRIES)
            return problem_set(problem, errno, "cannot make the folder %s: %s", job->folder, strerror(errno));
        snprintf(job->folder, sizeof job->folder, "%s/replicate-%zu-%u", job->supervisor->scratch, index,
                 tries);
    }
    claim_renew(job->supervisor->claim);
    for (; environ[count] && count < COMMAND_VARIABLES; count++)
        job->environment[count] = environ[count];
    if (environ[count])
        return problem_set(problem, E2BIG, "more than %d variables in the environment", COMMAND_VARIABLES);
    strcpy(job->padding, "COUNTERSIGN_PADDING=");
    memset(job->padding + strlen(job->padding), 'x', length);
    snprintf(job->folder_variable, sizeof job->folder_variable, "COUNTERSIGN_SCRATCH=%s", job->folder);
    job->environment[count] = job->padding;
    job->environment[count + 1] = job->folder_variable;
    job->environment[count + 2] = job->point->arms[0].server ? job->port_variable : NULL;
    return 0;
}

void command_leave(struct command_job *job) {
    if (job->folder[0])
        folder_remove(job->folder);
    memset(job->padding, 0, sizeof job->padding);
    memset(job->environment, 0, sizeof job->environment);
    job->folder[0] = '\0';
}

/* What a command inherits from the nursery, any process of the same user can change there: one that slows its
 * rival so would win. */
static int check_inherited(const struct own_state *before, const char *command, struct problem *problem) {
    char changed[160];
    return own_state_restore(before, changed, sizeof changed)
               ? problem_set(
                     problem, EPERM,
                     "'%s' changed the limits, the priority or the processing units that its rivals inherit",
                     command)
               : 0;
}

static int do_order(void *argument, const volatile sig_atomic_t *told) {
    struct command_order *order = argument;
    char *const *arguments = order->request.arguments;
    struct own_state inherited;
    own_state_read(&inherited);
    order->request.interrupted = told;
    int status = execution_run(&order->request, &order->execution, &order->problem);
    return status ? status
                  : check_inherited(&inherited, arguments[1] && arguments[2] ? arguments[2] : arguments[0],
                                    &order->problem);
}

/* execution_run in the nursery. */
static int run_there(struct command_job *job, const struct execution_request *request,
                     struct execution *execution, struct problem *problem) {
    job->order = (struct command_order){.request = *request};
    int status = nursery_call(&job->nursery, do_order, &job->order, request->time_s + NURSERY_GRACE_S,
                              request->interrupted);
    *execution = job->order.execution;
    if (status && job->order.problem.text[0])
        return problem_set(problem, -status, "%s", job->order.problem.text);
    return status ? problem_set(problem, -status, "%s: the process that starts commands %s",
                                request->arguments[0], status == -EPIPE ? "was killed" : "does not answer")
                  : 0;
}

static struct execution_request start_request(struct command_job *job) {
    const struct worker_limits *limits = &job->supervisor->limits;
    return (struct execution_request){.environment = job->environment,
                                      .input = job->options->input,
                                      .output = -1,
                                      .errors = -1,
                                      .cpus = job->cpu_count ? &job->binding : NULL,
                                      .time_s = limits->total_s,
                                      .memory_bytes = limits->memory_bytes,
                                      .file_bytes = command_file_limit(limits->file_bytes, job->executions++),
                                      .clock = &job->run->host.clock,
                                      .interrupted = job->supervisor->interrupted};
}

/* A command that only prepares: what it prints is shown where it fails. */
int command_help(struct command_job *job, const char *what, char *const *arguments, const char *directory,
                 struct problem *problem) {
    struct execution_request request = start_request(job);
    struct execution execution;
    struct command_output errors = {0};
    char said[128] = "", met[384] = "";
    if (!arguments)
        return 0;
    const char *text = arguments[1] && arguments[2] ? arguments[2] : arguments[0];
    request.arguments = arguments;
    request.directory = directory;
    request.errors = job->help;
    request.input = NULL;
    if (request.interrupted && *request.interrupted) {
        request.interrupted = NULL;
        request.time_s = fmin(request.time_s, LATE_S);
    }
    request.leaves_daemons = true; /* a server that the commands ask; it ends with the point */
    int status = run_there(job, &request, &execution, problem);
    if (status == 0 && (status = output_take(job->help, &errors)))
        problem_set(problem, -status, "output of %s: %s", what, strerror(-status));
    const struct command_ending ending = {.execution = &execution,
                                          .file_bytes = job->supervisor->limits.file_bytes,
                                          .memory_bytes = job->supervisor->limits.memory_bytes,
                                          .errors = &errors};
    if (status == 0)
        command_limit_met(&ending, met, sizeof met);
    output_last_line(&errors, said, sizeof said);
    output_clear(&errors);
    if (status)
        return status;
    if (execution.end == EXECUTION_INTERRUPTED)
        return -EINTR;
    if (met[0])
        return problem_set(problem, ECANCELED, "%s '%s' %s", what, text, met);
    if (execution.end == EXECUTION_EXITED && execution.status == 0)
        return 0;
    return problem_set(problem, ECANCELED, "%s '%s' failed with %s %d%s%s", what, text,
                       execution.end == EXECUTION_EXITED ? "exit status" : "a time-out, signal",
                       execution.status, said[0] ? "; it said: " : "", said);
}

static void invalidate(struct measurement *measurement, size_t arm, enum arm_fault fault,
                       const char *reason) {
    measurement->arms[arm].invalid = true;
    measurement->arms[arm].fault = fault;
    snprintf(measurement->arms[arm].reason, sizeof measurement->arms[arm].reason, "%s", reason);
}

#define AS_TRACED "while ptrace counted them"

/* More than can be traced, or other than untraced: one reason is enough. */
static void note_untraced(struct command_job *job, size_t arm, const char *what, const char *reason) {
    struct measurement *measurement = &job->measurement;
    job->last[arm].counters[COUNTER_SYSTEM_CALLS] = NAN;
    job->untraced[arm] = true;
    if (!measurement->counter_problem[0])
        snprintf(measurement->counter_problem, sizeof measurement->counter_problem, "%s: %s: %.140s",
                 counter_event_info[COUNTER_SYSTEM_CALLS].name, what, reason);
}

/* A baseline that fails leaves nothing to compare with, and its placebo is the baseline. */
static void blame(struct command_job *job, size_t arm, enum arm_fault fault, const char *reason) {
    struct measurement *measurement = &job->measurement;
    bool baseline = arm == 0 || is_placebo(job, arm);
    for (size_t i = 0; i < measurement->arm_count; i++)
        if (!measurement->arms[i].invalid && (i == arm || baseline))
            invalidate(measurement, i, fault, reason);
}

/* What it tells of itself. As judge_end. */
static enum arm_fault take_sample(struct command_job *job, size_t arm, char *reason, size_t size) {
    struct problem problem;
    if (!job->options->sampler || job->options->sampler(job->options->sampler_context, &job->outputs[arm],
                                                        &job->samples[arm], &problem) == 0)
        return FAULT_NONE;
    snprintf(reason, size, "%s %.300s", command_of(job, arm)->label, problem.text);
    return FAULT_OUTPUTS;
}

/* Why an execution alone is no sample; FAULT_NONE and empty if it is one. */
static enum arm_fault judge_end(struct command_job *job, size_t arm, char *reason, size_t size) {
    const struct worker_limits *limits = &job->supervisor->limits;
    static const struct command_output nothing = {.size = 0};
    char ended[RESULT_REASON - sizeof command_of(job, arm)->label], last[128];
    output_last_line(&job->said[arm], last, sizeof last);
    bool says_nothing = job->options->always_says && job->options->always_says(last);
    const struct command_ending ending = {.execution = &job->last[arm],
                                          .file_bytes = limits->file_bytes,
                                          .memory_bytes = limits->memory_bytes,
                                          .output = &job->outputs[arm],
                                          .folder = job->folder,
                                          .errors = says_nothing ? &nothing : &job->said[arm],
                                          .time_s = limits->total_s,
                                          .ignore_failure = job->options->ignore_failure,
                                          .is_waivable = !job->options->sampler};
    reason[0] = '\0';
    enum arm_fault fault = command_end_fault(&ending, ended, sizeof ended);
    if (fault == FAULT_NONE)
        return take_sample(job, arm, reason, size);
    snprintf(reason, size, "%s %s", command_of(job, arm)->label, ended);
    return fault;
}

/* The execution, beside the server that it asks if there is one: `reason` is filled where that fails. */
static int run_beside_server(struct command_job *job, size_t arm, struct execution_request *request,
                             char *reason, size_t size, struct problem *problem) {
    if (!command_of(job, arm)->server)
        return run_there(job, request, &job->last[arm], problem);
    job->last[arm] = (struct execution){.end = EXECUTION_EXITED};
    int status = command_server_start(job, arm, reason, size, problem);
    if (status == 0 && !reason[0]) {
        request->companion = job->server.child.pidfd;
        status = run_there(job, request, &job->last[arm], problem);
    }
    int stopped = command_server_stop(job, reason, size, problem);
    return status ? status : stopped;
}

/* 0; -ESTALE: the arm is invalid now; -EINTR; or another -errno with the problem. */
static int execute(struct command_job *job, size_t arm, const struct round *round, struct problem *problem) {
    const struct command_arm *command = command_of(job, arm);
    struct execution_request request = start_request(job);
    enum arm_fault fault = FAULT_NONE;
    char reason[RESULT_REASON] = "";
    request.arguments = command->arguments;
    request.directory = command->directory;
    request.output = job->options->keep_output ? job->output : -1;
    request.errors = job->errors;
    request.own_memory = round->own_memory;
    request.traced = round->traced;
    request.plan = round->counted ? &job->run->counter_plan : NULL;
    request.set = round->set;
    int status = command->server ? command_server_choose_port(job, problem) : 0;
    if (status == 0)
        status =
            command_help(job, option_name(SETTING_PREPARE), command->prepare, command->directory, problem);
    if (status == 0)
        status = run_beside_server(job, arm, &request, reason, sizeof reason, problem);
    if (status == 0 && ((status = output_take(job->output, &job->outputs[arm])) ||
                        (status = output_take(job->errors, &job->said[arm]))))
        problem_set(problem, -status, "output of %s: %s", command->label, strerror(-status));
    if (status == 0 && job->last[arm].end == EXECUTION_INTERRUPTED)
        status = -EINTR;
    if (status == 0) /* before --conclude, which may take its files away */
        fault = reason[0] ? FAULT_SERVER : judge_end(job, arm, reason, sizeof reason);
    if (status == 0)
        status =
            command_help(job, option_name(SETTING_CONCLUDE), command->conclude, command->directory, problem);
    if (status)
        return status;
    if (round->traced && fault != FAULT_NONE)
        note_untraced(job, arm, AS_TRACED, reason);
    else if (job->last[arm].untraced.text[0])
        note_untraced(job, arm, command->label, job->last[arm].untraced.text);
    if (fault == FAULT_NONE || round->traced)
        return 0;
    blame(job, arm, fault, reason);
    return -ESTALE;
}

/* Where an answer differs from the baseline's in this round; empty if it does not. */
static void judge_answer(const struct command_job *job, size_t arm, char *reason, size_t size) {
    const char *label = command_of(job, arm)->label, *baseline = command_of(job, 0)->label;
    char where[192], rival[RESULT_NAME + 32];
    snprintf(rival, sizeof rival, "%s%s", baseline, is_placebo(job, arm) ? " when it is run again" : "");
    reason[0] = '\0';
    if (job->last[arm].status != job->last[0].status) {
        snprintf(reason, size, "wrong answer: %s ended with exit status %d, %s with %d", label,
                 job->last[arm].status, baseline, job->last[0].status);
        return;
    }
    for (int i = 0; i < 2; i++) {
        bool compared =
            i ? job->options->compare_errors : job->options->keep_output && job->options->compare_output;
        const struct command_output *outputs = i ? job->said : job->outputs;
        if (compared && !reason[0] && output_compare(&outputs[0], &outputs[arm], where, sizeof where))
            snprintf(reason, size, "wrong answer: %s of %s differs from that of %s at %s%s%s%s",
                     i ? "standard error" : "standard output", label, rival, where,
                     is_placebo(job, arm) ? "; " : "",
                     is_placebo(job, arm) ? option_name(SETTING_IGNORE_OUTPUT) : "",
                     is_placebo(job, arm) ? " waives it" : "");
    }
}

/* From the placebo on: where the baseline does not repeat itself, nobody else is to blame. */
static int judge_answers(struct command_job *job, bool traced, const size_t *live, size_t count) {
    char reason[RESULT_REASON];
    int status = 0;
    for (size_t i = count; i-- > 0;) {
        if (live[i] == 0 || job->measurement.arms[live[i]].invalid)
            continue;
        judge_answer(job, live[i], reason, sizeof reason);
        if (!reason[0])
            continue;
        if (traced) {
            note_untraced(job, live[i], AS_TRACED, reason);
            continue;
        }
        blame(job, live[i], FAULT_WRONG_ANSWER, reason);
        status = -ESTALE;
    }
    return status;
}

/* Every live arm once, in the given order. As execute. */
int command_round(struct command_job *job, const struct round *round, const uint32_t *order,
                  const size_t *live, size_t count, struct problem *problem) {
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++)
        status = execute(job, live[order ? order[i] : i], round, problem);
    return status ? status : judge_answers(job, round->traced, live, count);
}
