/* countersign profile: where the time of variants goes. */
#include "cli/cli.h"
#include "cli/one_point.h"

#include "measure/runner.h"
#include "profile/profile.h"
#include "report/profile.h"
#include "store/suggest.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: countersign profile CASE|MODULE [option…]\n\n"
    "Says where the time of a kernel's variants goes: the hottest functions and source lines with their\n"
    "shares, and what most likely bounds each variant (memory, branches, core, front end, system calls,\n"
    "waiting), with the numbers that this was judged by. A CASE with a slash is a folder\n"
    "with a kernel's sources, which are compiled first, or with a case.yaml, or with both; a MODULE is the\n"
    "path of a .so file. What is judged and how: docs/PROFILE.md.\n\n";

static const char ending[] =
    "exit status: 0 done; 2 wrong usage or input; 3 a variant was invalid; 4 there is no tool to profile\n"
    "with, or nothing could be profiled; 128 + n ended by signal n\n";

struct profile_arguments {
    struct profile_request request;
    struct one_point point;
    const char *variants[CS_MAX_VARIANTS];
    size_t variant_count;
    enum profile_format { PROFILE_TEXT, PROFILE_MARKDOWN, PROFILE_JSON } format;
};

enum {
    PROFILE_VARIANT = OPTION_FIRST,
    PROFILE_WHERE,
    PROFILE_WITH,
    PROFILE_SECONDS,
    PROFILE_SIMULATION,
    PROFILE_CPUS,
    PROFILE_MEMORY,
    PROFILE_TIME,
    PROFILE_SCRATCH,
    PROFILE_FORMAT,
    PROFILE_QUIET
};

static const struct option_row rows[] = {
    {"variant", "NAME", PROFILE_VARIANT,
     "only this variant; may be repeated (default: a case's baseline and candidates, all variants of a "
     "module)",
     ANY_TEXT},
    {"where", "N=V,…", PROFILE_WHERE,
     "values of parameters, e.g. n=4096,hit=100; may be repeated (default: the first of a case's quick "
     "points, "
     "the defaults of a module)",
     ANY_TEXT},
    {"with", "TOOL", PROFILE_WITH,
     "callgrind: counts of a simulation, user code alone; perf: samples. Default: callgrind, and perf for "
     "what "
     "it cannot simulate or where there is none",
     ONE_OF("callgrind", "perf")},
    {"seconds", "S", PROFILE_SECONDS, "of timing, and of sampling, a variant (default 0.3)",
     NUMBER_FROM(0.05, 60)},
    {"simulation-budget", "S", PROFILE_SIMULATION,
     "seconds of simulation; a point that takes longer is scaled down (default 60)", NUMBER_FROM(1, 3600)},
    {"cpus", "LIST", PROFILE_CPUS, "processing units, e.g. 2,3 or 4-7 (default: chosen, see docs/METHOD.md)",
     ANY_TEXT},
    {"memory-limit", "SIZE", PROFILE_MEMORY, "of a worker (default 4G)", .kind = VALUE_SIZE},
    {"time-limit", "S", PROFILE_TIME,
     "longest time without progress before a variant counts as hung (default 30)", NUMBER_FROM(0.1, 86400)},
    {"scratch", "FOLDER", PROFILE_SCRATCH, "where kernels keep their files (default $TMPDIR or /var/tmp)",
     .kind = VALUE_FOLDER},
    {"format", "FORMAT", PROFILE_FORMAT, "text (default), markdown or json",
     ONE_OF("text", "markdown", "json")},
    {"quiet", NULL, PROFILE_QUIET, "no progress, and of compilers errors alone", FLAG},
    OPTIONS_END};

static const struct verb_options options = {
    .usage = usage, .rows = rows, .ending = ending, .operands = VALUE_CASE};

const struct verb_options *profile_options(void) {
    return &options;
}

static int add_word(const struct given_option *given, const char **words, size_t *count, size_t most) {
    if (*count == most)
        return fail(-1, "--%s: at most %zu of them", given->row->name, most);
    words[(*count)++] = given->text;
    return 0;
}

static int set_option(const struct given_option *given, struct profile_arguments *arguments) {
    switch (given->row->value) {
    case PROFILE_VARIANT:
        return add_word(given, arguments->variants, &arguments->variant_count, CS_MAX_VARIANTS);
    case PROFILE_WHERE:
        return add_word(given, arguments->point.where, &arguments->point.where_count, ONE_POINT_WHERE);
    case PROFILE_WITH:
        arguments->request.tool = given->choice ? PROFILE_PERF : PROFILE_CALLGRIND;
        return 0;
    case PROFILE_SECONDS:
        arguments->request.seconds = given->number;
        return 0;
    case PROFILE_SIMULATION:
        arguments->request.simulation_budget_s = given->number;
        return 0;
    case PROFILE_CPUS:
        arguments->point.cpus = given->text;
        return 0;
    case PROFILE_MEMORY:
        arguments->point.limits.memory_bytes = given->whole;
        return 0;
    case PROFILE_TIME:
        arguments->point.limits.stall_s = given->number;
        return 0;
    case PROFILE_SCRATCH:
        arguments->point.scratch = given->text;
        return 0;
    case PROFILE_FORMAT:
        arguments->format = (enum profile_format)given->choice;
        return 0;
    default: /* PROFILE_QUIET */
        arguments->point.quiet = true;
        return 0;
    }
}

/* 0, or -1 after a message. */
static int read_arguments(int argc, char **argv, struct profile_arguments *arguments) {
    *arguments = (struct profile_arguments){.request = {.seconds = 0.3, .simulation_budget_s = 60},
                                            .point = {.limits = ONE_POINT_LIMITS}};
    struct given_option given;
    for (int option; (option = next_option(argc, argv, &options, &given)) != -1;)
        if (option == '?' || set_option(&given, arguments))
            return -1;
    if (argc - optind == 1) {
        arguments->point.subject = argv[optind];
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

/* The worker, which loads it, runs in another folder. */
static int describe_module(struct supervisor *supervisor, const char *path, struct module_description *module,
                           struct problem *problem) {
    char absolute[PATH_MAX];
    return realpath(path, absolute) ? supervisor_describe(supervisor, absolute, module, problem)
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

/* All variants of a module that no case is about, at its defaults but for what --where says. */
static int point_of_module(const struct profile_arguments *arguments, struct supervisor *supervisor,
                           struct module_description *module, struct plan_point *point,
                           struct problem *problem) {
    struct topology_facts facts;
    topology_get_facts(supervisor->topology, &facts);
    int status = describe_module(supervisor, arguments->point.subject, module, problem);
    if (status == 0 && !module->supported)
        status = problem_set(problem, ENODATA, "%s cannot run here: %s", module->name, module->reason);
    if (status == 0)
        status = profile_point_make(module, NULL, arguments->point.where, arguments->point.where_count,
                                    facts.allowed_cpus, point, problem);
    if (status == 0)
        take_all_variants(module, point);
    return status;
}

/* What was asked for, refused or made into a request. */
static int prepare(struct supervisor *supervisor, const struct paths *paths,
                   struct profile_arguments *arguments, struct case_file *file,
                   struct module_description *module, struct plan_point *point, struct problem *problem) {
    int status = is_module(arguments->point.subject)
                     ? point_of_module(arguments, supervisor, module, point, problem)
                     : one_point_of_case(&arguments->point, supervisor, paths, file, module, point, problem);
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

static int profile(struct supervisor *supervisor, const struct paths *paths, void *context) {
    struct profile_arguments *arguments = context;
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
        request->cpus = arguments->point.cpus;
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
    return read_arguments(argc, argv, &arguments)
               ? EXIT_USAGE
               : one_point_supervise(&arguments.point, profile, &arguments);
}
