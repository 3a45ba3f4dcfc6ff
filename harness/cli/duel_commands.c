/* countersign duel 'cmd A' 'cmd B': options of commands. */
#include "cli/duel_commands.h"

#include "cli/duel.h"
#include "cli/duel_parameters.h"
#include "cli/run_start.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char duel_commands_help[] =
    "commands\n"
    "  --budget S          seconds of timing a comparison (default 10)\n"
    "  --rounds N          rounds, whatever they take: each runs every command once, the first one twice\n"
    "                      (default: as the budget holds, at least 8)\n"
    "  --warmup N          untimed rounds first (default 1, or 2 where they are short)\n"
    "  --delta PERCENT     smallest difference worth a word (default 1)\n"
    "  --target FACTOR     speedup aimed at (default 1.25)\n"
    "  --replicates N      parts of the rounds, each with an environment of another size (default 8)\n"
    "  --seed N            of the order (default: random, recorded)\n"
    "  --name LABEL        of the commands, in their order, one option each (default A, B, C …)\n"
    "  --parameter NAME=V1,V2,… or NAME=FROM..TO[:STEP]\n"
    "                      replaces {NAME} in all commands; several make every combination\n"
    "  --shell PATH        what runs the commands, with -c (default /bin/sh); none: no shell, words are "
    "split\n"
    "                      as a shell would\n"
    "  --input FILE        their standard input (default: empty)\n"
    "  --setup COMMAND     once before the rounds of a point, untimed\n"
    "  --prepare COMMAND   before each execution, untimed; given once for all, or once for each command\n"
    "  --conclude COMMAND  after each execution, likewise\n"
    "  --cleanup COMMAND   once after the rounds of a point\n"
    "  --ignore-output     standard output may differ\n"
    "  --discard-output    standard output goes to /dev/null, and is not compared\n"
    "  --compare-stderr    standard error must not differ either\n"
    "  --ignore-failure    exit statuses may be other than 0, but must be the same\n"
    "  --cpus LIST         processing units, e.g. 2,3 or 4-7 (default: all that are allowed)\n"
    "  --no-counters       time alone\n"
    "  --time-limit S      longest time of one execution (default 600)\n"
    "  --memory-limit SIZE memory of a command and all that it starts (default: none)\n"
    "  --file-limit SIZE   largest file a command may write, standard output included (default 1G)\n"
    "  --scratch FOLDER    where $COUNTERSIGN_SCRATCH, an empty folder for the commands, is made\n"
    "                      (default $TMPDIR or /var/tmp)\n"
    "  --output PATH       result file, or folder for it (default: results/runs, or the user's data folder)\n"
    "  --format FORMAT     table (default), markdown, csv or json\n"
    "  --quiet             no progress\n\n";

enum { OPTION_OF_FUNCTIONS = 256, OPTION_OF_REVISIONS };

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

/* Options whose value is a number. 1: it is none of them. */
static int set_number(struct duel_commands *duel, int option) {
    struct run_settings *settings = &duel->options.settings;
    uint64_t number = 0;
    int status;
    switch (option) {
    case DUEL_BUDGET:
        return parse_number_option("--budget", optarg, 0.01, 86400, &settings->budget_s);
    case DUEL_ROUNDS:
        status = parse_integer_option("--rounds", optarg, 2, 100000, &number);
        duel->options.rounds = number;
        return status;
    case DUEL_WARMUP:
        status = parse_integer_option("--warmup", optarg, 0, 10000, &number);
        duel->options.warmup = number;
        return status;
    case DUEL_DELTA:
        status = parse_number_option("--delta", optarg, 0.001, 100, &settings->delta);
        settings->delta /= 100;
        return status;
    case DUEL_TARGET:
        return parse_number_option("--target", optarg, 0.01, 1000, &duel->options.target);
    case DUEL_REPLICATES:
        status = parse_integer_option("--replicates", optarg, 2, 1000, &number);
        settings->replicates = (unsigned)number;
        return status;
    case DUEL_SEED:
        return parse_integer_option("--seed", optarg, 0, UINT64_MAX, &settings->seed);
    case DUEL_TIME_LIMIT:
        return parse_number_option("--time-limit", optarg, 0.01, 86400, &duel->limits.total_s);
    case DUEL_MEMORY_LIMIT:
        return parse_size_option("--memory-limit", optarg, &duel->limits.memory_bytes);
    case DUEL_FILE_LIMIT:
        return parse_size_option("--file-limit", optarg, &duel->limits.file_bytes);
    default:
        return 1;
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

static int set_text(struct duel_commands *duel, int option) {
    switch (option) {
    case DUEL_CPUS:
        return set_cpus(optarg, &duel->options.settings);
    case DUEL_SHELL:
        duel->shell = optarg;
        return *optarg ? 0 : fail(-1, "--shell: expected a program or none, got nothing");
    case DUEL_INPUT:
        return set_input(optarg, duel);
    case DUEL_PREPARE:
        return add_word(&duel->prepare, optarg);
    case DUEL_CONCLUDE:
        return add_word(&duel->conclude, optarg);
    case DUEL_SETUP:
        return add_word(&duel->setup, optarg);
    case DUEL_CLEANUP:
        return add_word(&duel->cleanup, optarg);
    case DUEL_PARAMETER:
        return add_parameter(optarg, duel);
    case DUEL_NAME:
        return add_word(&duel->names, optarg);
    case DUEL_SCRATCH:
        duel->scratch = optarg;
        return 0;
    case DUEL_OUTPUT:
        duel->output = optarg;
        return 0;
    case DUEL_FORMAT: {
        int format = parse_format_option(optarg);
        duel->format = (enum table_format)format;
        return format < 0 ? -1 : 0;
    }
    default:
        return -1;
    }
}

int duel_commands_option(struct duel_commands *duel, int option) {
    int status = set_number(duel, option);
    if (status == 1)
        status = set_flag(duel, option);
    return status == 1 ? set_text(duel, option) : status;
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

/* Options of the other ways and --help, which is looked for first: here so that the answer to an unknown one
 * names all that there are. */
static const struct option options[] = {
    DUEL_COMMANDS_OPTIONS,
    {"call", required_argument, NULL, OPTION_OF_FUNCTIONS},
    {"sizes", required_argument, NULL, OPTION_OF_FUNCTIONS},
    {"input", required_argument, NULL, DUEL_INPUT},
    {"fix", required_argument, NULL, OPTION_OF_FUNCTIONS},
    {"length", required_argument, NULL, OPTION_OF_FUNCTIONS},
    {"in-out", required_argument, NULL, OPTION_OF_FUNCTIONS},
    {"threads", required_argument, NULL, OPTION_OF_FUNCTIONS},
    {"tolerance", required_argument, NULL, OPTION_OF_FUNCTIONS},
    {"batch", required_argument, NULL, OPTION_OF_FUNCTIONS},
    {"cflags", required_argument, NULL, OPTION_OF_FUNCTIONS},
    {"cflags-a", required_argument, NULL, OPTION_OF_FUNCTIONS},
    {"ldflags", required_argument, NULL, OPTION_OF_FUNCTIONS},
    {"symbol", required_argument, NULL, OPTION_OF_FUNCTIONS},
    {"keep", required_argument, NULL, OPTION_OF_FUNCTIONS},
    {"git", required_argument, NULL, OPTION_OF_REVISIONS},
    {"build", required_argument, NULL, OPTION_OF_REVISIONS},
    {"build-limit", required_argument, NULL, OPTION_OF_REVISIONS},
    {"repository", required_argument, NULL, OPTION_OF_REVISIONS},
    {"library", required_argument, NULL, OPTION_OF_REVISIONS},
    {"help", no_argument, NULL, OPTION_OF_REVISIONS},
    {NULL, 0, NULL, 0},
};

static int set_option(int argc, char **argv, struct duel_commands *duel, int option) {
    const char *word = argv[optind - 1 < argc ? optind - 1 : 0];
    if (option == '?')
        return -1;
    if (option != OPTION_OF_FUNCTIONS && option != OPTION_OF_REVISIONS)
        return duel_commands_option(duel, option);
    return fail(-1, "duel: '%s' belongs to an option for %s, which needs %s; see `countersign duel --help`",
                word, option == OPTION_OF_FUNCTIONS ? "functions" : "revisions",
                option == OPTION_OF_FUNCTIONS ? "--call" : "--git");
}

/* Files where commands are expected: most likely --call is missing. */
static bool are_sources(char **words, int count) {
    static const char *const endings[] = {".c", ".cc", ".cpp", ".cxx", ".so"};
    struct stat facts;
    int sources = 0;
    for (int i = 0; i < count; i++)
        for (size_t j = 0; j < sizeof endings / sizeof *endings; j++) {
            size_t length = strlen(words[i]), ending = strlen(endings[j]);
            sources += length > ending && !strcmp(words[i] + length - ending, endings[j]) &&
                       stat(words[i], &facts) == 0 && S_ISREG(facts.st_mode);
        }
    return count > 0 && sources == count;
}

static int read_arguments(int argc, char **argv, struct duel_commands *duel) {
    for (int option; (option = next_option(argc, argv, options)) != -1;)
        if (set_option(argc, argv, duel, option))
            return -1;
    if (are_sources(argv + optind, argc - optind))
        return fail(-1, "duel: %s is no command; functions in files are compared with --call 'PROTOTYPE'",
                    argv[optind]);
    for (int i = optind; i < argc; i++)
        if (duel_commands_add(duel, NULL, argv[i], NULL))
            return -1;
    if (duel->command_count == 0)
        return fail(-1,
                    "duel: expected commands, as in `countersign duel 'sort a.txt' 'sort -S 1G a.txt'`; see "
                    "`countersign duel --help`");
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
