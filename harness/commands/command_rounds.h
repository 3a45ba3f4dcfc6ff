/*
 * Whole commands as the arms of a measurement: rounds of executions, each arm once in random order, in
 * replicates that differ by the size of the environment. Samples, verdicts and result file are those of any
 * other run, so all that reads one reads these as well.
 *
 * Every execution is a process of its own with addresses of its own, so that rounds differ already by what
 * differs between replicates elsewhere. What is left for the replicate: the size of the environment, an
 * empty folder that its commands share, and the stretch of time that it lies in.
 */
#ifndef COMMANDS_COMMAND_ROUNDS_H
#define COMMANDS_COMMAND_ROUNDS_H

#include "commands/command_sample.h"
#include "measure/runner.h"
#include "run/supervisor.h"
#include "store/result.h"

#include <stdbool.h>
#include <stddef.h>

#define COMMANDS_MOST CS_MAX_VARIANTS /**< commands of one comparison, the baseline included */
#define COMMAND_LEAST_ROUNDS 8        /**< rounds of a point at the least, however slow the commands are */
#define COMMAND_KERNEL "command"      /**< kernel of measurements whose arms are commands */

/** One command of a point. Borrowed, all of it. */
struct command_arm {
    const char *label;      /**< the variant's name: "A" */
    const char *text;       /**< as it was given, for messages and the result file */
    char *const *arguments; /**< ends with NULL: what is executed */
    const char *directory;  /**< working folder; NULL: the caller's */
    char *const *prepare;   /**< NULL, or: run before each execution, untimed */
    char *const *conclude;  /**< NULL, or: run after each execution, untimed */
    char *const *server; /**< NULL, or: runs during each execution, which asks it; of all arms, or of none */
    char *const *ready;  /**< NULL: it is ready once it listens on $COUNTERSIGN_PORT; or: ends with 0 then */
};

/** Commands at one point of a sweep; the first is the baseline. */
struct command_point {
    struct point point;
    struct command_arm arms[COMMANDS_MOST];
    size_t arm_count;
    char *const *setup;   /**< NULL, or: run once before the point */
    char *const *cleanup; /**< NULL, or: run once after it, however it went */
};

struct command_options {
    struct run_settings settings;
    const char *case_name;  /**< of the comparisons: "duel" */
    const char *kernel;     /**< of the measurements; NULL: COMMAND_KERNEL */
    const char *item;       /**< that times are of; NULL: a run */
    const char *case_title; /**< may be empty: made of the commands' texts */
    double target;          /**< speedup aimed at */
    size_t rounds;          /**< of a point, over all replicates; 0: as many as the budget holds */
    size_t warmup;     /**< untimed executions of each arm before the first replicate; at least one is made */
    const char *input; /**< standard input; NULL: /dev/null */
    bool keep_output;  /**< standard output goes to memory and is compared; false: to /dev/null */
    bool compare_output; /**< a difference to the baseline's of the same round makes an arm invalid */
    bool compare_errors; /**< standard error likewise */
    bool ignore_failure; /**< exit statuses are compared, but may be other than 0 */
    /** NULL, or: reads what each execution tells of itself; then keep_output holds, and nothing is counted of
     * the process, start-up included, that a time of its own is no part of. */
    command_sampler *sampler;
    const void *sampler_context;
    double ready_s;                         /**< that a server may take until it is ready */
    const char *server_cpus;                /**< NULL: see command_server_cpus */
    bool (*always_says)(const char *line);  /**< NULL, or: lines of standard error that explain no failure */
    const struct runner_listener *listener; /**< NULL: nobody is told */
};

/**
 * Measures the points and appends their measurements and comparisons to `run`, whose host and settings are
 * filled. Verdicts are not yet corrected for their number: comparisons_correct, once, when all are there.
 * supervisor: its scratch, topology, limits (memory_bytes and file_bytes 0: none; total_s: of one execution)
 * and `interrupted` are used. An arm that fails becomes invalid with the reason and the others go on.
 * Interrupted, the complete rounds of the point under way are kept. Returns 0, or -errno with the problem (a
 * command cannot be started, --setup or --prepare failed); what was complete stays in `run`.
 */
int commands_run(struct supervisor *supervisor, const struct command_point *points, size_t count,
                 const struct command_options *options, struct run *run, struct problem *problem);

/**
 * Fills run->counter_plan with what is counted of commands: what wait4 and /proc tell, and a PMU's events.
 */
void command_counters(const struct sample_clock *clock, unsigned cpu, bool wanted, struct counter_plan *plan);

/** The same where commands tell of themselves: nothing is counted, and nothing said to be missing. */
void command_counters_none(struct counter_plan *plan);

#endif
