/* countersign run: measures cases, writes the result file, prints the table. */
#include "cli/cli.h"

#include "cli/progress.h"
#include "measure/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "usage: countersign run [CASE…] [option…]\n\n"
    "Measures cases (all of them where none is named; a CASE with a slash is a folder), proves that every "
    "variant gives the\n"
    "baseline's answer, prints the table and writes a result file with every raw sample.\n\n"
    "points\n"
    "  --quick             few points, 1 s a comparison: a first look\n"
    "  --sweep             every point of a case's sweep (default)\n"
    "  --full              also points that take long or much memory\n"
    "  --threads N         threads of parallel kernels, instead of the case's own\n"
    "measuring\n"
    "  --budget S          seconds of timing a comparison (default 2; 1 with --quick)\n"
    "  --delta PERCENT     smallest difference worth a word (default 1)\n"
    "  --replicates N      fresh processes a point (default 8)\n"
    "  --seed N            of inputs and order (default: random, recorded)\n"
    "  --state STATE       what a sample finds in the caches: warm (default), cold, mixed\n"
    "  --build BUILD       native (default) or portable: which build of the kernels\n"
    "  --cpus LIST         processing units, e.g. 2,3 or 4-7 (default: chosen, see docs/METHOD.md)\n"
    "  --no-counters       time alone\n"
    "limits\n"
    "  --memory-limit SIZE of a worker (default 4G)\n"
    "  --time-limit S      longest time without progress before a variant counts as hung (default 30)\n"
    "  --scratch FOLDER    where kernels keep their files (default $TMPDIR or /var/tmp)\n"
    "output\n"
    "  --output PATH       result file, or folder for it (default: results/runs, or the user's data folder)\n"
    "  --format FORMAT     table (default), markdown, csv or json\n"
    "  --help              this text\n\n"
    "exit status: 0 every comparison valid; 2 wrong usage or input; 3 a comparison was invalid; 4 nothing "
    "could\n"
    "be measured; 128 + n ended by signal n, what was complete is kept\n";

struct run_arguments {
    struct runner_options options;
    enum table_format format;
    const char *output, *scratch;
    struct worker_limits limits;
    uint64_t threads;
    char **cases;
    size_t case_count;
};

enum {
    OPTION_QUICK = 256,
    OPTION_SWEEP,
    OPTION_FULL,
    OPTION_THREADS,
    OPTION_BUDGET,
    OPTION_DELTA,
    OPTION_REPLICATES,
    OPTION_SEED,
    OPTION_STATE,
    OPTION_BUILD,
    OPTION_CPUS,
    OPTION_NO_COUNTERS,
    OPTION_MEMORY,
    OPTION_TIME,
    OPTION_SCRATCH,
    OPTION_OUTPUT,
    OPTION_FORMAT,
    OPTION_HELP
};

static const struct option run_options[] = {
    {"quick", no_argument, NULL, OPTION_QUICK},
    {"sweep", no_argument, NULL, OPTION_SWEEP},
    {"full", no_argument, NULL, OPTION_FULL},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"budget", required_argument, NULL, OPTION_BUDGET},
    {"delta", required_argument, NULL, OPTION_DELTA},
    {"replicates", required_argument, NULL, OPTION_REPLICATES},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"state", required_argument, NULL, OPTION_STATE},
    {"build", required_argument, NULL, OPTION_BUILD},
    {"cpus", required_argument, NULL, OPTION_CPUS},
    {"no-counters", no_argument, NULL, OPTION_NO_COUNTERS},
    {"memory-limit", required_argument, NULL, OPTION_MEMORY},
    {"time-limit", required_argument, NULL, OPTION_TIME},
    {"scratch", required_argument, NULL, OPTION_SCRATCH},
    {"output", required_argument, NULL, OPTION_OUTPUT},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

/* One of a few words into a setting; prints which there are. */
static int choose_word(const char *option, const char *text, const char *const *words, char *to,
                       size_t size) {
    for (size_t i = 0; words[i]; i++)
        if (!strcmp(text, words[i])) {
            snprintf(to, size, "%s", text);
            return 0;
        }
    char list[128] = "";
    for (size_t i = 0; words[i]; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "", words[i]);
    fail(EXIT_USAGE, "%s: expected one of %s, got '%s'", option, list, text);
    return -1;
}

static int set_points(const char *points, struct run_settings *settings) {
    if (settings->points[0] && strcmp(settings->points, points)) {
        fail(EXIT_USAGE, "run: --%s and --%s exclude each other", settings->points, points);
        return -1;
    }
    snprintf(settings->points, sizeof settings->points, "%s", points);
    return 0;
}

static int set_option(int option, struct run_arguments *arguments) {
    static const char *const states[] = {"warm", "cold", "mixed", NULL}, *const builds[] = {"native",
                                                                                            "portable", NULL};
    struct run_settings *settings = &arguments->options.settings;
    uint64_t number;
    switch (option) {
    case OPTION_QUICK:
        return set_points("quick", settings);
    case OPTION_SWEEP:
        return set_points("sweep", settings);
    case OPTION_FULL:
        return set_points("full", settings);
    case OPTION_THREADS:
        return parse_integer_option("--threads", optarg, 1, WORKER_THREADS, &arguments->threads);
    case OPTION_BUDGET:
        return parse_number_option("--budget", optarg, 0.01, 3600, &settings->budget_s);
    case OPTION_DELTA:
        if (parse_number_option("--delta", optarg, 0.001, 100, &settings->delta))
            return -1;
        settings->delta /= 100;
        return 0;
    case OPTION_REPLICATES:
        if (parse_integer_option("--replicates", optarg, 2, 1000, &number))
            return -1;
        settings->replicates = (unsigned)number;
        return 0;
    case OPTION_SEED:
        return parse_integer_option("--seed", optarg, 0, UINT64_MAX, &settings->seed);
    case OPTION_STATE:
        return choose_word("--state", optarg, states, settings->state, sizeof settings->state);
    case OPTION_BUILD:
        return choose_word("--build", optarg, builds, settings->build, sizeof settings->build);
    case OPTION_CPUS:
        snprintf(settings->cpus, sizeof settings->cpus, "%s", optarg);
        if (strlen(optarg) < sizeof settings->cpus)
            return 0;
        fail(EXIT_USAGE, "--cpus: the list is longer than %zu characters", sizeof settings->cpus - 1);
        return -1;
    case OPTION_NO_COUNTERS:
        settings->counters = false;
        return 0;
    case OPTION_MEMORY:
        return parse_size_option("--memory-limit", optarg, &arguments->limits.memory_bytes);
    case OPTION_TIME:
        return parse_number_option("--time-limit", optarg, 0.1, 86400, &arguments->limits.stall_s);
    case OPTION_SCRATCH:
        arguments->scratch = optarg;
        return 0;
    case OPTION_OUTPUT:
        arguments->output = optarg;
        return 0;
    case OPTION_FORMAT: {
        int format = parse_format_option(optarg);
        arguments->format = (enum table_format)format;
        return format < 0 ? -1 : 0;
    }
    default:
        return -1;
    }
}

/* 0: go on; 1: help was printed; -1: error was printed. */
static int read_arguments(int argc, char **argv, struct run_arguments *arguments) {
    *arguments = (struct run_arguments){
        .options = {.settings = {.delta = 0.01,
                                 .confidence = 0.95,
                                 .replicates = 8,
                                 .state = "warm",
                                 .layout = "fixed",
                                 .build = "native",
                                 .counters = true,
                                 .placebo = true},
                    .sample_us = 20},
        .limits = {.memory_bytes = (uint64_t)4 << 30, .stall_s = 30, .file_bytes = (uint64_t)4 << 30}};
    struct run_settings *settings = &arguments->options.settings;
    if (getrandom(&settings->seed, sizeof settings->seed, 0) != sizeof settings->seed)
        settings->seed = monotonic_ns();
    settings->seed >>= 32; /* short enough to be typed again */
    for (int option; (option = next_option(argc, argv, run_options)) != -1;) {
        if (option == OPTION_HELP) {
            fputs(help, stdout);
            return 1;
        }
        if (set_option(option, arguments))
            return -1;
    }
    if (!settings->points[0])
        set_points("sweep", settings);
    if (settings->budget_s == 0)
        settings->budget_s = strcmp(settings->points, "quick") ? 2 : 1;
    arguments->cases = argv + optind;
    arguments->case_count = (size_t)(argc - optind);
    return 0;
}

static int make_folders(const char *path) {
    char part[4096];
    snprintf(part, sizeof part, "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return -errno;
        *slash = '/';
    }
    return mkdir(part, 0777) != 0 && errno != EEXIST ? -errno : 0;
}

/* Where the result goes, tried before anything is measured: an hour of samples must not meet a closed door.
 */
static int choose_output(const struct run_arguments *arguments, const struct paths *paths, const char *id,
                         char *path, size_t size, struct problem *problem) {
    struct stat facts;
    const char *folder = paths->results;
    char parent[4096];
    bool file = arguments->output && strlen(arguments->output) > 5 &&
                !strcmp(arguments->output + strlen(arguments->output) - 5, ".json") &&
                (stat(arguments->output, &facts) != 0 || !S_ISDIR(facts.st_mode));
    if (file) {
        snprintf(path, size, "%s", arguments->output);
        snprintf(parent, sizeof parent, "%s", arguments->output);
        char *slash = strrchr(parent, '/');
        if (slash)
            *slash = '\0';
        folder = !slash ? "." : parent[0] ? parent : "/";
    } else {
        if (arguments->output)
            folder = arguments->output;
        snprintf(path, size, "%s/%s.json", folder, id);
    }
    char probe[8192];
    int status = make_folders(folder);
    snprintf(probe, sizeof probe, "%s/.%s.probe", folder, id);
    int fd = status == 0 ? open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (status == 0 && fd < 0)
        status = -errno;
    if (fd >= 0) {
        close(fd);
        unlink(probe);
    }
    return status ? problem_set(problem, -status, "results folder %s: %s; name another with --output", folder,
                                strerror(-status))
                  : 0;
}

static const struct module_description *find_described(const struct plan *plan, const char *kernel) {
    for (size_t i = 0; i < plan->case_count; i++)
        if (!strcmp(plan->cases[i].file.kernel, kernel))
            return &plan->cases[i].module;
    return NULL;
}

static int plan_one(struct supervisor *supervisor, const struct paths *paths,
                    const struct run_arguments *arguments, const struct plan_options *options,
                    const char *name, struct plan *plan, struct problem *problem) {
    struct case_file *file = calloc(1, sizeof *file);
    struct module_description *module = calloc(1, sizeof *module);
    char path[8192];
    int status = file && module ? load_case(paths, name, file, problem)
                                : problem_set(problem, ENOMEM, "out of memory");
    if (status == 0) {
        const struct module_description *known = find_described(plan, file->kernel);
        snprintf(path, sizeof path, "%s/%s.%s.so", paths->kernels, file->kernel,
                 arguments->options.settings.build);
        if (known)
            *module = *known;
        else if (access(path, F_OK) != 0)
            status = problem_set(problem, ENOENT,
                                 "%s:%d: no kernel '%s' (%s is not there); `countersign list "
                                 "kernels` shows them",
                                 file->path, file->kernel_line, file->kernel, path);
        else
            status = runner_describe(supervisor, path, module, problem);
    }
    if (status == 0)
        status = plan_add_case(plan, file, module, options, problem);
    free(file);
    free(module);
    return status;
}

static int plan_all(struct supervisor *supervisor, const struct paths *paths,
                    const struct run_arguments *arguments, const struct plan_options *options,
                    struct plan *plan, struct problem *problem) {
    size_t count = arguments->case_count;
    char **found = count ? NULL : names_of_folders(paths->cases, "case.yaml", &count);
    char **names = found ? found : arguments->cases;
    int status = count ? 0 : problem_set(problem, ENOENT, "no cases in %s", paths->cases);
    for (size_t i = 0; i < count && status == 0; i++) {
        bool repeated = false;
        for (size_t j = 0; j < i; j++)
            repeated |= !strcmp(names[i], names[j]);
        if (!repeated)
            status = plan_one(supervisor, paths, arguments, options, names[i], plan, problem);
    }
    names_free(found);
    return status;
}

static char *quote_command(int argc, char **argv) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        return NULL;
    fputs("countersign", stream);
    for (int i = 0; i < argc; i++) {
        bool plain =
            argv[i][0] && strspn(argv[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                          "-_./,=:+%@") == strlen(argv[i]);
        fputs(plain ? " " : " '", stream);
        for (const char *c = argv[i]; *c; c++)
            fputs(*c == '\'' ? "'\\''" : (char[]){*c, '\0'}, stream);
        fputs(plain ? "" : "'", stream);
    }
    fclose(stream);
    return text;
}

static void start_run(struct run *run, const struct run_arguments *arguments, char *command) {
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    uint16_t salt = 0;
    if (getrandom(&salt, sizeof salt, 0) != sizeof salt)
        salt = (uint16_t)getpid();
    strftime(run->started, sizeof run->started, "%Y-%m-%dT%H:%M:%SZ", &utc);
    size_t length = strftime(run->id, sizeof run->id, "%Y%m%dT%H%M%SZ", &utc);
    snprintf(run->id + length, sizeof run->id - length, "-%04x", salt);
    snprintf(run->version, sizeof run->version, "%s", COUNTERSIGN_VERSION);
    run->command = command;
    run->settings = arguments->options.settings;
}

/* What counters there are, or none at all by wish. */
static void probe_counters(struct run *run, unsigned cpu) {
    struct counter_options options = {.self_test = true, .cpu = cpu, .clock = &run->host.clock};
    if (run->settings.counters) {
        counter_probe(&options, &run->counter_plan);
        return;
    }
    for (int event = 0; event < COUNTER_EVENTS; event++)
        snprintf(run->counter_plan.entries[event].reason, sizeof run->counter_plan.entries[event].reason,
                 "not asked for (--no-counters)");
}

/* Samples that cannot be stored where they should be are not thrown away. */
static int save_elsewhere(const struct run *run, const struct problem *why) {
    char path[4096];
    struct problem problem;
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/%s.json", folder && *folder ? folder : "/var/tmp", run->id);
    if (run_save(run, path, &problem))
        return fail(EXIT_USAGE, "%s; nor could it be kept in %s: %s", why->text, path, problem.text);
    return fail(EXIT_USAGE, "%s; the result was kept in %s", why->text, path);
}

static int conclude_run(const struct run *run, const struct run_arguments *arguments, const char *path) {
    struct problem problem;
    int status = EXIT_DONE;
    if (run->comparison_count == 0 && caught_signal)
        return fail(EXIT_INTERRUPTED + caught_signal,
                    "interrupted before a point was complete; nothing was written");
    if (run->comparison_count == 0 && run->skipped_count == 0)
        return fail(EXIT_NOTHING, "nothing was measured");
    int saved = run_save(run, path, &problem);
    int printed = print_run(run, arguments->format);
    if (printed == 0 && saved == 0)
        fprintf(arguments->format == FORMAT_TABLE ? stdout : stderr, "%sresult file: %s\n",
                arguments->format == FORMAT_TABLE ? "\n" : "", path);
    if (saved)
        status = save_elsewhere(run, &problem);
    if (printed || finish_output(0)) {
        if (printed)
            output_failed(printed);
        return saved ? status : fail(EXIT_USAGE, "the result is complete in %s", path);
    }
    if (status)
        return status;
    if (caught_signal)
        return fail(EXIT_INTERRUPTED + caught_signal, "interrupted; the points that were complete are in %s",
                    path);
    for (size_t i = 0; i < run->comparison_count; i++)
        if (run->comparisons[i].verdict == VERDICT_INVALID)
            status = EXIT_INVALID;
    return run->comparison_count ? status : fail(EXIT_NOTHING, "every point was skipped; the table says why");
}

static int measure_and_conclude(struct supervisor *supervisor, const struct plan *plan,
                                struct run_arguments *arguments, struct run *run, const char *path) {
    struct problem problem;
    struct progress progress;
    struct runner_listener listener = progress_listener(&progress);
    arguments->options.listener = &listener;
    int failed = runner_run(supervisor, plan, &arguments->options, run, &problem);
    progress_end(&progress);
    if (!failed)
        return conclude_run(run, arguments, path);
    fail(EXIT_NOTHING, "%s", problem.text);
    if (run->comparison_count)
        conclude_run(run, arguments, path);
    return EXIT_NOTHING;
}

static int run_with_topology(struct run_arguments *arguments, struct run *run, struct topology *topology) {
    struct paths paths;
    struct problem problem;
    struct run_settings *settings = &arguments->options.settings;
    char path[8192];
    struct cpu_choice choice;
    struct supervisor supervisor = {
        .topology = topology, .limits = arguments->limits, .interrupted = &caught_signal};
    struct plan plan = {0};
    const char *cpus = settings->cpus[0] ? settings->cpus : NULL;
    if (topology_choose(topology, arguments->threads ? (unsigned)arguments->threads : 1, cpus, &choice,
                        &problem) ||
        paths_find(&paths, &problem) ||
        choose_output(arguments, &paths, run->id, path, sizeof path, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    memcpy(supervisor.program, paths.program, sizeof supervisor.program);
    fingerprint_read(&run->host, topology);
    struct plan_options options = {.points = settings->points,
                                   .allowed_threads = run->host.topology.allowed_cpus,
                                   .threads = (unsigned)arguments->threads};
    for (struct cpu_choice listed; cpus && options.allowed_threads > 1; options.allowed_threads--)
        if (topology_choose(topology, options.allowed_threads, cpus, &listed, NULL) == 0)
            break;
    memcpy(settings->cpu_reason, choice.reason, sizeof settings->cpu_reason);
    run->settings = *settings;
    if (supervisor_open(&supervisor, arguments->scratch, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    catch_signals();
    int status;
    if (plan_all(&supervisor, &paths, arguments, &options, &plan, &problem))
        status = fail(EXIT_USAGE, "%s", problem.text);
    else {
        probe_counters(run, choice.cpus[0]);
        status = measure_and_conclude(&supervisor, &plan, arguments, run, path);
    }
    plan_clear(&plan);
    supervisor_close(&supervisor);
    return status;
}

int verb_run(int argc, char **argv) {
    struct run_arguments arguments;
    char *command = quote_command(argc, argv);
    int status = read_arguments(argc, argv, &arguments);
    if (status) {
        free(command);
        return status > 0 ? finish_output(EXIT_DONE) : EXIT_USAGE;
    }
    struct run *run = calloc(1, sizeof *run);
    struct topology *topology = NULL;
    struct problem problem;
    if (!run)
        status = fail(EXIT_NOTHING, "out of memory");
    else if (topology_open(&topology, NULL, &problem))
        status = fail(EXIT_NOTHING, "%s", problem.text);
    else {
        start_run(run, &arguments, command);
        command = NULL;
        status = run_with_topology(&arguments, run, topology);
    }
    topology_close(topology);
    if (run)
        run_clear(run);
    free(run);
    free(command);
    return status;
}
