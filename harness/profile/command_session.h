/* A command while it is profiled. Private to the files that do it. */
#ifndef PROFILE_COMMAND_SESSION_H
#define PROFILE_COMMAND_SESSION_H

#include "commands/command_output.h"
#include "commands/command_process.h"
#include "counters/callgrind.h"
#include "profile/perf_samples.h"
#include "profile/profile_command.h"
#include "profile/program.h"

struct command_session {
    const struct supervisor *supervisor;
    const struct command_profile_request *request;
    struct profile_variant *variant;
    struct program program;
    struct callgrind_tool callgrind;
    struct callgrind_caches caches;
    struct perf_tool perf;
    cpu_set_t cpus;     /* where it may run: bound to them with request->cpus alone */
    int output, errors; /* files that it writes to */
    int exit_status;    /* when it was timed */
    double cpu_s;       /* of one run */
    bool alone;         /* it is known to be one process of one thread */
};

/** One execution, and why it failed. */
struct command_run {
    struct execution execution;
    char failed[RESULT_REASON]; /**< behind "it"; empty if it ended well */
};

/**
 * Runs `arguments`, which are or end with the command, for at most `time_s` and with `more_bytes` of memory beyond the
 * limit. Returns 0, whatever became of it; -EINTR; or -errno with the problem where it could not be started.
 */
int command_session_run(struct command_session *session, char *const *arguments, double time_s,
                        uint64_t more_bytes, bool own_memory, struct command_run *run,
                        struct problem *problem);

/** `prefix`, which ends with NULL, before the command's own words; they stay theirs. To be freed; NULL: no memory. */
char **command_session_words(const struct command_session *session, const char *const *prefix);

/**
 * Simulates the command: counts and places into the variant, or why there are none into `missing`. Returns as
 * command_session_run.
 */
int command_simulate(struct command_session *session, char missing[RESULT_SIM_REASON],
                     struct problem *problem);

/** Samples it with perf. What goes wrong with perf is variant->reason. Returns as command_session_run. */
int command_sample_places(struct command_session *session, struct problem *problem);

#endif
