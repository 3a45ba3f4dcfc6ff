/* One point of a duel of commands while it is measured. Private to the two files that do it. */
#ifndef COMMANDS_COMMAND_JOB_H
#define COMMANDS_COMMAND_JOB_H

#include "base/nursery.h"
#include "commands/command_output.h"
#include "commands/command_process.h"
#include "commands/command_rounds.h"
#include "commands/command_sample.h"
#include "commands/command_server.h"
#include "stats/schedule.h"

#define COMMAND_VARIABLES 4096 /**< of the environment at the most */
#define COMMAND_PADDING 4096   /**< bytes that the environment of replicates differs by, at the most */

/** Sums over the executions of one arm in one replicate. */
struct arm_sums {
    double counters[COUNTER_EVENTS];
    double counted[COUNTER_EVENTS]; /**< executions that each was counted in */
    double wall_ns, cpu_ns, peak_rss;
    struct sample_sums told; /**< with options->sampler */
};

/** What the nursery is told, and what it answers. */
struct command_order {
    struct execution_request request;
    struct execution execution;
    struct problem problem;
};

/** One point while it is measured. In memory that the nursery shares, which starts commands and sees no
 * output. */
struct command_job {
    struct supervisor *supervisor;
    const struct command_point *point;
    const struct command_options *options;
    struct run *run;
    struct measurement measurement;
    struct nursery nursery;
    struct command_order order;
    int output, errors, help; /**< files that commands write to, the last one those that prepare */
    struct command_output outputs[SCHEDULE_MAX_ARMS], said[SCHEDULE_MAX_ARMS];
    struct execution last[SCHEDULE_MAX_ARMS];         /**< of the round under way */
    struct command_sample samples[SCHEDULE_MAX_ARMS]; /**< likewise, with options->sampler */
    struct arm_sums sums[SCHEDULE_MAX_ARMS];
    unsigned cpus[TOPOLOGY_MAX_CPUS];
    size_t cpu_count;
    cpu_set_t binding, server_binding;
    struct command_server server;
    char port_variable[32];
    char folder[4200], padding[COMMAND_PADDING + 32], folder_variable[4300];
    char *environment[COMMAND_VARIABLES + 4];
    uint64_t executions;              /**< so far, those that prepare included */
    bool untraced[SCHEDULE_MAX_ARMS]; /**< tracing it failed once, and would again */
    bool slow; /**< an execution takes long enough to be started from a copy of the caller's memory */
};

/** How a round is run. */
struct round {
    bool own_memory, counted;
    bool traced; /**< for system calls alone: what fails so is to blame for nothing */
    unsigned set;
};

/** The command of an arm; the placebo's is the baseline's. */
const struct command_arm *command_of(const struct command_job *job, size_t arm);

/**
 * Makes what a replicate has of its own: an empty folder, and an environment of another size. 0 or -errno.
 */
int command_enter(struct command_job *job, size_t index, uint64_t seed, struct problem *problem);
/** Removes it. */
void command_leave(struct command_job *job);

/**
 * Runs a command that only prepares; `what` names its option. 0; -EINTR; -ECANCELED with the problem where it
 * failed; or another -errno with the problem.
 */
int command_help(struct command_job *job, const char *what, char *const *arguments, const char *directory,
                 struct problem *problem);

/**
 * Runs every arm of `live` once, in `order` (NULL: as they are), and compares answers. 0; -ESTALE: an arm is
 * invalid now; -EINTR; or another -errno with the problem.
 */
int command_round(struct command_job *job, const struct round *round, const uint32_t *order,
                  const size_t *live, size_t count, struct problem *problem);

#endif
