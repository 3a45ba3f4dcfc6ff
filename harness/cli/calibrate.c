/* countersign calibrate: comparisons whose right answer is known, on this machine. */
#include "cli/cli.h"

#include "cli/calibrate_tries.h"
#include "cli/run_output.h"
#include "measure/neighbour.h"
#include "report/calibration.h"
#include "report/format.h"
#include "stats/sequential.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* So that 32 kinds of identical code together have more than the 368 tries that show the promised rate. */
#define DEFAULT_PLACEBO_TRIES 12
/* So that all of it takes less than a quarter of an hour. */
#define DEFAULT_TRIES 5

static const char usage[] =
    "usage: countersign calibrate [option…]\n\n"
    "Measures on this machine how far verdicts can be trusted: compares code with itself, and with code that "
    "does\n"
    "0.1 to 5 % more work, many times over, and counts how often a difference is claimed that is not there, "
    "and how\n"
    "often one that is there is told apart. Every try is a whole comparison, as `countersign run` makes "
    "it.\n\n";

static const char ending[] =
    "exit status: 0 done; 1 a difference was claimed in the wrong direction, or differences were claimed of\n"
    "identical code more often than 1 % explains; 2 wrong usage or input; 3 a comparison was invalid; 4 "
    "nothing\n"
    "could be measured; 128 + n ended by signal n, what was complete is kept\n";

struct calibrate_arguments {
    struct calibration *calibration; /* kinds, sizes, tries and settings as asked for */
    enum table_format format;
    const char *output;
    bool quiet;
};

enum {
    CALIBRATE_TRIES = OPTION_FIRST,
    CALIBRATE_PLACEBO_TRIES,
    CALIBRATE_UNTIL_SETTLED,
    CALIBRATE_BUDGET,
    CALIBRATE_KINDS,
    CALIBRATE_SIZES,
    CALIBRATE_NEIGHBOUR,
    CALIBRATE_SEED,
    CALIBRATE_CPUS,
    CALIBRATE_REPLICATES,
    CALIBRATE_DELTA,
    CALIBRATE_OUTPUT,
    CALIBRATE_FORMAT,
    CALIBRATE_QUIET
};

/* What its tables of kinds and sizes hold. */
static char kinds_help[1152], sizes_help[256];

static const struct option_row rows[] = {
    {.help = "what is tried"},
    {"kinds", "LIST", CALIBRATE_KINDS, kinds_help, ANY_TEXT},
    {"sizes", "LIST", CALIBRATE_SIZES, sizes_help, ANY_TEXT},
    {"tries", "N", CALIBRATE_TRIES, "comparisons of each kind and size (default 5; 12 with identical code)",
     WHOLE_FROM(1, 100000)},
    {"placebo-tries", "N", CALIBRATE_PLACEBO_TRIES,
     "comparisons of each kind with identical code, size 0 (default: as --tries)", WHOLE_FROM(1, 100000)},
    {"until-settled", NULL, CALIBRATE_UNTIL_SETTLED,
     "take these numbers as limits, and end each kind and size when more would answer nothing", FLAG},
    {"neighbour", NULL, CALIBRATE_NEIGHBOUR,
     "beside a load that is busy and idle in turn, on every core that may be used", FLAG},
    {.help = "measuring"},
    {"budget", "S", CALIBRATE_BUDGET, "seconds of timing a comparison (default 0.5)",
     NUMBER_FROM(0.01, 3600)},
    {"replicates", "N", CALIBRATE_REPLICATES,
     "fresh processes a comparison at the most (default 32 for each second, at least 16)",
     WHOLE_FROM(2, SEQUENTIAL_MOST)},
    {"delta", "PERCENT", CALIBRATE_DELTA, "smallest difference worth a word (default 1)",
     NUMBER_FROM(0.001, 100)},
    {"seed", "N", CALIBRATE_SEED, "of inputs and orders (default: random, recorded)",
     WHOLE_FROM(0, UINT64_MAX)},
    {"cpus", "LIST", CALIBRATE_CPUS,
     "processing units, e.g. 2,3 or 4-7 (default: chosen, see docs/METHOD.md)", ANY_TEXT},
    {.help = "output"},
    {"output", "PATH", CALIBRATE_OUTPUT,
     "result file, or folder for it (default: calibration/ in the folder of results)", .kind = VALUE_FILE},
    {"format", "FORMAT", CALIBRATE_FORMAT, "table (default), markdown or json",
     ONE_OF("table", "markdown", "json")},
    {"quiet", NULL, CALIBRATE_QUIET, "no progress", FLAG},
    OPTIONS_END};

const struct verb_options *calibrate_options(void) {
    static const struct verb_options options = {
        .usage = usage, .rows = rows, .ending = ending, .operands = VALUE_NONE};
    char kinds[1024], sizes[128];
    calibrate_kinds_help(kinds, sizeof kinds);
    calibrate_sizes_help(sizes, sizeof sizes);
    snprintf(kinds_help, sizeof kinds_help, "of all (default), groups and their kinds: %s", kinds);
    snprintf(sizes_help, sizeof sizes_help, "per cent more work, of %s (default: all; 0: identical code)",
             sizes);
    return &options;
}

/* Calls `take` with each word of a list separated by commas. 0; -1 after a message. */
static int each_word(const char *option, const char *list,
                     int (*take)(struct calibration *calibration, const char *word, struct problem *problem),
                     struct calibration *calibration) {
    char copy[512], *next = copy;
    struct problem problem;
    if (strlen(list) >= sizeof copy) {
        fail(EXIT_USAGE, "%s: the list is too long", option);
        return -1;
    }
    memcpy(copy, list, strlen(list) + 1);
    for (char *word; (word = strsep(&next, ","));)
        if (take(calibration, word, &problem)) {
            fail(EXIT_USAGE, "%s", problem.text);
            return -1;
        }
    return 0;
}

static int set_cpus(const char *list, struct run_settings *settings) {
    size_t most = sizeof settings->cpus - 1;
    if (!*list || strlen(list) > most) {
        fail(EXIT_USAGE, "--cpus: expected a list such as 2,3 or 4-7, of at most %zu characters, got %s",
             most, *list ? "more" : "an empty one");
        return -1;
    }
    snprintf(settings->cpus, sizeof settings->cpus, "%s", list);
    return 0;
}

static int set_option(const struct given_option *given, struct calibrate_arguments *arguments) {
    static const enum table_format formats[] = {FORMAT_TABLE, FORMAT_MARKDOWN, FORMAT_JSON};
    struct calibration *calibration = arguments->calibration;
    struct run_settings *settings = &calibration->settings;
    switch (given->row->value) {
    case CALIBRATE_TRIES:
        calibration->tries_a_pair = (unsigned)given->whole;
        return 0;
    case CALIBRATE_PLACEBO_TRIES:
        calibration->placebo_tries = (unsigned)given->whole;
        return 0;
    case CALIBRATE_UNTIL_SETTLED:
        calibration->until_settled = true;
        return 0;
    case CALIBRATE_BUDGET:
        settings->budget_s = given->number;
        return 0;
    case CALIBRATE_KINDS:
        return each_word("--kinds", given->text, calibrate_kinds_take, calibration);
    case CALIBRATE_SIZES:
        return each_word("--sizes", given->text, calibrate_sizes_take, calibration);
    case CALIBRATE_NEIGHBOUR:
        calibration->neighbour = true;
        return 0;
    case CALIBRATE_SEED:
        settings->seed = given->whole;
        return 0;
    case CALIBRATE_CPUS:
        return set_cpus(given->text, settings);
    case CALIBRATE_REPLICATES:
        settings->replicates = (unsigned)given->whole;
        return 0;
    case CALIBRATE_DELTA:
        settings->delta = given->number / 100;
        return 0;
    case CALIBRATE_OUTPUT:
        arguments->output = given->text;
        return 0;
    case CALIBRATE_FORMAT:
        arguments->format = formats[given->choice];
        return 0;
    default: /* CALIBRATE_QUIET */
        arguments->quiet = true;
        return 0;
    }
}

/* Whatever was not asked for. */
static void complete_request(struct calibration *calibration) {
    struct problem problem;
    if (calibration->settings.replicates == 0)
        calibration->settings.replicates = runner_default_replicates(calibration->settings.budget_s);
    if (calibration->placebo_tries == 0)
        calibration->placebo_tries =
            calibration->tries_a_pair ? calibration->tries_a_pair : DEFAULT_PLACEBO_TRIES;
    if (calibration->tries_a_pair == 0)
        calibration->tries_a_pair = DEFAULT_TRIES;
    if (calibration->kind_count == 0)
        calibrate_kinds_take(calibration, "all", &problem);
    if (calibration->size_count == 0)
        calibrate_sizes_take(calibration, "all", &problem);
}

static int check_request(const struct calibration *calibration) {
    for (size_t kind = 0; kind < calibration->kind_count; kind++)
        for (size_t size = 0; size < calibration->size_count; size++)
            if (calibration_tries_of(calibration, kind, size))
                return 0;
    fail(EXIT_USAGE, "calibrate: %s has no planted sizes; ask for size 0 (identical code)",
         calibration->kinds[0].name);
    return -1;
}

/* 0, or -1 after a message. */
static int read_arguments(int argc, char **argv, struct calibrate_arguments *arguments) {
    struct calibration *calibration = arguments->calibration;
    calibration->settings = (struct run_settings){.points = "sweep",
                                                  .budget_s = 0.5,
                                                  .delta = 0.01,
                                                  .confidence = 0.95,
                                                  .looks = 1,
                                                  .design = "sequential",
                                                  .state = "warm",
                                                  .layout = "random",
                                                  .build = "native",
                                                  .placebo = true};
    uint64_t *seed = &calibration->settings.seed;
    if (getrandom(seed, sizeof *seed, 0) != sizeof *seed)
        *seed = monotonic_ns();
    *seed >>= 32; /* short enough to be typed again */
    struct given_option given;
    for (int option; (option = next_option(argc, argv, calibrate_options(), &given)) != -1;)
        if (option == '?' || set_option(&given, arguments))
            return -1;
    if (optind < argc) {
        fail(EXIT_USAGE, "calibrate: takes options alone, got '%s'; see `countersign calibrate --help`",
             argv[optind]);
        return -1;
    }
    complete_request(calibration);
    return check_request(calibration);
}

static void identify(struct calibration *calibration) {
    time_t now = time(NULL);
    struct tm utc;
    uint16_t salt = 0;
    gmtime_r(&now, &utc);
    if (getrandom(&salt, sizeof salt, 0) != sizeof salt)
        salt = (uint16_t)getpid();
    strftime(calibration->started, sizeof calibration->started, "%Y-%m-%dT%H:%M:%SZ", &utc);
    size_t length = strftime(calibration->id, sizeof calibration->id, "%Y%m%dT%H%M%SZ", &utc);
    snprintf(calibration->id + length, sizeof calibration->id - length, "-%04x", salt);
    snprintf(calibration->version, sizeof calibration->version, "%s", COUNTERSIGN_VERSION);
}

/* One on each core that may be used: as many processing units as can be had without sharing one. */
static int start_neighbours(struct neighbours *neighbours, const struct calibration *calibration,
                            const struct topology *topology, struct problem *problem) {
    struct cpu_choice *choice = malloc(sizeof *choice);
    unsigned cores = calibration->host.topology.allowed_cpus;
    int status = choice ? 0 : problem_set(problem, ENOMEM, "out of memory");
    while (status == 0) {
        status = topology_choose(topology, cores, NULL, choice, problem);
        if (status || !choice->shared_core || cores == 1)
            break;
        cores--;
    }
    if (status == 0)
        status =
            neighbours_start(neighbours, choice->cpus, choice->count, calibration->settings.seed, problem);
    free(choice);
    return status;
}

static int print_calibration(const struct calibration *calibration, enum table_format format) {
    struct report_style style = report_style_for(stdout);
    int status = format == FORMAT_JSON       ? calibration_print_json(calibration, stdout)
                 : format == FORMAT_MARKDOWN ? report_calibration_markdown(calibration, stdout)
                                             : report_calibration_table(calibration, &style, stdout);
    return status == 0 && fflush(stdout) ? -errno : status;
}

/* The last line, and the exit status that goes with it. */
static int judge(const struct calibration *calibration, const char *path, const struct problem *failure) {
    struct calibration_summary *summary = malloc(sizeof *summary);
    if (!summary || calibration_summarize(calibration, summary)) {
        free(summary);
        return fail(EXIT_NOTHING, "out of memory; the result is complete in %s", path);
    }
    bool kept = summary->kept, invalid = summary->all.invalid > 0;
    size_t wrong = summary->all.wrong;
    free(summary);
    if (failure)
        return fail(EXIT_NOTHING, "%s; the tries that were complete are in %s", failure->text, path);
    if (caught_signal)
        return fail(EXIT_INTERRUPTED + caught_signal, "interrupted; the tries that were complete are in %s",
                    path);
    if (invalid)
        return EXIT_INVALID;
    if (kept)
        return EXIT_DONE;
    return wrong ? fail(EXIT_NOT_MET, "%zu differences were claimed in the wrong direction", wrong)
                 : fail(EXIT_NOT_MET,
                        "differences were claimed of identical code more often than a rate of 1 %% "
                        "explains");
}

static int conclude(const struct calibration *calibration, const struct calibrate_arguments *arguments,
                    const char *path, const struct problem *failure) {
    struct problem problem;
    if (calibration->try_count == 0)
        return failure         ? fail(EXIT_NOTHING, "%s", failure->text)
               : caught_signal ? fail(EXIT_INTERRUPTED + caught_signal,
                                      "interrupted before a comparison was complete; nothing was written")
                               : fail(EXIT_NOTHING, "nothing was measured");
    int unsaved = calibration_save(calibration, path, &problem);
    int error = print_calibration(calibration, arguments->format);
    if (unsaved)
        return fail(EXIT_USAGE, "%s", problem.text);
    if (error == 0 && arguments->format == FORMAT_TABLE) {
        printf("\nresult file: %s\n", path);
        error = fflush(stdout) ? -errno : 0;
    }
    if (error && !reader_left(error))
        return fail(EXIT_USAGE, "standard output: %s; the result is complete in %s", output_problem(error),
                    path);
    return judge(calibration, path, failure);
}

static void announce(const struct calibrate_tries *tries) {
    char line[512], duration[FORMAT_SIZE];
    format_duration(calibrate_tries_seconds(tries), duration);
    snprintf(line, sizeof line, "%zu comparisons, about %s; Ctrl-C keeps those that are complete\n",
             calibrate_tries_count(tries), duration);
    print_text(line, stderr);
}

/* Runs and concludes; everything that can be refused has been. */
static int measure(struct calibrate_tries *tries, const struct calibrate_arguments *arguments,
                   const char *path) {
    struct calibration *calibration = tries->calibration;
    struct neighbours neighbours = {0};
    struct problem problem = {""};
    int failed = 0;
    if (calibration->neighbour)
        failed = start_neighbours(&neighbours, calibration, tries->supervisor->topology, &problem);
    if (!failed) {
        tries->quiet = arguments->quiet;
        if (!arguments->quiet)
            announce(tries);
        failed = calibrate_tries_run(tries, &problem);
    }
    neighbours_stop(&neighbours);
    return conclude(calibration, arguments, path, failed ? &problem : NULL);
}

static int skip_all(const struct calibration *calibration) {
    return fail(EXIT_NOTHING, "%s cannot be tried here: %s", calibration->kinds[0].name,
                calibration->kinds[0].skipped);
}

static int open_and_measure(struct supervisor *supervisor, const struct paths *paths,
                            const struct calibrate_arguments *arguments) {
    struct calibration *calibration = arguments->calibration;
    struct calibrate_tries tries;
    struct problem problem;
    char path[8192], folder[sizeof paths->results + 16];
    /* Apart from runs, of which `show` takes the newest. */
    snprintf(folder, sizeof folder, "%s/calibration", paths->results);
    int status = calibrate_tries_open(&tries, supervisor, paths->kernels, calibration, &problem);
    if (status && caught_signal)
        status = fail(EXIT_INTERRUPTED + caught_signal,
                      "interrupted before a comparison was complete; nothing was written");
    else if (status)
        status = fail(EXIT_USAGE, "%s", problem.text);
    else if (calibrate_tries_count(&tries) == 0)
        status = skip_all(calibration);
    else if (choose_output(arguments->output ? arguments->output : folder, paths, calibration->id, path,
                           sizeof path, &problem))
        status = fail(EXIT_USAGE, "%s", problem.text);
    else
        status = measure(&tries, arguments, path);
    calibrate_tries_close(&tries);
    return status;
}

static int calibrate_with_topology(const struct calibrate_arguments *arguments, struct topology *topology) {
    struct calibration *calibration = arguments->calibration;
    struct run_settings *settings = &calibration->settings;
    struct paths paths;
    struct problem problem;
    struct cpu_choice choice;
    struct supervisor supervisor = {
        .topology = topology,
        .limits = {.memory_bytes = (uint64_t)4 << 30, .stall_s = 30, .file_bytes = (uint64_t)4 << 30},
        .interrupted = &caught_signal};
    if (topology_choose(topology, 1, settings->cpus[0] ? settings->cpus : NULL, &choice, &problem) ||
        paths_find(&paths, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    memcpy(supervisor.program, paths.worker, sizeof supervisor.program);
    fingerprint_read(&calibration->host, topology);
    memcpy(settings->cpu_reason, choice.reason, sizeof settings->cpu_reason);
    catch_signals(); /* from here on there is a folder to remove */
    if (supervisor_open(&supervisor, NULL, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    int status = open_and_measure(&supervisor, &paths, arguments);
    supervisor_close(&supervisor);
    return status;
}

int verb_calibrate(int argc, char **argv) {
    struct calibrate_arguments arguments = {.calibration = calloc(1, sizeof(struct calibration))};
    struct topology *topology = NULL;
    struct problem problem;
    if (!arguments.calibration)
        return fail(EXIT_NOTHING, "out of memory");
    int status = read_arguments(argc, argv, &arguments);
    if (status)
        status = EXIT_USAGE;
    else if (topology_open(&topology, NULL, &problem))
        status = fail(EXIT_NOTHING, "%s", problem.text);
    else {
        identify(arguments.calibration);
        status = calibrate_with_topology(&arguments, topology);
    }
    topology_close(topology);
    calibration_clear(arguments.calibration);
    free(arguments.calibration);
    return status;
}
