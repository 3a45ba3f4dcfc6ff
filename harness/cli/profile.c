/* countersign profile: where the time of variants goes. */
#include "cli/cli.h"
#include "cli/run_plan.h"

#include "measure/profile.h"
#include "measure/runner.h"
#include "report/profile.h"
#include "store/suggest.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: countersign profile CASE|MODULE [option…]\n\n"
    "Says where the time of a kernel's variants goes: the hottest functions and source lines with their\n"
    "shares, and what most likely bounds each variant (memory, branches, core, front end, system calls,\n"
    "waiting), with the numbers that this was judged by. A CASE with a slash is a folder\n"
    "with a kernel's sources, which are compiled first, or with a case.yaml, or with both; a MODULE is the\n"
    "path of a .so file. What is judged and how: docs/PROFILE.md.\n\n"
    "  --variant NAME    only this variant; may be repeated (default: a case's baseline and candidates, all\n"
    "                    variants of a module)\n"
    "  --where N=V,…     values of parameters, e.g. n=4096,hit=100; may be repeated (default: the first of "
    "a\n"
    "                    case's quick points, the defaults of a module)\n"
    "  --with TOOL       callgrind: counts of a simulation, user code alone; perf: samples. Default:\n"
    "                    callgrind, and perf for what it cannot simulate or where there is none\n"
    "  --seconds S       of timing, and of sampling, a variant (default 0.3)\n"
    "  --simulation-budget S  seconds of simulation; a point that takes longer is scaled down (default 60)\n"
    "  --cpus LIST       processing units, e.g. 2,3 or 4-7 (default: chosen, see docs/METHOD.md)\n"
    "  --memory-limit SIZE  of a worker (default 4G)\n"
    "  --time-limit S    longest time without progress before a variant counts as hung (default 30)\n"
    "  --scratch FOLDER  where kernels keep their files (default $TMPDIR or /var/tmp)\n"
    "  --format FORMAT   text (default), markdown or json\n"
    "  --help            this text\n\n"
    "exit status: 0 done; 2 wrong usage or input; 3 a variant was invalid; 4 there is no tool to profile\n"
    "with, or nothing could be profiled; 128 + n ended by signal n\n";

#define MOST_WHERE 32

struct profile_arguments {
    struct profile_request request;
    struct worker_limits limits;
    const char *scratch, *subject;
    const char *where[MOST_WHERE], *variants[CS_MAX_VARIANTS];
    size_t where_count, variant_count;
    enum { PROFILE_TEXT, PROFILE_MARKDOWN, PROFILE_JSON } format;
};

static const struct option profile_options[] = {{"variant", required_argument, NULL, 'v'},
                                                {"where", required_argument, NULL, 'w'},
                                                {"with", required_argument, NULL, 't'},
                                                {"seconds", required_argument, NULL, 's'},
                                                {"simulation-budget", required_argument, NULL, 'b'},
                                                {"cpus", required_argument, NULL, 'c'},
                                                {"memory-limit", required_argument, NULL, 'm'},
                                                {"time-limit", required_argument, NULL, 'l'},
                                                {"scratch", required_argument, NULL, 'd'},
                                                {"format", required_argument, NULL, 'f'},
                                                {"help", no_argument, NULL, 'h'},
                                                {NULL, 0, NULL, 0}};

static int add_word(const char *option, const char **words, size_t *count, size_t most) {
    if (*count == most) {
        fail(EXIT_USAGE, "%s: at most %zu of them", option, most);
        return -1;
    }
    words[(*count)++] = optarg;
    return 0;
}

static int choose(const char *option, const char *const *words, const char *list, int *choice) {
    for (int i = 0; words[i]; i++)
        if (!strcmp(optarg, words[i])) {
            *choice = i;
            return 0;
        }
    fail(EXIT_USAGE, "%s: expected %s, got '%s'", option, list, optarg);
    return -1;
}

static int set_option(int option, struct profile_arguments *arguments) {
    static const char *const tools[] = {"callgrind", "perf", NULL};
    static const char *const formats[] = {"text", "markdown", "json", NULL};
    int choice = 0, status;
    switch (option) {
    case 'v':
        return add_word("--variant", arguments->variants, &arguments->variant_count, CS_MAX_VARIANTS);
    case 'w':
        return add_word("--where", arguments->where, &arguments->where_count, MOST_WHERE);
    case 't':
        status = choose("--with", tools, "callgrind or perf", &choice);
        arguments->request.tool = choice ? PROFILE_PERF : PROFILE_CALLGRIND;
        return status;
    case 's':
        return parse_number_option("--seconds", optarg, 0.05, 60, &arguments->request.seconds);
    case 'b':
        return parse_number_option("--simulation-budget", optarg, 1, 3600,
                                   &arguments->request.simulation_budget_s);
    case 'c':
        arguments->request.cpus = optarg;
        return 0;
    case 'm':
        return parse_size_option("--memory-limit", optarg, &arguments->limits.memory_bytes);
    case 'l':
        return parse_number_option("--time-limit", optarg, 0.1, 86400, &arguments->limits.stall_s);
    case 'd':
        arguments->scratch = optarg;
        return 0;
    case 'f':
        status = choose("--format", formats, "text, markdown or json", &choice);
        arguments->format = choice;
        return status;
    default:
        return -1;
    }
}

/* 0: go on; 1: help is wanted; -1: error was printed. */
static int read_arguments(int argc, char **argv, struct profile_arguments *arguments) {
    *arguments = (struct profile_arguments){
        .request = {.seconds = 0.3, .simulation_budget_s = 60},
        .limits = {.memory_bytes = (uint64_t)4 << 30, .stall_s = 30, .file_bytes = (uint64_t)4 << 30}};
    for (int option; (option = next_option(argc, argv, profile_options)) != -1;) {
        if (option == 'h')
            return 1;
        if (set_option(option, arguments))
            return -1;
    }
    if (argc - optind == 1) {
        arguments->subject = argv[optind];
        return 0;
    }
    if (optind == argc)
        fail(EXIT_USAGE, "profile needs a case or the path of a module; `countersign list` shows the cases");
    else
        fail(EXIT_USAGE, "profile takes one case or module, got '%s' too", argv[optind + 1]);
    return -1;
}

static bool is_module(const char *subject) {
    size_t length = strlen(subject);
    return length > 3 && !strcmp(subject + length - 3, ".so");
}

/* The first of a case's quick points, with its variants; what has no module yet is compiled. */
static int plan_case_point(struct supervisor *supervisor, const struct paths *paths, const char *subject,
                           unsigned allowed_threads, struct case_file *file,
                           struct module_description *module, struct plan_point *point,
                           struct problem *problem) {
    struct plan plan = {0};
    struct plan_options options = {.points = "quick", .allowed_threads = allowed_threads};
    struct case_sources sources = {
        .paths = paths, .build = "native", .supervisor = supervisor, .options = &options};
    int status = plan_named(&sources, subject, &plan, problem);
    if (status == 0 && plan.case_count != 1)
        status = problem_set(problem, EINVAL, "%s holds %zu cases; profile takes one: name its folder",
                             subject, plan.case_count);
    if (status == 0) {
        *file = plan.cases[0].file;
        *module = plan.cases[0].module;
    }
    if (status == 0 && plan.point_count)
        *point = plan.points[0];
    else if (status == 0)
        status =
            problem_set(problem, ENODATA, "%s: nothing of it can be measured here%s%s", file->name,
                        plan.skipped_count ? ": " : "", plan.skipped_count ? plan.skipped[0].reason : "");
    plan_clear(&plan);
    return status;
}

/* The worker, which loads it, runs in another folder. */
static int describe_module(struct supervisor *supervisor, const char *path, struct module_description *module,
                           struct problem *problem) {
    char absolute[PATH_MAX];
    return realpath(path, absolute) ? runner_describe(supervisor, absolute, module, problem)
                                    : problem_set(problem, errno, "%s: %s", path, strerror(errno));
}

static void take_all_variants(const struct module_description *module, struct plan_point *point) {
    point->variant_count = 0;
    for (size_t i = 0; i < module->variant_count; i++)
        if (module->variants[i].supported)
            point->variants[point->variant_count++] = (unsigned)i;
}

/* Position of a variant among the point's, where it is put if it is not there; -1: it cannot run here. */
static int want_variant(const struct module_description *module, const char *name, struct plan_point *point,
                        struct problem *problem) {
    const char *names[CS_MAX_VARIANTS + 1] = {NULL};
    char hint[512];
    int variant = module_find_variant(module, name);
    for (size_t i = 0; i < module->variant_count; i++)
        names[i] = module->variants[i].name;
    struct name_list list = name_list_of(names);
    if (variant < 0) {
        problem_set(problem, EINVAL, "--variant: kernel %s has no variant '%s'%s", module->name, name,
                    suggest_names(name, &list, hint, sizeof hint));
        return -1;
    }
    for (size_t i = 0; i < point->variant_count; i++)
        if (point->variants[i] == (unsigned)variant)
            return (int)i;
    if (!module->variants[variant].supported) {
        problem_set(problem, EINVAL, "--variant: %s cannot run here: %s", name,
                    module->variants[variant].reason);
        return -1;
    }
    point->variants[point->variant_count] = (unsigned)variant;
    return (int)point->variant_count++;
}

static int choose_variants(struct profile_arguments *arguments, const struct module_description *module,
                           struct plan_point *point, struct problem *problem) {
    struct profile_request *request = &arguments->request;
    for (size_t i = 0; i < arguments->variant_count; i++) {
        int index = want_variant(module, arguments->variants[i], point, problem);
        if (index < 0)
            return -EINVAL;
        request->wanted[index] = true;
    }
    for (size_t i = 0; i < point->variant_count && arguments->variant_count == 0; i++)
        request->wanted[i] = true;
    return 0;
}

/* What was asked for, refused or made into a request. */
static int prepare(struct supervisor *supervisor, const struct paths *paths,
                   struct profile_arguments *arguments, struct case_file *file,
                   struct module_description *module, struct plan_point *point, struct problem *problem) {
    struct topology_facts facts;
    struct plan_point from;
    bool of_case = !is_module(arguments->subject);
    topology_get_facts(supervisor->topology, &facts);
    int status = of_case ? plan_case_point(supervisor, paths, arguments->subject, facts.allowed_cpus, file,
                                           module, &from, problem)
                         : describe_module(supervisor, arguments->subject, module, problem);
    if (status == 0 && !of_case && !module->supported)
        status = problem_set(problem, ENODATA, "%s cannot run here: %s", module->name, module->reason);
    if (status == 0)
        status = profile_point_make(module, of_case ? &from : NULL, arguments->where, arguments->where_count,
                                    facts.allowed_cpus, point, problem);
    if (status == 0 && !of_case)
        take_all_variants(module, point);
    return status ? status : choose_variants(arguments, module, point, problem);
}

static int print_profile(const struct profile *profile, int format) {
    struct report_style style = report_style_for(stdout);
    int error = format == PROFILE_JSON       ? profile_print_json(profile, stdout)
                : format == PROFILE_MARKDOWN ? report_profile_markdown(profile, stdout)
                                             : report_profile(profile, &style, stdout);
    size_t invalid = 0;
    for (size_t i = 0; i < profile->variant_count; i++)
        invalid += profile->variants[i].invalid[0] != '\0';
    return finish_output(error, invalid ? EXIT_INVALID : EXIT_DONE);
}

static int stop(int error, const struct problem *problem) {
    if (caught_signal)
        return fail(EXIT_INTERRUPTED + caught_signal, "interrupted; nothing was profiled");
    if (!problem->text[0]) /* the compiler's messages have been shown */
        return EXIT_USAGE;
    return fail(error == -ENODATA || error == -ENOTSUP || error == -ENOMEM ? EXIT_NOTHING : EXIT_USAGE, "%s",
                problem->text);
}

static int profile(struct supervisor *supervisor, const struct paths *paths,
                   struct profile_arguments *arguments) {
    struct problem problem;
    struct plan_point point = {0};
    struct sample_clock clock;
    struct counter_plan *plan = calloc(1, sizeof *plan);
    struct case_file *file = calloc(1, sizeof *file);
    struct module_description *module = calloc(1, sizeof *module);
    struct profile *result = calloc(1, sizeof *result);
    struct profile_request *request = &arguments->request;
    int error = plan && file && module && result ? 0 : problem_set(&problem, ENOMEM, "out of memory");
    if (!error)
        error = prepare(supervisor, paths, arguments, file, module, &point, &problem);
    if (!error) {
        sample_clock_open(&clock);
        counter_probe(&(struct counter_options){.clock = &clock}, plan);
        request->hardware_cycles = plan->entries[COUNTER_CYCLES].source == SOURCE_HW ||
                                   plan->entries[COUNTER_CYCLES].source == SOURCE_HW_GENERIC;
        request->description = module;
        request->point = &point;
        request->clock = &clock;
        request->topology = supervisor->topology;
        error = profile_measure(supervisor, request, result, &problem);
    }
    if (!error) {
        memcpy(result->case_name, file->name, sizeof result->case_name);
        memcpy(result->title, file->title, sizeof result->title);
    }
    int status = error ? stop(error, &problem) : print_profile(result, arguments->format);
    if (result)
        profile_clear(result);
    free(result);
    free(module);
    free(file);
    free(plan);
    return status;
}

int verb_profile(int argc, char **argv) {
    struct profile_arguments arguments;
    struct topology *topology = NULL;
    struct paths paths;
    struct problem problem;
    int status = read_arguments(argc, argv, &arguments);
    if (status)
        return status > 0 ? finish_output(print_help(help, stdout), EXIT_DONE) : EXIT_USAGE;
    if (topology_open(&topology, NULL, &problem))
        return fail(EXIT_NOTHING, "%s", problem.text);
    struct cpu_choice choice;
    struct supervisor supervisor = {
        .topology = topology, .limits = arguments.limits, .interrupted = &caught_signal};
    catch_signals();
    if (topology_choose(topology, 1, arguments.request.cpus, &choice, &problem) ||
        paths_find(&paths, &problem) || supervisor_open(&supervisor, arguments.scratch, &problem))
        status = fail(EXIT_USAGE, "%s", problem.text);
    else {
        memcpy(supervisor.program, paths.program, sizeof supervisor.program);
        status = profile(&supervisor, &paths, &arguments);
        supervisor_close(&supervisor);
    }
    topology_close(topology);
    return status;
}
