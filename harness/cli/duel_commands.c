/* countersign duel 'cmd A' 'cmd B': options of commands. */
#include "cli/duel_commands.h"

#include "cli/duel.h"
#include "cli/duel_parameters.h"
#include "cli/revisions.h"
#include "cli/run_start.h"
#include "stats/sequential.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct option_row duel_command_rows[] = {
    {"budget", "S", DUEL_BUDGET, "seconds of timing a comparison (default 10)", NUMBER_FROM(0.01, 86400)},
    {"rounds", "N", DUEL_ROUNDS,
     "rounds, whatever they take: each runs every command once, the first one twice (default: as the budget "
     "holds, at least 8)",
     WHOLE_FROM(2, 100000)},
    {"warmup", "N", DUEL_WARMUP, "untimed rounds first (default 1, or 2 where they are short)",
     WHOLE_FROM(0, 10000)},
    {"delta", "PERCENT", DUEL_DELTA, "smallest difference worth a word (default 1)", NUMBER_FROM(0.001, 100)},
    {"target", "FACTOR", DUEL_TARGET, "speedup aimed at (default 1.25)", NUMBER_FROM(0.01, 1000)},
    {"replicates", "N", DUEL_REPLICATES,
     "parts of the rounds, each with an environment of another size (default 8)",
     WHOLE_FROM(2, SEQUENTIAL_MOST)},
    {"seed", "N", DUEL_SEED, "of the order (default: random, recorded)", WHOLE_FROM(0, UINT64_MAX)},
    {"name", "LABEL", DUEL_NAME, "of the commands, in their order, one option each (default A, B, C …)",
     ANY_TEXT},
    {"parameter", "NAME=V1,V2,… or NAME=FROM..TO[:STEP]", DUEL_PARAMETER,
     "replaces {NAME} in all commands; several make every combination", ANY_TEXT},
    {"shell", "PATH", DUEL_SHELL,
     "what runs the commands, with -c (default /bin/sh); none: no shell, words are split as a shell would",
     .kind = VALUE_FILE},
    {"input", "FILE", DUEL_INPUT, "their standard input (default: empty)", .kind = VALUE_FILE},
    /* Of functions it is a file; shells complete both alike. */
    {"setup", "COMMAND", DUEL_SETUP, "once before the rounds of a point, untimed", .kind = VALUE_FILE},
    {"prepare", "COMMAND", DUEL_PREPARE,
     "before each execution, untimed; given once for all, or once for each command", .kind = VALUE_COMMAND},
    {"conclude", "COMMAND", DUEL_CONCLUDE, "after each execution, likewise", .kind = VALUE_COMMAND},
    {"cleanup", "COMMAND", DUEL_CLEANUP, "once after the rounds of a point", .kind = VALUE_COMMAND},
    {"ignore-output", NULL, DUEL_IGNORE_OUTPUT, "standard output may differ", FLAG},
    {"discard-output", NULL, DUEL_DISCARD_OUTPUT, "standard output goes to /dev/null, and is not compared",
     FLAG},
    {"compare-stderr", NULL, DUEL_COMPARE_STDERR, "standard error must not differ either", FLAG},
    {"ignore-failure", NULL, DUEL_IGNORE_FAILURE, "exit statuses may be other than 0, but must be the same",
     FLAG},
    {"cpus", "LIST", DUEL_CPUS, "processing units, e.g. 2,3 or 4-7 (default: all that are allowed)",
     ANY_TEXT},
    {"no-counters", NULL, DUEL_NO_COUNTERS, "time alone", FLAG},
    {"time-limit", "S", DUEL_TIME_LIMIT, "longest time of one execution (default 600)",
     NUMBER_FROM(0.01, 86400)},
    {"memory-limit", "SIZE", DUEL_MEMORY_LIMIT, "memory of a command and all that it starts (default: none)",
     .kind = VALUE_SIZE},
    {"file-limit", "SIZE", DUEL_FILE_LIMIT,
     "largest file a command may write, standard output included (default 1G)", .kind = VALUE_SIZE},
    {"scratch", "FOLDER", DUEL_SCRATCH,
     "where $COUNTERSIGN_SCRATCH, an empty folder for the commands, is made (default $TMPDIR or /var/tmp)",
     .kind = VALUE_FOLDER},
    {"output", "PATH", DUEL_OUTPUT,
     "result file, or folder for it (default: results/runs, or the user's data folder)", .kind = VALUE_FILE},
    {"format", "FORMAT", DUEL_FORMAT, "table (default), markdown, csv or json", TABLE_FORMATS},
    {"quiet", NULL, DUEL_QUIET, "no progress, and no notes beside the result", FLAG},
    {.name = NULL}};

void duel_commands_start(struct duel_commands *duel) {
    *duel = (struct duel_commands){.options = {.settings = {.points = "sweep",
                                                            .budget_s = 10,
                                                            .delta = 0.01,
                                                            .confidence = 0.95,
                                                            .looks = 1,
                                                            .replicates = 8,
                                                            .seed = draw_seed(),
                                                            .state = "warm",
                                                            .layout = "fixed",
                                                            .build = "native",
                                                            .counters = true,
                                                            .placebo = true},
                                               .case_name = "duel",
                                               .target = 1.25,
                                               .keep_output = true,
                                               .compare_output = true},
                                   .limits = {.total_s = 600, .file_bytes = (uint64_t)1 << 30},
                                   .shell = "/bin/sh"};
}

void duel_commands_clear(struct duel_commands *duel) {
    words_clear(&duel->names);
    words_clear(&duel->setup);
    words_clear(&duel->prepare);
    words_clear(&duel->conclude);
    words_clear(&duel->cleanup);
    words_clear(&duel->servers);
    for (size_t i = 0; i < duel->parameter_count; i++)
        free(duel->parameters[i].values);
    for (size_t i = 0; i < duel->command_count; i++) {
        free(duel->commands[i].text);
        free(duel->commands[i].directory);
    }
    *duel = (struct duel_commands){0};
}

static int add_word(struct words *words, const char *word) {
    return words_add(words, word) ? fail(-1, "out of memory") : 0;
}

static int set_cpus(const char *list, struct run_settings *settings) {
    size_t most = sizeof settings->cpus - 1;
    if (!*list || strlen(list) > most)
        return fail(-1, "--cpus: expected a list such as 2,3 or 4-7, of at most %zu characters, got %s", most,
                    *list ? "more" : "an empty one");
    snprintf(settings->cpus, sizeof settings->cpus, "%s", list);
    return 0;
}

static int set_input(const char *path, struct duel_commands *duel) {
    struct stat facts;
    if (access(path, R_OK) != 0 || stat(path, &facts) != 0 || S_ISDIR(facts.st_mode))
        return fail(-1, "--input: expected a file that can be read, got '%s'", path);
    duel->options.input = path;
    return 0;
}

static int add_parameter(const char *text, struct duel_commands *duel) {
    struct duel_parameter *parameter = &duel->parameters[duel->parameter_count];
    if (duel->parameter_count == DUEL_PARAMETERS)
        return fail(-1, "--parameter: expected at most %d of them", DUEL_PARAMETERS);
    if (parse_duel_parameter(text, parameter))
        return -1;
    duel->parameter_count++;
    for (size_t i = 0; i + 1 < duel->parameter_count; i++)
        if (!strcmp(duel->parameters[i].name, parameter->name))
            return fail(-1, "--parameter: %s is given twice", parameter->name);
    return 0;
}

/* Options whose value is a number or a format. */
static int set_number(struct duel_commands *duel, const struct given_option *given) {
    struct run_settings *settings = &duel->options.settings;
    switch (given->row->value) {
    case DUEL_BUDGET:
        settings->budget_s = given->number;
        return 0;
    case DUEL_ROUNDS:
        duel->options.rounds = given->whole;
        return 0;
    case DUEL_WARMUP:
        duel->options.warmup = given->whole;
        return 0;
    case DUEL_DELTA:
        settings->delta = given->number / 100;
        return 0;
    case DUEL_TARGET:
        duel->options.target = given->number;
        return 0;
    case DUEL_REPLICATES:
        settings->replicates = (unsigned)given->whole;
        return 0;
    case DUEL_SEED:
        settings->seed = given->whole;
        return 0;
    case DUEL_TIME_LIMIT:
        duel->limits.total_s = given->number;
        return 0;
    case DUEL_MEMORY_LIMIT:
        duel->limits.memory_bytes = given->whole;
        return 0;
    case DUEL_FILE_LIMIT:
        duel->limits.file_bytes = given->whole;
        return 0;
    case DUEL_FORMAT:
        duel->format = (enum table_format)given->choice;
        return 0;
    default:
        return -1;
    }
}

/* Options that are there or not. 1: it is none of them. */
static int set_flag(struct duel_commands *duel, int option) {
    switch (option) {
    case DUEL_NO_COUNTERS:
        duel->options.settings.counters = false;
        return 0;
    case DUEL_IGNORE_OUTPUT:
        duel->options.compare_output = false;
        return 0;
    case DUEL_DISCARD_OUTPUT:
        duel->options.keep_output = false;
        return 0;
    case DUEL_COMPARE_STDERR:
        duel->options.compare_errors = true;
        return 0;
    case DUEL_IGNORE_FAILURE:
        duel->options.ignore_failure = true;
        return 0;
    case DUEL_QUIET:
        duel->quiet = true;
        return 0;
    default:
        return 1;
    }
}

/* 1: it is none of them. */
static int set_text(struct duel_commands *duel, int option, const char *text) {
    switch (option) {
    case DUEL_CPUS:
        return set_cpus(text, &duel->options.settings);
    case DUEL_SHELL:
        duel->shell = text;
        return *text ? 0 : fail(-1, "--shell: expected a program or none, got nothing");
    case DUEL_INPUT:
        return set_input(text, duel);
    case DUEL_PREPARE:
        return add_word(&duel->prepare, text);
    case DUEL_CONCLUDE:
        return add_word(&duel->conclude, text);
    case DUEL_SETUP:
        return add_word(&duel->setup, text);
    case DUEL_CLEANUP:
        return add_word(&duel->cleanup, text);
    case DUEL_PARAMETER:
        return add_parameter(text, duel);
    case DUEL_NAME:
        return add_word(&duel->names, text);
    case DUEL_SCRATCH:
        duel->scratch = text;
        return 0;
    case DUEL_OUTPUT:
        duel->output = text;
        return 0;
    default:
        return 1;
    }
}

int duel_commands_option(struct duel_commands *duel, const struct given_option *given) {
    int status = duel_server_option(duel, given);
    if (status != 1)
        return status;
    status = set_flag(duel, given->row->value);
    if (status == 1)
        status = set_text(duel, given->row->value, given->text);
    return status == 1 ? set_number(duel, given) : status;
}

/* A, B … P; given ones first. */
static int choose_label(struct duel_commands *duel, const char *given, struct duel_command *command) {
    size_t index = duel->command_count;
    char letter[] = {(char)('A' + index), '\0'};
    const char *label = given ? given : index < duel->names.count ? duel->names.items[index] : letter;
    if (!*label || strlen(label) >= sizeof command->label)
        return fail(-1, "--name: expected 1 to %zu characters, got '%s'", sizeof command->label - 1, label);
    for (size_t i = 0; i < index; i++)
        if (!strcmp(duel->commands[i].label, label))
            return fail(-1, "--name: two commands cannot both be called '%s'", label);
    snprintf(command->label, sizeof command->label, "%s", label);
    return 0;
}

int duel_commands_add(struct duel_commands *duel, const char *label, const char *text,
                      const char *directory) {
    if (duel->command_count == COMMANDS_MOST)
        return fail(-1, "duel: expected at most %d commands", COMMANDS_MOST);
    struct duel_command *command = &duel->commands[duel->command_count];
    *command = (struct duel_command){0};
    if (!text[strspn(text, " \t\n")])
        return fail(-1, "duel: expected a command, got an empty one");
    if (choose_label(duel, label, command))
        return -1;
    command->text = strdup(text);
    command->directory = directory ? strdup(directory) : NULL;
    duel->command_count++;
    return command->text && (!directory || command->directory) ? 0 : fail(-1, "out of memory");
}

static int set_option(struct duel_commands *duel, const struct given_option *given) {
    int option = given->row->value;
    if (option >= DUEL_OPTION_FIRST && option <= DUEL_OPTION_LAST)
        return duel_commands_option(duel, given);
    bool benchmarks = option >= BENCHMARK_GOOGLE && option <= BENCHMARK_MIN_TIME;
    bool revisions = option >= REVISION_GIT && option < BENCHMARK_GOOGLE;
    return fail(-1, "duel: --%s is an option for %s, which needs %s; see `countersign duel --help`",
                given->row->name,
                benchmarks  ? "executables of Google Benchmark"
                : revisions ? "revisions"
                            : "functions",
                benchmarks  ? "--google-benchmark"
                : revisions ? "--git"
                            : "--call");
}

static int read_arguments(int argc, char **argv, struct duel_commands *duel) {
    struct given_option given;
    for (int option; (option = next_option(argc, argv, duel_options(), &given)) != -1;)
        if (option == '?' || set_option(duel, &given))
            return -1;
    if (argc - optind == 1 && duel_is_source(argv[optind]))
        return fail(-1, "duel: %s is no command; functions are compared in two files, A.c B.c", argv[optind]);
    for (int i = optind; i < argc; i++)
        if (duel_commands_add(duel, NULL, argv[i], NULL))
            return -1;
    if (duel->command_count == 0)
        return fail(-1,
                    "duel: expected commands, as in `countersign duel 'sort a.txt' 'sort -S 1G a.txt'`; see "
                    "`countersign duel --help`");
    if (duel_server_settle(duel))
        return -1;
    if (duel->names.count > duel->command_count)
        return fail(-1, "--name: %zu names, but %zu command%s", duel->names.count, duel->command_count,
                    duel->command_count == 1 ? "" : "s");
    return 0;
}

int duel_commands(int argc, char **argv) {
    struct duel_commands *duel = malloc(sizeof *duel);
    if (!duel)
        return fail(EXIT_NOTHING, "out of memory");
    duel_commands_start(duel);
    int status = read_arguments(argc, argv, duel) ? EXIT_USAGE : duel_commands_report(duel, argc, argv);
    duel_commands_clear(duel);
    free(duel);
    return status;
}
