/* Measuring the commands of a duel, and saying what came of it. */
#include "cli/duel_alone.h"
#include "cli/duel_commands.h"
#include "cli/duel_parameters.h"
#include "cli/duel_secrets.h"
#include "cli/progress.h"
#include "cli/run_output.h"
#include "cli/run_start.h"
#include "conclude/comparison.h"
#include "conclude/fits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MOST_POINTS 10000

/* Words of all commands of a sweep, until it is over. */
struct prepared {
    struct command_point *points;
    size_t count;
    struct words *words; /* every command line that points borrow */
    size_t word_count, capacity;
    char **texts; /* commands after substitution */
    size_t text_count;
    struct duel_secrets secrets; /* of all of them */
};

static void prepared_clear(struct prepared *prepared) {
    for (size_t i = 0; i < prepared->word_count; i++)
        words_clear(&prepared->words[i]);
    for (size_t i = 0; i < prepared->text_count; i++)
        free(prepared->texts[i]);
    free(prepared->words);
    free(prepared->texts);
    free(prepared->points);
    words_clear(&prepared->secrets.pairs);
    *prepared = (struct prepared){0};
}

static int prepared_start(const struct duel_commands *duel, struct prepared *prepared) {
    prepared->count = count_duel_points(duel);
    prepared->capacity = prepared->count * (6 * duel->command_count + 2);
    prepared->points = calloc(prepared->count, sizeof *prepared->points);
    prepared->words = calloc(prepared->capacity, sizeof *prepared->words);
    prepared->texts = calloc(prepared->capacity, sizeof *prepared->texts);
    return prepared->points && prepared->words && prepared->texts ? 0 : -ENOMEM;
}

/* Words after they were split, so that a value stays within its own. */
static int reveal_words(const struct duel_secrets *secrets, struct words *words) {
    for (size_t i = 0; i < words->count; i++) {
        char *revealed = duel_secrets_reveal(secrets, words->items[i]);
        if (!revealed)
            return -ENOMEM;
        free(words->items[i]);
        words->items[i] = revealed;
    }
    return 0;
}

/* A command line from text: by the shell, or split into words. What is shown of it has no secret. */
static int make_arguments(const struct duel_commands *duel, const struct point *point, const char *text,
                          struct prepared *prepared, const char **substituted, char *const **arguments,
                          struct problem *problem) {
    char *command = substitute_duel_point(point, text);
    if (!command)
        return problem_set(problem, ENOMEM, "out of memory");
    prepared->texts[prepared->text_count++] = command;
    struct words *words = &prepared->words[prepared->word_count++];
    int status = duel_secrets_collect(&prepared->secrets, command, problem);
    if (status)
        return status;
    if (strcmp(duel->shell, "none")) {
        status = words_add(words, duel->shell);
        status = status ? status : words_add(words, "-c");
        char *expanded = duel_secrets_for_shell(command);
        status = status ? status : expanded ? words_add(words, expanded) : -ENOMEM;
        free(expanded);
    } else if ((status = words_split(words, command)) == 0)
        status = reveal_words(&prepared->secrets, words);
    if (status == -EINVAL)
        return problem_set(problem, EINVAL, "'%s': a quote is not closed", command);
    if (status == 0 && words->count == 0)
        return problem_set(problem, EINVAL, "'%s': expected a command, got no word", command);
    if (substituted)
        *substituted = command;
    *arguments = words->items;
    return status ? problem_set(problem, -status, "out of memory") : 0;
}

/* Of an option that is given once for all commands, or once for each; NULL for none. */
static const char *helper_of(const struct words *words, size_t command) {
    return words->count == 0 ? NULL : words->items[words->count == 1 ? 0 : command];
}

/* What differs between the arms is the server: it is their text, too. */
static int prepare_server(const struct duel_commands *duel, const struct point *point, size_t index,
                          struct prepared *prepared, struct command_arm *arm, struct problem *problem) {
    const char *server = NULL, *client = arm->text;
    int status =
        make_arguments(duel, point, duel->servers.items[index], prepared, &server, &arm->server, problem);
    if (status == 0 && duel->ready)
        status = make_arguments(duel, point, duel->ready, prepared, NULL, &arm->ready, problem);
    char **text = &prepared->texts[prepared->text_count];
    if (status == 0 && asprintf(text, "%s; client: %s", server, client) < 0) {
        *text = NULL;
        return problem_set(problem, ENOMEM, "out of memory");
    }
    prepared->text_count += status == 0;
    arm->text = status ? client : *text;
    return status;
}

static int prepare_arm(const struct duel_commands *duel, const struct point *point, size_t index,
                       struct prepared *prepared, struct command_arm *arm, struct problem *problem) {
    const struct duel_command *command = &duel->commands[index];
    const char *before = helper_of(&duel->prepare, index), *after = helper_of(&duel->conclude, index);
    *arm = (struct command_arm){.label = command->label, .directory = command->directory};
    int status = make_arguments(duel, point, command->text, prepared, &arm->text, &arm->arguments, problem);
    if (status == 0 && before)
        status = make_arguments(duel, point, before, prepared, NULL, &arm->prepare, problem);
    if (status == 0 && after)
        status = make_arguments(duel, point, after, prepared, NULL, &arm->conclude, problem);
    if (status == 0 && duel->servers.count)
        status = prepare_server(duel, point, index, prepared, arm, problem);
    return status;
}

static int prepare_point(const struct duel_commands *duel, size_t index, struct prepared *prepared,
                         struct problem *problem) {
    struct command_point *point = &prepared->points[index];
    int status = 0;
    fill_duel_point(duel, index, &point->point);
    point->arm_count = duel->command_count;
    for (size_t i = 0; i < duel->command_count && status == 0; i++)
        status = prepare_arm(duel, &point->point, i, prepared, &point->arms[i], problem);
    if (status == 0 && duel->setup.count)
        status =
            make_arguments(duel, &point->point, duel->setup.items[0], prepared, NULL, &point->setup, problem);
    if (status == 0 && duel->cleanup.count)
        status = make_arguments(duel, &point->point, duel->cleanup.items[0], prepared, NULL, &point->cleanup,
                                problem);
    return status;
}

static int check_helpers(const struct duel_commands *duel, struct problem *problem) {
    const struct {
        const char *name;
        size_t count, most;
    } helpers[] = {{"--prepare", duel->prepare.count, duel->command_count},
                   {"--conclude", duel->conclude.count, duel->command_count},
                   {"--setup", duel->setup.count, 1},
                   {"--cleanup", duel->cleanup.count, 1}};
    for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++)
        if (helpers[i].count > 1 && helpers[i].count != helpers[i].most)
            return problem_set(problem, EINVAL, "%s: expected one%s, got %zu", helpers[i].name,
                               helpers[i].most > 1 ? " for all commands, or one for each" : "",
                               helpers[i].count);
    const char *unused = find_unused_parameter(duel);
    if (unused)
        return problem_set(problem, EINVAL,
                           "--parameter %s: {%s} is in no command; all of its points would be one", unused,
                           unused);
    return count_duel_points(duel) <= MOST_POINTS
               ? 0
               : problem_set(problem, EINVAL, "--parameter: %zu combinations, more than %d",
                             count_duel_points(duel), MOST_POINTS);
}

static int prepare_points(const struct duel_commands *duel, struct prepared *prepared,
                          struct problem *problem) {
    int status = check_helpers(duel, problem);
    if (status == 0 && prepared_start(duel, prepared))
        status = problem_set(problem, ENOMEM, "out of memory");
    for (size_t i = 0; i < prepared->count && status == 0; i++)
        status = prepare_point(duel, i, prepared, problem);
    return status;
}

static void explain_cpus(const struct topology *topology, struct run_settings *settings) {
    char allowed[128];
    topology_allowed_text(topology, allowed, sizeof allowed);
    if (settings->cpus[0])
        snprintf(settings->cpu_reason, sizeof settings->cpu_reason, "commands may use %s alone (--cpus)",
                 settings->cpus);
    else
        snprintf(settings->cpu_reason, sizeof settings->cpu_reason,
                 "commands may use all that are allowed, %s; --cpus binds them", allowed);
    size_t used = strlen(settings->cpu_reason);
    const char *ignored = topology_ignored(topology);
    if (ignored[0])
        snprintf(settings->cpu_reason + used, sizeof settings->cpu_reason - used, "; %s not followed",
                 ignored);
}

static int explain_server_cpus(const struct duel_commands *duel, const struct supervisor *supervisor,
                               const struct run *run, struct command_options *options,
                               struct problem *problem) {
    cpu_set_t client, server;
    return command_server_cpus(supervisor->topology, run->host.topology.cores,
                               options->settings.cpus[0] ? options->settings.cpus : NULL,
                               duel->options.server_cpus, &client, &server, options->settings.cpu_reason,
                               sizeof options->settings.cpu_reason, problem);
}

/* Of a sweep, whose points have commands of their own, the commands as they were given; of servers these, and their one
 * client. */
static void make_sweep_title(const struct duel_commands *duel, char *title, size_t size) {
    size_t length = 0;
    title[0] = '\0';
    bool servers = duel->servers.count > 0;
    for (size_t i = 0; (duel->parameter_count || servers) && i < duel->command_count && length + 1 < size;
         i++)
        length += (size_t)snprintf(title + length, size - length, "%s%s: %s", i ? "; " : "",
                                   duel->commands[i].label,
                                   servers ? duel->servers.items[i] : duel->commands[i].text);
    if (servers && length + 1 < size)
        snprintf(title + length, size - length, "; client: %s", duel->commands[0].text);
}

static int measure_prepared(struct duel_commands *duel, struct supervisor *supervisor,
                            const struct command_point *points, size_t count, struct run *run,
                            struct problem *problem) {
    struct command_options options = duel->options;
    char title[sizeof run->comparisons->case_title];
    struct progress progress;
    struct runner_listener listener = {0};
    struct cpu_choice choice;
    const char *cpus = options.settings.cpus[0] ? options.settings.cpus : NULL;
    int status = topology_choose(supervisor->topology, 1, cpus, &choice, problem);
    if (status)
        return status;
    if (!run->host.machine[0]) {
        fingerprint_read(&run->host, supervisor->topology);
        explain_cpus(supervisor->topology, &options.settings);
        if (duel->servers.count && (status = explain_server_cpus(duel, supervisor, run, &options, problem)))
            return status;
        run->settings = options.settings;
        if (options.sampler)
            command_counters_none(&run->counter_plan);
        else
            command_counters(&run->host.clock, choice.cpus[0], options.settings.counters, &run->counter_plan);
    }
    make_sweep_title(duel, title, sizeof title);
    if (!options.case_title)
        options.case_title = title;
    status = supervisor_open(supervisor, duel->scratch, problem);
    if (status)
        return status;
    if (!duel->quiet) {
        listener = progress_listener(&progress, false);
        options.listener = &listener;
    }
    status = commands_run(supervisor, points, count, &options, run, problem);
    if (!duel->quiet)
        progress_end(&progress);
    supervisor_close(supervisor);
    return status;
}

/* What was quoted of their output, and what came of it. */
static void mask_secrets(const struct duel_secrets *secrets, size_t measurements, size_t comparisons,
                         struct run *run, struct problem *problem) {
    for (; measurements < run->measurement_count; measurements++)
        for (size_t arm = 0; arm < run->measurements[measurements].arm_count; arm++)
            duel_secrets_mask(secrets, run->measurements[measurements].arms[arm].reason,
                              sizeof run->measurements->arms->reason);
    for (; comparisons < run->comparison_count; comparisons++)
        duel_secrets_mask(secrets, run->comparisons[comparisons].reason, sizeof run->comparisons->reason);
    duel_secrets_mask(secrets, problem->text, sizeof problem->text);
}

int duel_commands_measure(struct duel_commands *duel, struct run *run, struct problem *problem) {
    struct topology *topology = NULL;
    struct prepared prepared = {0};
    size_t measurements = run->measurement_count, comparisons = run->comparison_count;
    struct supervisor *supervisor = calloc(1, sizeof *supervisor);
    int status = supervisor ? 0 : problem_set(problem, ENOMEM, "out of memory");
    if (status == 0)
        status = topology_open(&topology, NULL, problem);
    if (status == 0)
        status = duel->points ? 0 : prepare_points(duel, &prepared, problem);
    if (status == 0) {
        supervisor->topology = topology;
        supervisor->limits = duel->limits;
        supervisor->interrupted = &caught_signal;
        const struct command_point *points = duel->points ? duel->points : prepared.points;
        status = measure_prepared(duel, supervisor, points, duel->points ? duel->point_count : prepared.count,
                                  run, problem);
    }
    mask_secrets(&prepared.secrets, measurements, comparisons, run, problem);
    prepared_clear(&prepared);
    topology_close(topology);
    free(supervisor);
    return status;
}

/* Wrong input is told from what went wrong while measuring by whether anything was measured. */
static int measure_and_conclude(struct duel_commands *duel, struct run *run, const char *path) {
    struct problem problem = {""};
    int failed = duel_commands_measure(duel, run, &problem);
    if (comparisons_correct(run) || fits_add(run))
        return fail(EXIT_NOTHING, "out of memory");
    if (failed && run->measurement_count == 0)
        return fail(failed == -ENOMEM ? EXIT_NOTHING : EXIT_USAGE, "%s", problem.text);
    if (duel->command_count == 1 && run->measurement_count > 0)
        return conclude_alone(run, duel->format, duel->output ? path : NULL, failed ? &problem : NULL);
    return conclude_run(run, &(struct table_request){.format = duel->format}, path, failed ? &problem : NULL);
}

static int add_skipped(const struct duel_commands *duel, struct run *run) {
    int status = 0;
    for (size_t i = 0; i < duel->skipped_count && status == 0; i++)
        status = run_add_skipped(run, &duel->skipped[i]);
    return status;
}

int duel_commands_report(struct duel_commands *duel, int argc, char **argv) {
    struct paths paths;
    struct problem problem;
    char path[8192] = "";
    struct run *run = calloc(1, sizeof *run);
    char *command = quote_command(argc, argv);
    int status;
    if (!run || !command) {
        free(run);
        free(command);
        return fail(EXIT_NOTHING, "out of memory");
    }
    start_run(run, &duel->options.settings, command);
    take_commit(run);
    bool saved = duel->command_count != 1 || duel->output;
    if (paths_find(&paths, &problem) ||
        (saved && choose_output(duel->output, &paths, run->id, path, sizeof path, &problem)))
        status = fail(EXIT_USAGE, "%s", problem.text);
    else {
        catch_signals();
        status = add_skipped(duel, run) ? (int)fail(EXIT_NOTHING, "out of memory")
                                        : measure_and_conclude(duel, run, path);
    }
    run_clear(run);
    free(run);
    return status;
}
