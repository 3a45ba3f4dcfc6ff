/* countersign run: measures cases, writes the result file, prints the table. */
#include "cli/cli.h"

#include "cli/progress.h"
#include "cli/run_output.h"
#include "cli/run_plan.h"
#include "cli/run_start.h"
#include "measure/runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: countersign run [CASE…] [option…]\n\n"
    "Measures cases (all of them where none is named), proves that every variant gives the baseline's "
    "answer,\n"
    "prints the table and writes a result file with every raw sample. A CASE with a slash is a folder with "
    "a\n"
    "kernel's sources, which are compiled first (CC, CXX, CFLAGS, CXXFLAGS, LDFLAGS), or with a case.yaml, "
    "or\n"
    "with both, or with several such folders; or a module, FILE.so.\n\n"
    "points\n"
    "  --quick             few points, 1 s a comparison: a first look\n"
    "  --sweep             every point of a case's sweep (default)\n"
    "  --full              also points that take long or much memory\n"
    "  --threads N         threads of parallel kernels, instead of the case's own\n"
    "measuring\n"
    "  --budget S          seconds of timing a comparison (default 2; 1 with --quick)\n"
    "  --delta PERCENT     smallest difference worth a word (default 1)\n"
    "  --replicates N      fresh processes a point, at the most (default 32 for each second of the budget, "
    "at least 16)\n"
    "  --design DESIGN     sequential (default): a candidate is measured until its verdict holds; fixed: all "
    "replicates\n"
    "  --seed N            of inputs and order (default: random, recorded)\n"
    "  --state STATE       what a sample finds in the caches: warm (default), cold, mixed\n"
    "  --build BUILD       native (default) or portable: which build of the kernels\n"
    "  --layout LAYOUT     random (default): each replicate draws one of many links of the kernel; fixed: "
    "one\n"
    "                      binary as it is\n"
    "  --cpus LIST         processing units, e.g. 2,3 or 4-7 (default: chosen, see docs/METHOD.md)\n"
    "  --event NAME        also count a native event, as PAPI or libpfm4 name it; up to 8 times\n"
    "  --no-counters       time alone, nothing counted or simulated\n"
    "  --no-simulation     no second look at each point under Valgrind's Callgrind\n"
    "  --simulation-budget S\n"
    "                      seconds a point may be simulated for before it is made smaller (default: as its "
    "timing\n"
    "                      takes, at least 2)\n"
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
    char events[COUNTER_NATIVE_EVENTS][COUNTER_NAME];
    size_t event_count;
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
    OPTION_DESIGN,
    OPTION_SEED,
    OPTION_STATE,
    OPTION_BUILD,
    OPTION_LAYOUT,
    OPTION_CPUS,
    OPTION_EVENT,
    OPTION_NO_COUNTERS,
    OPTION_NO_SIMULATION,
    OPTION_SIMULATION_BUDGET,
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
    {"design", required_argument, NULL, OPTION_DESIGN},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"state", required_argument, NULL, OPTION_STATE},
    {"build", required_argument, NULL, OPTION_BUILD},
    {"layout", required_argument, NULL, OPTION_LAYOUT},
    {"cpus", required_argument, NULL, OPTION_CPUS},
    {"event", required_argument, NULL, OPTION_EVENT},
    {"no-counters", no_argument, NULL, OPTION_NO_COUNTERS},
    {"no-simulation", no_argument, NULL, OPTION_NO_SIMULATION},
    {"simulation-budget", required_argument, NULL, OPTION_SIMULATION_BUDGET},
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

static int set_option(int option, struct run_arguments *arguments) {
    static const char *const states[] = {"warm", "cold", "mixed", NULL};
    static const char *const builds[] = {"native", "portable", NULL};
    static const char *const layouts[] = {"random", "fixed", NULL};
    static const char *const designs[] = {"sequential", "fixed", NULL};
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
    case OPTION_DESIGN:
        return choose_word("--design", optarg, designs, settings->design, sizeof settings->design);
    case OPTION_SEED:
        return parse_integer_option("--seed", optarg, 0, UINT64_MAX, &settings->seed);
    case OPTION_STATE:
        return choose_word("--state", optarg, states, settings->state, sizeof settings->state);
    case OPTION_BUILD:
        return choose_word("--build", optarg, builds, settings->build, sizeof settings->build);
    case OPTION_LAYOUT:
        return choose_word("--layout", optarg, layouts, settings->layout, sizeof settings->layout);
    case OPTION_CPUS:
        return set_cpus(optarg, settings);
    case OPTION_EVENT:
        return add_native_event("--event", optarg, arguments->events, &arguments->event_count);
    case OPTION_NO_COUNTERS:
        settings->counters = settings->simulate = false;
        return 0;
    case OPTION_NO_SIMULATION:
        settings->simulate = false;
        return 0;
    case OPTION_SIMULATION_BUDGET:
        return parse_number_option("--simulation-budget", optarg, 0.1, 86400, &settings->simulation_budget_s);
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

/* 0: go on; 1: help is wanted; -1: error was printed. */
static int read_arguments(int argc, char **argv, struct run_arguments *arguments) {
    *arguments = (struct run_arguments){
        .options = {.settings = {.delta = 0.01,
                                 .confidence = 0.95,
                                 .looks = 1,
                                 .design = "sequential",
                                 .state = "warm",
                                 .layout = "random",
                                 .build = "native",
                                 .counters = true,
                                 .simulate = true,
                                 .placebo = true},
                    .sample_us = 20},
        .limits = {.memory_bytes = (uint64_t)4 << 30, .stall_s = 30, .file_bytes = (uint64_t)4 << 30}};
    struct run_settings *settings = &arguments->options.settings;
    settings->seed = draw_seed();
    for (int option; (option = next_option(argc, argv, run_options)) != -1;) {
        if (option == OPTION_HELP)
            return 1;
        if (set_option(option, arguments))
            return -1;
    }
    if (!settings->points[0])
        set_points("sweep", settings);
    if (settings->budget_s == 0)
        settings->budget_s = strcmp(settings->points, "quick") ? 2 : 1;
    if (settings->replicates == 0)
        settings->replicates = runner_default_replicates(settings->budget_s);
    arguments->cases = argv + optind;
    arguments->case_count = (size_t)(argc - optind);
    return 0;
}

/* Events of the command line, then those of the cases: all are counted in all of the run. */
static int collect_events(const struct plan *plan, struct run_arguments *arguments) {
    char where[4200];
    for (size_t i = 0; i < plan->case_count; i++) {
        const struct case_file *file = &plan->cases[i].file;
        for (size_t j = 0; j < file->event_count; j++) {
            snprintf(where, sizeof where, "%s:%d: events", file->path, file->event_lines[j]);
            if (add_native_event(where, file->events[j], arguments->events, &arguments->event_count))
                return -1;
        }
    }
    return 0;
}

/* What counters there are, or none at all by wish. */
static void probe_counters(struct run *run, const struct run_arguments *arguments, unsigned cpu) {
    struct counter_options options = {.self_test = true,
                                      .cpu = cpu,
                                      .clock = &run->host.clock,
                                      .native_events = arguments->events,
                                      .native_event_count = arguments->event_count};
    if (run->settings.counters) {
        counter_probe(&options, &run->counter_plan);
        return;
    }
    for (int event = 0; event < COUNTER_EVENTS; event++)
        snprintf(run->counter_plan.entries[event].reason, sizeof run->counter_plan.entries[event].reason,
                 "not asked for (--no-counters)");
}

static int measure_and_conclude(struct supervisor *supervisor, const struct plan *plan,
                                struct run_arguments *arguments, struct run *run, const char *path) {
    struct problem problem;
    struct progress progress;
    struct runner_listener listener = progress_listener(&progress);
    arguments->options.listener = &listener;
    int failed = runner_run(supervisor, plan, &arguments->options, run, &problem);
    progress_end(&progress);
    return conclude_run(run, arguments->format, path, failed ? &problem : NULL);
}

/* Threads that --cpus leaves room for. */
static unsigned count_allowed(const struct run *run, const struct topology *topology, const char *cpus) {
    struct cpu_choice listed;
    unsigned threads = run->host.topology.allowed_cpus;
    while (cpus && threads > 1 && topology_choose(topology, threads, cpus, &listed, NULL) != 0)
        threads--;
    return threads;
}

/* Why these processing units: for the point with the most threads, whose choice holds all the others'. */
static void explain_cpus(struct run *run, const struct plan *plan, const struct topology *topology,
                         const char *cpus) {
    struct cpu_choice choice;
    unsigned threads = 1;
    for (size_t i = 0; i < plan->point_count; i++)
        threads = plan->points[i].threads > threads ? plan->points[i].threads : threads;
    if (topology_choose(topology, threads, cpus, &choice, NULL) == 0)
        memcpy(run->settings.cpu_reason, choice.reason, sizeof run->settings.cpu_reason);
}

/* Everything that can be refused is refused in here before anything is measured. */
static int plan_and_measure(struct supervisor *supervisor, const struct paths *paths,
                            struct run_arguments *arguments, struct run *run, unsigned cpu) {
    struct problem problem;
    struct plan plan = {0};
    char path[8192];
    const char *cpus = run->settings.cpus[0] ? run->settings.cpus : NULL;
    struct plan_options options = {.points = run->settings.points,
                                   .allowed_threads = count_allowed(run, supervisor->topology, cpus),
                                   .threads = (unsigned)arguments->threads};
    int status;
    struct case_sources sources = {
        .supervisor = supervisor, .paths = paths, .build = run->settings.build, .options = &options};
    if (plan_names(&sources, arguments->cases, arguments->case_count, &plan, &problem))
        status = caught_signal     ? fail(EXIT_INTERRUPTED + caught_signal,
                                          "interrupted before a point was complete; nothing was written")
                 : problem.text[0] ? fail(EXIT_USAGE, "%s", problem.text)
                                   : EXIT_USAGE; /* a compiler's errors stand there already */
    else if (choose_output(arguments->output, paths, run->id, path, sizeof path, &problem))
        status = fail(EXIT_USAGE, "%s", problem.text);
    else if (run->settings.counters && collect_events(&plan, arguments))
        status = EXIT_USAGE;
    else {
        explain_cpus(run, &plan, supervisor->topology, cpus);
        probe_counters(run, arguments, cpu);
        status = measure_and_conclude(supervisor, &plan, arguments, run, path);
    }
    plan_clear(&plan);
    return status;
}

static int run_with_topology(struct run_arguments *arguments, struct run *run, struct topology *topology) {
    struct paths paths;
    struct problem problem;
    struct run_settings *settings = &arguments->options.settings;
    struct cpu_choice choice;
    struct supervisor supervisor = {
        .topology = topology, .limits = arguments->limits, .interrupted = &caught_signal};
    const char *cpus = settings->cpus[0] ? settings->cpus : NULL;
    if (topology_choose(topology, arguments->threads ? (unsigned)arguments->threads : 1, cpus, &choice,
                        &problem) ||
        paths_find(&paths, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    memcpy(supervisor.program, paths.program, sizeof supervisor.program);
    fingerprint_read(&run->host, topology);
    run->settings = *settings;
    catch_signals(); /* from here on there is a folder to remove */
    if (supervisor_open(&supervisor, arguments->scratch, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    int status = plan_and_measure(&supervisor, &paths, arguments, run, choice.cpus[0]);
    supervisor_close(&supervisor);
    return status;
}

int run_for(int argc, char **argv, char *command) {
    struct run_arguments arguments;
    int status = read_arguments(argc, argv, &arguments);
    if (status) {
        free(command);
        return status > 0 ? finish_output(print_help(help, stdout), EXIT_DONE) : EXIT_USAGE;
    }
    struct run *run = calloc(1, sizeof *run);
    struct topology *topology = NULL;
    struct problem problem;
    if (!run)
        status = fail(EXIT_NOTHING, "out of memory");
    else if (topology_open(&topology, NULL, &problem))
        status = fail(EXIT_NOTHING, "%s", problem.text);
    else {
        start_run(run, &arguments.options.settings, command);
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

int verb_run(int argc, char **argv) {
    return run_for(argc, argv, quote_command(argc, argv));
}
