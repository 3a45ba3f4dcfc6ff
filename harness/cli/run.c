/* countersign run: measures cases, writes the result file, prints the table. */
#include "cli/cli.h"

#include "cli/progress.h"
#include "cli/run_output.h"
#include "cli/run_plan.h"
#include "cli/run_start.h"
#include "measure/runner.h"
#include "stats/sequential.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: countersign run [CASE…] [option…]\n\n"
    "Measures cases (a few points of all of them where none is named), proves that every variant gives the baseline's "
    "answer,\n"
    "writes a result file with every raw sample and prints the table of one case, or of several a line a "
    "candidate. A\n"
    "CASE with a slash is a folder with a kernel's sources, which are compiled first (CC, CXX, CFLAGS, CXXFLAGS, LDFLAGS), or with a case.yaml, "
    "or\n"
    "with both, or with several such folders; or a module, FILE.so.\n"
    "After up to 32 points were timed, their memory is measured and they are simulated, side by side.\n\n";

static const char ending[] =
    "exit status: 0 every comparison valid; 2 wrong usage or input; 3 a comparison was invalid; 4 nothing "
    "could\n"
    "be measured; 128 + n ended by signal n, what was complete is kept\n";

struct run_arguments {
    struct runner_options options;
    struct table_request request;
    const char *output, *scratch;
    struct worker_limits limits;
    uint64_t threads;
    char events[COUNTER_NATIVE_EVENTS][COUNTER_NAME];
    size_t event_count;
    char **cases;
    size_t case_count;
    bool quiet;
};

enum {
    RUN_QUICK = OPTION_FIRST,
    RUN_SWEEP,
    RUN_FULL,
    RUN_THREADS,
    RUN_BUDGET,
    RUN_DELTA,
    RUN_REPLICATES,
    RUN_DESIGN,
    RUN_SEED,
    RUN_STATE,
    RUN_BUILD,
    RUN_LAYOUT,
    RUN_CPUS,
    RUN_EVENT,
    RUN_NO_COUNTERS,
    RUN_NO_SIMULATION,
    RUN_SIMULATION_BUDGET,
    RUN_MEMORY,
    RUN_TIME,
    RUN_SCRATCH,
    RUN_OUTPUT,
    RUN_FORMAT,
    RUN_TABLES,
    RUN_NOTES,
    RUN_DETAILS,
    RUN_QUIET
};

static const struct option_row rows[] = {
    {.help = "points"},
    {"quick", NULL, RUN_QUICK, "few points, 1 s a comparison: a first look (default where no case is named)",
     FLAG},
    {"sweep", NULL, RUN_SWEEP, "every point of a case's sweep (default where one is named)", FLAG},
    {"full", NULL, RUN_FULL, "also points that take long or much memory", FLAG},
    {"threads", "N", RUN_THREADS, "threads of parallel kernels, instead of the case's own",
     WHOLE_FROM(1, WORKER_THREADS)},
    {.help = "measuring"},
    {"budget", "S", RUN_BUDGET, "seconds of timing a comparison (default 2; 1 with --quick)",
     NUMBER_FROM(0.01, 3600)},
    {"delta", "PERCENT", RUN_DELTA, "smallest difference worth a word (default 1)", NUMBER_FROM(0.001, 100)},
    {"replicates", "N", RUN_REPLICATES,
     "fresh processes a point, at the most (default 32 for each second of the budget, at least 16)",
     WHOLE_FROM(2, SEQUENTIAL_MOST)},
    {"design", "DESIGN", RUN_DESIGN,
     "sequential (default): a candidate is measured until its verdict holds; fixed: all replicates",
     ONE_OF("sequential", "fixed")},
    {"seed", "N", RUN_SEED, "of inputs and order (default: random, recorded)", WHOLE_FROM(0, UINT64_MAX)},
    {"state", "STATE", RUN_STATE, "what a sample finds in the caches: warm (default), cold, mixed",
     ONE_OF("warm", "cold", "mixed")},
    {"build", "BUILD", RUN_BUILD, "native (default) or portable: which build of the kernels",
     ONE_OF("native", "portable")},
    {"layout", "LAYOUT", RUN_LAYOUT,
     "random (default): each replicate draws one of many links of the kernel; fixed: one binary as it is",
     ONE_OF("random", "fixed")},
    {"cpus", "LIST", RUN_CPUS, "processing units, e.g. 2,3 or 4-7 (default: chosen, see docs/METHOD.md)",
     ANY_TEXT},
    {"event", "NAME", RUN_EVENT, "also count a native event, as PAPI or libpfm4 name it; up to 8 times",
     ANY_TEXT},
    {"no-counters", NULL, RUN_NO_COUNTERS, "time alone, nothing counted or simulated", FLAG},
    {"no-simulation", NULL, RUN_NO_SIMULATION, "no second look at each point under Valgrind's Callgrind",
     FLAG},
    {"simulation-budget", "S", RUN_SIMULATION_BUDGET,
     "seconds a point may be simulated for before it is made smaller (default: as its timing takes, at least "
     "2)",
     NUMBER_FROM(0.1, 86400)},
    {.help = "limits"},
    {"memory-limit", "SIZE", RUN_MEMORY, "of a worker (default 4G)", .kind = VALUE_SIZE},
    {"time-limit", "S", RUN_TIME,
     "longest time without progress before a variant counts as hung (default 30)", NUMBER_FROM(0.1, 86400)},
    {"scratch", "FOLDER", RUN_SCRATCH, "where kernels keep their files (default $TMPDIR or /var/tmp)",
     .kind = VALUE_FOLDER},
    {.help = "output"},
    {"output", "PATH", RUN_OUTPUT,
     "result file, or folder for it (default: results/runs, or the user's data folder)", .kind = VALUE_FILE},
    {"format", "FORMAT", RUN_FORMAT, "table (default), markdown, csv or json", TABLE_FORMATS},
    TABLE_OPTION(RUN_TABLES),
    NOTES_OPTION(RUN_NOTES),
    {"details", NULL, RUN_DETAILS, "each comparison by itself, as `show --details`", FLAG},
    {"quiet", NULL, RUN_QUIET, "no progress, and of compilers errors alone", FLAG},
    OPTIONS_END};

static const struct verb_options options = {
    .usage = usage, .rows = rows, .ending = ending, .operands = VALUE_CASE};

const struct verb_options *run_options(void) {
    return &options;
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

#define SET_TEXT(to, text) snprintf((to), sizeof(to), "%s", (text))

static void set_measuring(const struct given_option *given, struct run_settings *settings) {
    switch (given->row->value) {
    case RUN_BUDGET:
        settings->budget_s = given->number;
        break;
    case RUN_DELTA:
        settings->delta = given->number / 100;
        break;
    case RUN_REPLICATES:
        settings->replicates = (unsigned)given->whole;
        break;
    case RUN_DESIGN:
        SET_TEXT(settings->design, given->text);
        break;
    case RUN_SEED:
        settings->seed = given->whole;
        break;
    case RUN_STATE:
        SET_TEXT(settings->state, given->text);
        break;
    case RUN_BUILD:
        SET_TEXT(settings->build, given->text);
        break;
    case RUN_LAYOUT:
        SET_TEXT(settings->layout, given->text);
        break;
    case RUN_NO_COUNTERS:
        settings->counters = settings->simulate = false;
        break;
    case RUN_NO_SIMULATION:
        settings->simulate = false;
        break;
    default: /* RUN_SIMULATION_BUDGET */
        settings->simulation_budget_s = given->number;
    }
}

static int set_option(const struct given_option *given, struct run_arguments *arguments) {
    struct run_settings *settings = &arguments->options.settings;
    switch (given->row->value) {
    case RUN_QUICK:
    case RUN_SWEEP:
    case RUN_FULL:
        return set_points(given->row->name, settings);
    case RUN_THREADS:
        arguments->threads = given->whole;
        return 0;
    case RUN_CPUS:
        return set_cpus(given->text, settings);
    case RUN_EVENT:
        return add_native_event("--event", given->text, arguments->events, &arguments->event_count);
    case RUN_MEMORY:
        arguments->limits.memory_bytes = given->whole;
        return 0;
    case RUN_TIME:
        arguments->limits.stall_s = given->number;
        return 0;
    case RUN_SCRATCH:
        arguments->scratch = given->text;
        return 0;
    case RUN_OUTPUT:
        arguments->output = given->text;
        return 0;
    case RUN_FORMAT:
        arguments->request.format = (enum table_format)given->choice;
        return 0;
    case RUN_TABLES:
        arguments->request.tables = true;
        return 0;
    case RUN_NOTES:
        arguments->request.notes = true;
        return 0;
    case RUN_DETAILS:
        arguments->request.details = true;
        return 0;
    case RUN_QUIET:
        arguments->quiet = true;
        return 0;
    default:
        set_measuring(given, settings);
        return 0;
    }
}

/* 0, or -1 after a message. */
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
    struct given_option given;
    for (int option; (option = next_option(argc, argv, &options, &given)) != -1;)
        if (option == '?' || set_option(&given, arguments))
            return -1;
    if (arguments->request.details && arguments->request.format != FORMAT_TABLE)
        return fail(-1, "run: --details is a table; the other formats hold all of it anyway");
    if (check_table_request("run", &arguments->request))
        return -1;
    if (!settings
             ->points[0]) /* all of the catalogue at every point takes an hour, which has to be asked for */
        set_points(optind < argc ? "sweep" : "quick", settings);
    if (settings->budget_s == 0)
        settings->budget_s = strcmp(settings->points, "quick") ? 2 : 1;
    if (settings->replicates == 0)
        settings->replicates = runner_default_replicates(settings->budget_s);
    arguments->cases = argv + optind;
    arguments->case_count = (size_t)(argc - optind);
    return 0;
}

/* Events of the command line, then the case's own. */
static int collect_events(const struct run_arguments *arguments, const struct case_file *file,
                          char events[COUNTER_NATIVE_EVENTS][COUNTER_NAME], size_t *count) {
    char where[4200];
    *count = arguments->event_count;
    memcpy(events, arguments->events, sizeof arguments->events);
    for (size_t i = 0; i < file->event_count; i++) {
        snprintf(where, sizeof where, "%s:%d: events", file->path, file->event_lines[i]);
        if (add_native_event(where, file->events[i], events, count))
            return -1;
    }
    return 0;
}

static void probe_counters(const struct run *run, unsigned cpu, const char (*events)[COUNTER_NAME],
                           size_t count, struct counter_plan *plan) {
    struct counter_options options = {.self_test = true,
                                      .cpu = cpu,
                                      .clock = &run->host.clock,
                                      .native_events = events,
                                      .native_event_count = count};
    counter_probe(&options, plan);
}

/* A plan that counts these events already; NULL if there is none yet. */
static const struct counter_plan *find_plan(const struct run *run, const char (*events)[COUNTER_NAME]) {
    if (counter_same_native(run->counter_plan.native_events, events))
        return &run->counter_plan;
    for (size_t i = 0; i < run->case_plan_count; i++)
        if (counter_same_native(run->case_plans[i].plan.native_events, events))
            return &run->case_plans[i].plan;
    return NULL;
}

static int plan_case(struct run *run, const struct run_arguments *arguments, const struct case_file *file,
                     unsigned cpu) {
    struct case_plan own = {.case_name = ""};
    char events[COUNTER_NATIVE_EVENTS][COUNTER_NAME] = {""};
    size_t count;
    if (collect_events(arguments, file, events, &count))
        return EXIT_USAGE;
    const struct counter_plan *known = find_plan(run, events);
    if (known == &run->counter_plan)
        return 0;
    snprintf(own.case_name, sizeof own.case_name, "%s", file->name);
    if (known)
        own.plan = *known;
    else
        probe_counters(run, cpu, events, count, &own.plan);
    return run_add_case_plan(run, &own) ? fail(EXIT_NOTHING, "out of memory") : 0;
}

/* What counters there are for each case, or none at all by wish. 0 or an exit status. */
static int plan_counters(struct run *run, const struct run_arguments *arguments, const struct plan *plan,
                         unsigned cpu) {
    int status = 0;
    if (run->settings.counters)
        probe_counters(run, cpu, arguments->events, arguments->event_count, &run->counter_plan);
    for (size_t i = 0; i < plan->case_count && run->settings.counters && status == 0; i++)
        status = plan_case(run, arguments, &plan->cases[i].file, cpu);
    for (int event = 0; event < COUNTER_EVENTS && !run->settings.counters; event++)
        snprintf(run->counter_plan.entries[event].reason, sizeof run->counter_plan.entries[event].reason,
                 "not asked for (--no-counters)");
    return status;
}

static int measure_and_conclude(struct supervisor *supervisor, const struct plan *plan,
                                struct run_arguments *arguments, struct run *run, const char *path) {
    struct problem problem;
    struct progress progress;
    struct runner_listener listener = progress_listener(&progress, arguments->quiet);
    arguments->options.listener = &listener;
    int failed = runner_run(supervisor, plan, &arguments->options, run, &problem);
    progress_end(&progress);
    return conclude_run(run, &arguments->request, path, failed ? &problem : NULL);
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
    struct links_ahead ahead = {0};
    char path[8192];
    const char *cpus = run->settings.cpus[0] ? run->settings.cpus : NULL;
    struct plan_options planning = {.points = run->settings.points,
                                    .allowed_threads = count_allowed(run, supervisor->topology, cpus),
                                    .threads = (unsigned)arguments->threads};
    int status;
    arguments->options.ahead = &ahead;
    struct case_sources sources = {.supervisor = supervisor,
                                   .paths = paths,
                                   .build = run->settings.build,
                                   .options = &planning,
                                   .compiling_s = &arguments->options.compiling_s,
                                   .alone = !run->settings.simulate,
                                   .runner = &arguments->options,
                                   .quiet = arguments->quiet};
    int planned = plan_names(&sources, arguments->cases, arguments->case_count, &plan, &problem);
    take_commit(run);
    if (planned)
        status = caught_signal     ? fail(EXIT_INTERRUPTED + caught_signal,
                                          "interrupted before a point was complete; nothing was written")
                 : problem.text[0] ? fail(EXIT_USAGE, "%s", problem.text)
                                   : EXIT_USAGE; /* a compiler's errors stand there already */
    else if (choose_output(arguments->output, paths, run->id, path, sizeof path, &problem))
        status = fail(EXIT_USAGE, "%s", problem.text);
    else {
        explain_cpus(run, &plan, supervisor->topology, cpus);
        status = plan_counters(run, arguments, &plan, cpu);
        if (status == 0)
            status = measure_and_conclude(supervisor, &plan, arguments, run, path);
    }
    links_close(ahead.links);
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
    memcpy(supervisor.program, paths.worker, sizeof supervisor.program);
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
    sample_clock_anticipate();
    commit_anticipate();
    int status = read_arguments(argc, argv, &arguments);
    if (status) {
        free(command);
        return EXIT_USAGE;
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
