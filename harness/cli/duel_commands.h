/* Commands of a duel: their options, and how they are measured and reported; for every way that runs
 * commands. */
#ifndef CLI_DUEL_COMMANDS_H
#define CLI_DUEL_COMMANDS_H

#include "base/words.h"
#include "cli/cli.h"
#include "commands/command_rounds.h"
#include "commands/command_server.h"

#define DUEL_PARAMETERS (RESULT_PARAMETERS - 1)
#define DUEL_VALUES 256 /**< of one parameter */

/** One parameter of the sweep: {NAME} in commands. */
struct duel_parameter {
    char name[RESULT_NAME];
    char (*values)[RESULT_NAME];
    size_t count;
    bool numeric; /**< all values are whole numbers */
};

/** One command of the command line. */
struct duel_command {
    char *text, *directory; /**< owned; directory NULL: the current one */
    char label[RESULT_NAME];
};

/** Everything about commands that options say. */
struct duel_commands {
    struct command_options options;
    struct worker_limits limits; /**< total_s is that of one execution */
    enum table_format format;
    const char *output, *scratch, *shell; /**< shell "none": no shell */
    bool quiet;
    struct words names, setup, prepare, conclude, cleanup, servers;
    const char *ready;        /**< NULL: once a server listens */
    struct client_words told; /**< what is read of the client's output */
    struct duel_parameter parameters[DUEL_PARAMETERS];
    size_t parameter_count;
    struct duel_command commands[COMMANDS_MOST];
    size_t command_count;
    /** NULL, or: what is measured in place of `commands` and `parameters`, and what of it is left out. */
    const struct command_point *points;
    size_t point_count;
    const struct skipped *skipped;
    size_t skipped_count;
};

/** Values of the options below; others of a verb end before them. */
enum {
    DUEL_OPTION_FIRST = 1024,
    DUEL_BUDGET = DUEL_OPTION_FIRST,
    DUEL_ROUNDS,
    DUEL_WARMUP,
    DUEL_DELTA,
    DUEL_TARGET,
    DUEL_REPLICATES,
    DUEL_SEED,
    DUEL_CPUS,
    DUEL_NO_COUNTERS,
    DUEL_SHELL,
    DUEL_INPUT,
    DUEL_IGNORE_OUTPUT,
    DUEL_COMPARE_STDERR,
    DUEL_IGNORE_FAILURE,
    DUEL_DISCARD_OUTPUT,
    DUEL_PREPARE,
    DUEL_CONCLUDE,
    DUEL_SETUP,
    DUEL_CLEANUP,
    DUEL_PARAMETER,
    DUEL_NAME,
    DUEL_TIME_LIMIT,
    DUEL_MEMORY_LIMIT,
    DUEL_FILE_LIMIT,
    DUEL_SCRATCH,
    DUEL_OUTPUT,
    DUEL_FORMAT,
    DUEL_QUIET,
    DUEL_SERVER,
    DUEL_READY,
    DUEL_READY_LIMIT,
    DUEL_RATE,
    DUEL_SERVER_CPUS,
    DUEL_OPTION_LAST = DUEL_SERVER_CPUS
};

/** Their rows, ended by one without name and help. */
extern const struct option_row duel_command_rows[];

/** The defaults, with a drawn seed. Clear it with duel_commands_clear. */
void duel_commands_start(struct duel_commands *duel);
void duel_commands_clear(struct duel_commands *duel);

/** The way that compares two executables of Google Benchmark: its options, and the verb. */
enum { BENCHMARK_GOOGLE = 640, BENCHMARK_FILTER, BENCHMARK_MIN_TIME };
extern const struct option_row duel_benchmark_rows[];

/** Options of commands that ask a server (duel_server.c). */
extern const struct option_row duel_server_rows[];
/** Takes one of them. 0, -1 after printing what is wrong, or 1: it is none of them. */
int duel_server_option(struct duel_commands *duel, const struct given_option *given);
/** What follows from them for the measuring, when all are read and `duel` has the clients. 0 or -1 after a message. */
int duel_server_settle(struct duel_commands *duel);

/** Takes one of the options above. 0, or -1 after printing what is wrong. */
int duel_commands_option(struct duel_commands *duel, const struct given_option *given);

/**
 * Adds a command. `label` NULL: A, B, C …, or the --name given for it; `directory` NULL: the current one. 0,
 * or -1 after printing what is wrong.
 */
int duel_commands_add(struct duel_commands *duel, const char *label, const char *text, const char *directory);

/**
 * Measures the commands against the first and appends to `run`, which may hold earlier measurements of the
 * same settings, verdicts not yet corrected for their number (comparisons_correct); nothing is printed but
 * progress on a terminal. On its first call for a run, fills host, settings and counter_plan. SIGINT, SIGTERM
 * and SIGHUP must be caught (catch_signals). 0 or -errno with the problem.
 */
int duel_commands_measure(struct duel_commands *duel, struct run *run, struct problem *problem);

/**
 * The whole verb after its options: measures, writes the result file, prints the table. argc and argv are
 * recorded as the command line. Returns the exit status.
 */
int duel_commands_report(struct duel_commands *duel, int argc, char **argv);

#endif
