/* countersign load: latency under requests that arrive by a schedule. */
#include "cli/one_point.h"
#include "cli/progress.h"
#include "cli/run_output.h"
#include "cli/run_start.h"

#include "base/numbers.h"
#include "conclude/load.h"
#include "measure/load.h"
#include "report/load.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: countersign load CASE [option…]\n\n"
    "Measures variants as a service has to stand them: requests arrive by a schedule, whatever the variant does (an "
    "open loop), and latency counts from when a request should have started. A run of the variant is a request. First "
    "the baseline is run back to back; then both get the same arrivals at shares of that rate. Told are p50, p99 and "
    "p99.9 of latency, throughput back to back, errors, and which targets (slo) are met. A CASE with a slash is a "
    "folder. How it is measured: docs/LOAD.md.\n\n";

static const char ending[] =
    "exit status: 0 done; 1 a target was missed, by a candidate; 2 wrong usage or input; 3 a variant was invalid; 4 "
    "nothing could be measured; 128 + n ended by signal n\n";

struct load_arguments {
    struct load *load;
    struct load_request request;
    struct one_point point;
    const char *output, *slo;
    double rates[LOAD_SHARES];
    enum load_format { LOAD_TEXT, LOAD_MARKDOWN, LOAD_JSON } format;
};

enum {
    LOAD_WHERE = OPTION_FIRST,
    LOAD_SHARE,
    LOAD_RATE,
    LOAD_SECONDS,
    LOAD_PROCESSES,
    LOAD_CLIENT_COUNT,
    LOAD_ARRIVALS,
    LOAD_SLO,
    LOAD_DELTA,
    LOAD_SEED,
    LOAD_CPUS,
    LOAD_MEMORY,
    LOAD_TIME,
    LOAD_SCRATCH,
    LOAD_OUTPUT,
    LOAD_FORMAT,
    LOAD_QUIET
};

static const struct option_row rows[] = {
    {"where", "N=V,…", LOAD_WHERE,
     "values of parameters, e.g. batch=16; may be repeated (default: the first of a case's quick points)",
     ANY_TEXT},
    {"share", "LIST", LOAD_SHARE,
     "rates, as shares of what the baseline serves back to back (default 0.3,0.6,0.9)", ANY_TEXT},
    {"rate", "LIST", LOAD_RATE, "rates in requests a second, in place of shares", ANY_TEXT},
    {"seconds", "S", LOAD_SECONDS, "of a variant at one rate in one process (default 0.5)",
     NUMBER_FROM(0.02, 60)},
    {"replicates", "N", LOAD_PROCESSES, "fresh processes (default 8)", WHOLE_FROM(2, LOAD_REPLICATES)},
    {"clients", "N", LOAD_CLIENT_COUNT,
     "processes that send requests at one time, each with a state and connections of its own (default: the case's "
     "clients; else one for each CPU that its servers leave, and one where it has none)",
     WHOLE_FROM(1, LOAD_CLIENTS)},
    {"arrivals", "KIND", LOAD_ARRIVALS, "poisson (default): at random; fixed: evenly spaced",
     ONE_OF("poisson", "fixed")},
    {"slo", "FILE", LOAD_SLO, "targets, in place of the case's slo: lines such as latency-p99: \"< 500 us\"",
     .kind = VALUE_FILE},
    {"delta", "PERCENT", LOAD_DELTA, "smallest difference worth a word (default 1)", NUMBER_FROM(0.001, 100)},
    {"seed", "N", LOAD_SEED, "of inputs, orders and arrivals (default: random, recorded)",
     WHOLE_FROM(0, UINT64_MAX)},
    {"cpus", "LIST", LOAD_CPUS, "processing units, e.g. 2,3 or 4-7 (default: chosen, see docs/METHOD.md)",
     ANY_TEXT},
    {"memory-limit", "SIZE", LOAD_MEMORY, "of a worker (default 4G)", .kind = VALUE_SIZE},
    {"time-limit", "S", LOAD_TIME,
     "longest time without progress before a variant counts as hung (default 30)", NUMBER_FROM(0.1, 86400)},
    {"scratch", "FOLDER", LOAD_SCRATCH, "where kernels keep their files (default $TMPDIR or /var/tmp)",
     .kind = VALUE_FOLDER},
    {"output", "NEW", LOAD_OUTPUT,
     "the result file, or a folder for it (default: loads in the results folder)", .kind = VALUE_FILE},
    {"format", "FORMAT", LOAD_FORMAT, "text (default), markdown or json", ONE_OF("text", "markdown", "json")},
    {"quiet", NULL, LOAD_QUIET, "no progress, and of compilers errors alone", FLAG},
    OPTIONS_END};

static const struct verb_options options = {
    .usage = usage, .rows = rows, .ending = ending, .operands = VALUE_CASE};

const struct verb_options *load_options(void) {
    return &options;
}

/* Numbers, each larger than the last one. 0, or -1 after a message. */
static int read_rising(const char *option, const char *text, double low, double high,
                       double values[LOAD_SHARES], size_t *count) {
    *count = 0;
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, ",");
        double value = NAN;
        if (*count == LOAD_SHARES || !number_read(at, length, &value) || !(value >= low && value <= high) ||
            (*count && value <= values[*count - 1]))
            return fail(
                -1,
                "--%s: expected at most %d numbers from %g to %g, each larger than the last one, got '%s'",
                option, LOAD_SHARES, low, high, text);
        values[(*count)++] = value;
        at += length;
        if (!*at)
            return 0;
    }
}

static int set_option(const struct given_option *given, struct load_arguments *arguments) {
    struct load *load = arguments->load;
    switch (given->row->value) {
    case LOAD_WHERE:
        if (arguments->point.where_count == ONE_POINT_WHERE)
            return fail(-1, "--where: at most %d of them", ONE_POINT_WHERE);
        arguments->point.where[arguments->point.where_count++] = given->text;
        return 0;
    case LOAD_SHARE:
        arguments->request.rates = NULL;
        return read_rising("share", given->text, 0.01, 2, load->shares, &load->share_count);
    case LOAD_RATE:
        arguments->request.rates = arguments->rates;
        return read_rising("rate", given->text, 1, 1e7, arguments->rates, &load->share_count);
    case LOAD_SECONDS:
        load->seconds = given->number;
        return 0;
    case LOAD_PROCESSES:
        arguments->request.replicates = given->whole;
        return 0;
    case LOAD_CLIENT_COUNT:
        load->clients = given->whole;
        return 0;
    case LOAD_ARRIVALS:
        load->poisson = given->choice == 0;
        return 0;
    case LOAD_SLO:
        arguments->slo = given->text;
        return 0;
    case LOAD_DELTA:
        load->delta = given->number / 100;
        return 0;
    case LOAD_SEED:
        load->seed = given->whole;
        return 0;
    case LOAD_CPUS:
        arguments->point.cpus = given->text;
        return 0;
    case LOAD_MEMORY:
        arguments->point.limits.memory_bytes = given->whole;
        return 0;
    case LOAD_TIME:
        arguments->point.limits.stall_s = given->number;
        return 0;
    case LOAD_SCRATCH:
        arguments->point.scratch = given->text;
        return 0;
    case LOAD_OUTPUT:
        arguments->output = given->text;
        return 0;
    case LOAD_FORMAT:
        arguments->format = (enum load_format)given->choice;
        return 0;
    default: /* LOAD_QUIET */
        arguments->point.quiet = true;
        return 0;
    }
}

/* 0, or -1 after a message. */
static int read_arguments(int argc, char **argv, struct load_arguments *arguments) {
    struct load *load = arguments->load;
    struct given_option given;
    load->poisson = true;
    load->seconds = 0.5;
    load->delta = 0.01;
    load->seed = draw_seed();
    for (size_t i = 0; i < 3; i++)
        load->shares[load->share_count++] = 0.3 * (double)(i + 1);
    arguments->request.replicates = 8;
    arguments->point.limits = (struct worker_limits)ONE_POINT_LIMITS;
    for (int option; (option = next_option(argc, argv, &options, &given)) != -1;)
        if (option == '?' || set_option(&given, arguments))
            return -1;
    if (argc - optind == 1) {
        arguments->point.subject = argv[optind];
        return 0;
    }
    if (optind == argc)
        fail(EXIT_USAGE, "load needs a case; `countersign list` shows the cases");
    else
        fail(EXIT_USAGE, "load takes one case, got '%s' too", argv[optind + 1]);
    return -1;
}

struct progress_line {
    bool shown;
};

static void show_progress(void *context, size_t done, size_t all) {
    const struct progress_line *line = context;
    if (line->shown)
        fprintf(stderr, done < all ? "\r\033[Kprocess %zu/%zu" : "\r\033[K", done + 1, all);
}

/* EXIT_DONE, or a status after what it means was told. */
static int judge(const struct load *load) {
    for (size_t i = 0; i < load->arm_count; i++)
        if (load->arms[i].invalid[0])
            return EXIT_INVALID;
    for (size_t i = 0; i < load->judgement_count; i++)
        if (load->judgements[i].outcome == LOAD_MISSED &&
            load->arms[load->judgements[i].arm].role == ARM_CANDIDATE)
            return EXIT_NOT_MET;
    return EXIT_DONE;
}

static int print_load(const struct load *load, enum load_format format) {
    struct report_style style = report_style_for(stdout);
    return format == LOAD_JSON       ? load_print_json(load, stdout)
           : format == LOAD_MARKDOWN ? report_load_markdown(load, stdout)
                                     : report_load(load, &style, stdout);
}

/* Nothing of a baseline that failed in the first process is worth a file. */
static int conclude(struct load_arguments *arguments, const char *path) {
    struct load *load = arguments->load;
    struct problem problem;
    if (!load->replicate_count)
        return fail(EXIT_INVALID, "%s: %s", load->case_name, load->arms[0].invalid);
    if (load_conclude(load))
        return fail(EXIT_NOTHING, "out of memory");
    if (load_save(load, path, &problem)) {
        print_load(load, arguments->format);
        return fail(EXIT_USAGE, "%s", problem.text);
    }
    int error = print_load(load, arguments->format);
    if (error == 0 && arguments->format == LOAD_TEXT) {
        printf("\nresult file: %s\n", path);
        error = fflush(stdout) ? -errno : 0;
    }
    return finish_output(error, judge(load));
}

static int stop(int error, const struct problem *problem) {
    if (caught_signal)
        return fail(EXIT_INTERRUPTED + caught_signal, "interrupted; nothing was written");
    if (!problem->text[0]) /* the compiler's messages have been shown */
        return EXIT_USAGE;
    return fail(error == -ENODATA || error == -ENOMEM ? EXIT_NOTHING : EXIT_USAGE, "%s", problem->text);
}

/* What was asked for, refused or made into a request. Targets of --slo take the place of the case's. */
static int prepare(struct supervisor *supervisor, const struct paths *paths, struct load_arguments *arguments,
                   struct case_file *file, struct module_description *module, struct plan_point *point,
                   struct problem *problem) {
    struct load *load = arguments->load;
    int status = arguments->slo ? slo_load(&load->slo, arguments->slo, problem) : 0;
    if (status == 0)
        status = one_point_of_case(&arguments->point, supervisor, paths, file, module, point, problem);
    if (status == 0 && point->variant_count < 2)
        status = problem_set(problem, ENODATA, "%s: no candidate can run here", file->name);
    if (status == 0 && !arguments->slo)
        load->slo = file->slo;
    if (status == 0 && !load->clients)
        load->clients = file->clients;
    if (status == 0 && load->clients > 1 && point->threads > 1)
        status = problem_set(
            problem, EINVAL,
            "%zu clients of a kernel that runs %u threads itself: choose one of both, --clients 1 or "
            "--where threads=1",
            load->clients, point->threads);
    return status;
}

static int measure(struct supervisor *supervisor, const struct paths *paths, struct load_arguments *arguments,
                   struct case_file *file, struct module_description *module) {
    struct load *load = arguments->load;
    struct load_request *request = &arguments->request;
    struct problem problem = {""};
    struct plan_point point = {0};
    struct progress_line line = {progress_wanted(arguments->point.quiet)};
    char path[8192], folder[4096 + 8];
    snprintf(folder, sizeof folder, "%s/loads", paths->results);
    int error = prepare(supervisor, paths, arguments, file, module, &point, &problem);
    if (!error)
        error = choose_output(arguments->output ? arguments->output : folder, paths, load->id, path,
                              sizeof path, &problem);
    if (!error) {
        request->description = module;
        request->point = &point;
        request->clock = &load->host.clock;
        request->cpus = arguments->point.cpus;
        request->progress = show_progress;
        request->context = &line;
        snprintf(load->case_name, sizeof load->case_name, "%s", file->name);
        snprintf(load->title, sizeof load->title, "%s", file->title);
        uint64_t start = monotonic_ns();
        error = load_measure(supervisor, request, load, &problem);
        load->duration_s = (double)(monotonic_ns() - start) / 1e9;
        show_progress(&line, 1, 0);
    }
    return error ? stop(error, &problem) : conclude(arguments, path);
}

static int put_under_load(struct supervisor *supervisor, const struct paths *paths, void *context) {
    struct load_arguments *arguments = context;
    struct case_file *file = calloc(1, sizeof *file);
    struct module_description *module = calloc(1, sizeof *module);
    fingerprint_read(&arguments->load->host, supervisor->topology);
    int status = file && module ? measure(supervisor, paths, arguments, file, module)
                                : fail(EXIT_NOTHING, "out of memory");
    free(file);
    free(module);
    return status;
}

/* As a run's: when it began, under what name. */
static void start(struct load *load, char *command) {
    struct run *run = calloc(1, sizeof *run);
    if (run) {
        start_run(run, &(struct run_settings){0}, NULL);
        take_commit(run);
        memcpy(load->id, run->id, sizeof load->id);
        memcpy(load->started, run->started, sizeof load->started);
        memcpy(load->version, run->version, sizeof load->version);
    }
    free(run);
    load->command = command;
}

int verb_load(int argc, char **argv) {
    struct load *load = calloc(1, sizeof *load);
    struct load_arguments arguments = {.load = load};
    int status = EXIT_USAGE;
    char *command = quote_command(argc, argv);
    if (!load || !command)
        status = fail(EXIT_NOTHING, "out of memory");
    else if (read_arguments(argc, argv, &arguments) == 0) {
        start(load, command);
        command = NULL;
        status = one_point_supervise(&arguments.point, put_under_load, &arguments);
    }
    if (load)
        load_clear(load);
    free(load);
    free(command);
    return status;
}
