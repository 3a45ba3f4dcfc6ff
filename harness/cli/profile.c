/* countersign profile: where the time of variants, or of a command, goes. */
#include "cli/cli.h"
#include "cli/one_point.h"

#include "measure/runner.h"
#include "profile/profile.h"
#include "profile/profile_command.h"
#include "profile/program.h"
#include "report/profile.h"
#include "store/suggest.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
    "usage: countersign profile CASE|MODULE [option…]\n"
    "       countersign profile PROGRAM [option…]\n"
    "       countersign profile [option…] -- COMMAND [argument…]\n\n"
    "Says where the time of a kernel's variants goes: the hottest functions and source lines with their\n"
    "shares, and what most likely bounds each variant (memory, branches, core, front end, system calls,\n"
    "waiting), with the numbers that this was judged by. A CASE with a slash is a folder\n"
    "with a kernel's sources, which are compiled first, or with a case.yaml, or with both; a MODULE is the\n"
    "path of a .so file.\n\n"
    "With -- or the path of an executable: the same of a whole command, with all that it starts. It is run\n"
    "several times, with empty standard input unless --input gives it a file, and what it prints is thrown\n"
    "away. What is judged and how: docs/PROFILE.md.\n\n";

static const char ending[] =
    "exit status: 0 done; 2 wrong usage or input; 3 a variant was invalid; 4 there is no tool to profile\n"
    "with, or nothing could be profiled; 128 + n ended by signal n\n";

struct profile_arguments {
    struct profile_request request;
    struct one_point point;
    const char *variants[CS_MAX_VARIANTS];
    size_t variant_count;
    struct words command; /* none: it is about kernels */
    struct command_profile_request command_request;
    const char *of_kernels, *of_commands; /* an option that was given, which only these have; NULL: none */
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
    PROFILE_INPUT,
    PROFILE_IGNORE_FAILURE,
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
     "seconds of simulation; a point that takes longer is scaled down, a command is not simulated (default 60)",
     NUMBER_FROM(1, 3600)},
    {"cpus", "LIST", PROFILE_CPUS,
     "processing units, e.g. 2,3 or 4-7 (default: chosen, see docs/METHOD.md; of a command: all that are allowed)",
     ANY_TEXT},
    {"memory-limit", "SIZE", PROFILE_MEMORY,
     "of a worker, or of a command and all that it starts (default 4G)", .kind = VALUE_SIZE},
    {"time-limit", "S", PROFILE_TIME,
     "longest time without progress before a variant counts as hung, and of one run of a command (default 30)",
     NUMBER_FROM(0.1, 86400)},
    {"scratch", "FOLDER", PROFILE_SCRATCH, "where kernels keep their files (default $TMPDIR or /var/tmp)",
     .kind = VALUE_FOLDER},
    {"input", "FILE", PROFILE_INPUT, "of a command: its standard input (default: empty)", .kind = VALUE_FILE},
    {"ignore-failure", NULL, PROFILE_IGNORE_FAILURE,
     "of a command: its exit status may be other than 0, but must be the same each time", FLAG},
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

/* Not every option says something of commands, or of kernels: the first of each is kept for a message. */
static void note_option(int option, const char *name, struct profile_arguments *arguments) {
    bool kernels = option == PROFILE_VARIANT || option == PROFILE_WHERE;
    bool commands = option == PROFILE_INPUT || option == PROFILE_IGNORE_FAILURE;
    if (kernels && !arguments->of_kernels)
        arguments->of_kernels = name;
    if (commands && !arguments->of_commands)
        arguments->of_commands = name;
}

static int set_input(const char *path, struct profile_arguments *arguments) {
    struct stat facts;
    if (stat(path, &facts) != 0 || access(path, R_OK) != 0)
        return fail(-1, "--input: %s: %s", path, strerror(errno));
    if (S_ISDIR(facts.st_mode))
        return fail(-1, "--input: %s: expected a file, got a folder", path);
    arguments->command_request.input = path;
    return 0;
}

static int set_option(const struct given_option *given, struct profile_arguments *arguments) {
    note_option(given->row->value, given->row->name, arguments);
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
    case PROFILE_INPUT:
        return set_input(given->text, arguments);
    case PROFILE_IGNORE_FAILURE:
        arguments->command_request.ignore_failure = true;
        return 0;
    case PROFILE_FORMAT:
        arguments->format = (enum profile_format)given->choice;
        return 0;
    default: /* PROFILE_QUIET */
        arguments->point.quiet = true;
        return 0;
    }
}

static int add_command(char **words, int count, struct profile_arguments *arguments) {
    for (int i = 0; i < count; i++)
        if (words_add(&arguments->command, words[i]))
            return fail(-1, "out of memory");
    return 0;
}

/* What stands before and behind "--". 0, or -1 after a message. */
static int take_operands(char **operands, int count, char **behind, int behind_count,
                         struct profile_arguments *arguments) {
    if (count == 0 && !behind)
        return fail(-1, "profile needs a case, the path of a module or of a program, or a command behind --; "
                        "`countersign list` shows the cases");
    if (count > 0 && behind)
        return fail(-1,
                    "profile takes a case, a module or a program, or a command behind --, got '%s' as well",
                    operands[0]);
    if (behind && (behind_count == 0 || !behind[0][0]))
        return fail(-1, "profile: expected a command behind --, got nothing");
    if (count > 1)
        return fail(
            -1, "profile takes one case or module, got '%s' too; a command with arguments stands behind --",
            operands[1]);
    if (behind)
        return add_command(behind, behind_count, arguments);
    if (strchr(operands[0], '/') && program_is_executable(operands[0]))
        return add_command(operands, 1, arguments);
    arguments->point.subject = operands[0];
    return 0;
}

/* 0, or -1 after a message. */
static int read_arguments(int argc, char **argv, struct profile_arguments *arguments) {
    *arguments = (struct profile_arguments){.request = {.seconds = 0.3, .simulation_budget_s = 60},
                                            .point = {.limits = ONE_POINT_LIMITS}};
    struct given_option given;
    int end = 1;
    while (end < argc && strcmp(argv[end], "--") != 0)
        end++;
    for (int option; (option = next_option(end, argv, &options, &given)) != -1;)
        if (option == '?' || set_option(&given, arguments))
            return -1;
    char **behind = end < argc ? argv + end + 1 : NULL;
    if (take_operands(argv + optind, end - optind, behind, argc - end - 1, arguments))
        return -1;
    if (arguments->command.count && arguments->of_kernels)
        return fail(-1, "--%s: is of cases and modules, and a command has none", arguments->of_kernels);
    if (!arguments->command.count && arguments->of_commands)
        return fail(-1, "--%s: is of commands, which stand behind --, and %s is none", arguments->of_commands,
                    arguments->point.subject);
    return 0;
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

/* The clock, and whether hardware cycles can be sampled. */
static int look_at_counters(struct profile_request *request, struct sample_clock *clock,
                            struct problem *problem) {
    struct counter_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return problem_set(problem, ENOMEM, "out of memory");
    sample_clock_open(clock);
    counter_probe(&(struct counter_options){.clock = clock}, plan);
    request->hardware_cycles = plan->entries[COUNTER_CYCLES].source == SOURCE_HW ||
                               plan->entries[COUNTER_CYCLES].source == SOURCE_HW_GENERIC;
    request->clock = clock;
    free(plan);
    return 0;
}

static int profile_command(struct supervisor *supervisor, const struct paths *paths, void *context) {
    (void)paths;
    struct profile_arguments *arguments = context;
    struct profile_request *request = &arguments->request;
    struct command_profile_request *command = &arguments->command_request;
    struct problem problem;
    struct sample_clock clock;
    struct profile result = {.variants = NULL};
    int error = look_at_counters(request, &clock, &problem);
    if (!error) {
        command->words = &arguments->command;
        command->tool = request->tool;
        command->clock = &clock;
        command->cpus = arguments->point.cpus;
        command->hardware_cycles = request->hardware_cycles;
        command->simulation_budget_s = request->simulation_budget_s;
        command->seconds = request->seconds;
        error = profile_command_measure(supervisor, command, &result, &problem);
    }
    int status = error ? stop(error, &problem) : print_profile(&result, arguments->format);
    profile_clear(&result);
    return status;
}

static int profile(struct supervisor *supervisor, const struct paths *paths, void *context) {
    struct profile_arguments *arguments = context;
    struct problem problem;
    struct plan_point point = {0};
    struct sample_clock clock;
    struct case_file *file = calloc(1, sizeof *file);
    struct module_description *module = calloc(1, sizeof *module);
    struct profile *result = calloc(1, sizeof *result);
    struct profile_request *request = &arguments->request;
    int error = file && module && result ? 0 : problem_set(&problem, ENOMEM, "out of memory");
    if (!error)
        error = prepare(supervisor, paths, arguments, file, module, &point, &problem);
    if (!error)
        error = look_at_counters(request, &clock, &problem);
    if (!error) {
        request->description = module;
        request->point = &point;
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
    return status;
}

int verb_profile(int argc, char **argv) {
    struct profile_arguments arguments;
    int status = EXIT_USAGE;
    if (read_arguments(argc, argv, &arguments) == 0)
        status = one_point_supervise(&arguments.point, arguments.command.count ? profile_command : profile,
                                     &arguments);
    words_clear(&arguments.command);
    return status;
}
