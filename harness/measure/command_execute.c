/* Rounds of commands: what runs before, in and after each execution, and whether it is a sample. */
#include "measure/command_job.h"

#include "measure/command_output.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const struct command_arm *command_of(const struct command_job *job, size_t arm) {
    return &job->point->arms[arm < job->point->arm_count ? arm : 0];
}

static bool is_placebo(const struct command_job *job, size_t arm) {
    return arm >= job->point->arm_count;
}

static int remove_entry(const char *path, const struct stat *facts, int kind, struct FTW *level) {
    (void)facts, (void)kind, (void)level;
    remove(path);
    return 0;
}

/* What a replicate has of its own: an empty folder, and an environment of another size. */
int command_enter(struct command_job *job, size_t index, uint64_t seed, struct problem *problem) {
    extern char **environ;
    size_t count = 0, length = (size_t)(seed >> 13) % COMMAND_PADDING;
    snprintf(job->folder, sizeof job->folder, "%s/replicate-%zu", job->supervisor->scratch, index);
    if (mkdir(job->folder, 0700) != 0)
        return problem_set(problem, errno, "cannot make the folder %s: %s", job->folder, strerror(errno));
    while (environ[count])
        count++;
    char **environment = calloc(count + 3, sizeof *environment);
    if (!environment)
        return problem_set(problem, ENOMEM, "no memory for an environment");
    memcpy(environment, environ, count * sizeof *environment);
    strcpy(job->padding, "COUNTERSIGN_PADDING=");
    memset(job->padding + strlen(job->padding), 'x', length);
    snprintf(job->folder_variable, sizeof job->folder_variable, "COUNTERSIGN_SCRATCH=%s", job->folder);
    environment[count] = job->padding;
    environment[count + 1] = job->folder_variable;
    job->environment = environment;
    return 0;
}

void command_leave(struct command_job *job) {
    if (job->folder[0])
        nftw(job->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(job->environment);
    memset(job->padding, 0, sizeof job->padding);
    job->environment = NULL;
    job->folder[0] = '\0';
}

static struct execution_request start_request(const struct command_job *job) {
    const struct worker_limits *limits = &job->supervisor->limits;
    return (struct execution_request){.environment = job->environment,
                                      .input = job->options->input,
                                      .output = -1,
                                      .errors = -1,
                                      .cpus = job->cpu_count ? &job->binding : NULL,
                                      .time_s = limits->total_s,
                                      .memory_bytes = limits->memory_bytes,
                                      .file_bytes = limits->file_bytes,
                                      .clock = &job->run->host.clock,
                                      .interrupted = job->supervisor->interrupted};
}

/* A command that only prepares: what it prints is shown where it fails. */
int command_help(const struct command_job *job, const char *what, char *const *arguments,
                 const char *directory, struct problem *problem) {
    struct execution_request request = start_request(job);
    struct execution execution;
    char said[128] = "";
    if (!arguments)
        return 0;
    int errors = memfd_create("countersign-errors", MFD_CLOEXEC);
    request.arguments = arguments;
    request.directory = directory;
    request.errors = errors;
    request.input = NULL;
    int status = execution_run(&request, &execution, problem);
    if (errors >= 0) {
        output_last_line(errors, said, sizeof said);
        close(errors);
    }
    if (status)
        return status;
    if (execution.end == EXECUTION_INTERRUPTED)
        return -EINTR;
    if (execution.end == EXECUTION_EXITED && execution.status == 0)
        return 0;
    return problem_set(problem, ECANCELED, "%s '%s' failed with %s %d%s%s", what,
                       arguments[1] && arguments[2] ? arguments[2] : arguments[0],
                       execution.end == EXECUTION_EXITED     ? "exit status"
                       : execution.end == EXECUTION_SIGNALED ? "signal"
                                                             : "a time-out, signal",
                       execution.status, said[0] ? "; it said: " : "", said);
}

static void invalidate(struct measurement *measurement, size_t arm, const char *reason) {
    measurement->arms[arm].invalid = true;
    snprintf(measurement->arms[arm].reason, sizeof measurement->arms[arm].reason, "%s", reason);
}

/* A baseline that fails leaves nothing to compare with, and its placebo is the baseline. */
static void blame(struct command_job *job, size_t arm, const char *reason) {
    struct measurement *measurement = &job->measurement;
    bool baseline = arm == 0 || is_placebo(job, arm);
    for (size_t i = 0; i < measurement->arm_count; i++)
        if (!measurement->arms[i].invalid && (i == arm || baseline))
            invalidate(measurement, i, reason);
}

/* Why an execution alone is no sample; empty if it is one. */
static void judge_end(const struct command_job *job, size_t arm, char *reason, size_t size) {
    const struct execution *execution = &job->last[arm];
    const char *label = command_of(job, arm)->label;
    const struct worker_limits *limits = &job->supervisor->limits;
    char last[128], said[160] = "";
    output_last_line(job->errors[arm], last, sizeof last);
    if (last[0])
        snprintf(said, sizeof said, "; it said: %s", last);
    reason[0] = '\0';
    if (execution->end == EXECUTION_TIMED_OUT)
        snprintf(reason, size, "%s took longer than %g s (--time-limit)%s", label, limits->total_s, said);
    else if (execution->end == EXECUTION_SIGNALED && execution->status == SIGXFSZ)
        snprintf(reason, size, "%s wrote a file or output beyond the limit of %.3g MiB (--file-limit)", label,
                 (double)limits->file_bytes / 0x1p20);
    else if (execution->end == EXECUTION_SIGNALED && execution->status == SIGKILL)
        snprintf(reason, size,
                 "%s was killed by SIGKILL from outside; most likely the system ran out of memory", label);
    else if (execution->end == EXECUTION_SIGNALED) {
        const char *name = sigabbrev_np(execution->status);
        snprintf(reason, size, "%s was ended by SIG%s%s", label, name ? name : "?", said);
    } else if (execution->status != 0 && !job->options->ignore_failure)
        snprintf(reason, size, "%s ended with exit status %d (--ignore-failure lets it)%s", label,
                 execution->status, said);
}

/* 0; -ESTALE: the arm is invalid now; -EINTR; or another -errno with the problem. */
static int execute(struct command_job *job, size_t arm, const struct round *round, struct problem *problem) {
    const struct command_arm *command = command_of(job, arm);
    struct execution_request request = start_request(job);
    char reason[RESULT_REASON];
    for (int i = 0; i < 2; i++) {
        int file = i ? job->errors[arm] : job->output[arm];
        if (ftruncate(file, 0) != 0 || lseek(file, 0, SEEK_SET) != 0)
            return problem_set(problem, errno, "output of %s: %s", command->label, strerror(errno));
    }
    request.arguments = command->arguments;
    request.directory = command->directory;
    request.output = job->options->keep_output ? job->output[arm] : -1;
    request.errors = job->errors[arm];
    request.own_memory = round->own_memory;
    request.plan = round->counted ? &job->run->counter_plan : NULL;
    request.set = round->set;
    int status = command_help(job, "--prepare", command->prepare, command->directory, problem);
    if (status == 0)
        status = execution_run(&request, &job->last[arm], problem);
    if (status == 0 && job->last[arm].end == EXECUTION_INTERRUPTED)
        status = -EINTR;
    if (status == 0)
        status = command_help(job, "--conclude", command->conclude, command->directory, problem);
    if (status)
        return status;
    judge_end(job, arm, reason, sizeof reason);
    if (!reason[0])
        return 0;
    blame(job, arm, reason);
    return -ESTALE;
}

/* Where an answer differs from the baseline's in this round; empty if it does not. 0 or -errno. */
static int judge_answer(const struct command_job *job, size_t arm, char *reason, size_t size) {
    const char *label = command_of(job, arm)->label, *baseline = command_of(job, 0)->label;
    char where[192], rival[RESULT_NAME + 32];
    snprintf(rival, sizeof rival, "%s%s", baseline, is_placebo(job, arm) ? " when it is run again" : "");
    reason[0] = '\0';
    if (job->last[arm].status != job->last[0].status) {
        snprintf(reason, size, "wrong answer: %s ended with exit status %d, %s with %d", label,
                 job->last[arm].status, baseline, job->last[0].status);
        return 0;
    }
    for (int i = 0; i < 2; i++) {
        bool compared =
            i ? job->options->compare_errors : job->options->keep_output && job->options->compare_output;
        const int *files = i ? job->errors : job->output;
        int differs = compared ? output_compare(files[0], files[arm], where, sizeof where) : 0;
        if (differs < 0)
            return differs;
        if (differs && !reason[0])
            snprintf(reason, size, "wrong answer: %s of %s differs from that of %s at %s%s",
                     i ? "standard error" : "standard output", label, rival, where,
                     is_placebo(job, arm) ? "; --ignore-output waives it" : "");
    }
    return 0;
}

/* From the placebo on: where the baseline does not repeat itself, nobody else is to blame. */
static int judge_answers(struct command_job *job, const size_t *live, size_t count, struct problem *problem) {
    char reason[RESULT_REASON];
    int status = 0;
    for (size_t i = count; i-- > 0;) {
        if (live[i] == 0 || job->measurement.arms[live[i]].invalid)
            continue;
        int failed = judge_answer(job, live[i], reason, sizeof reason);
        if (failed)
            return problem_set(problem, -failed, "cannot compare outputs: %s", strerror(-failed));
        if (!reason[0])
            continue;
        blame(job, live[i], reason);
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
    return status ? status : judge_answers(job, live, count, problem);
}
