/* Measuring what a gate is about, and judging it against its requirements. */
#include "cli/gate_measure.h"

#include "base/child.h"
#include "cli/duel.h"
#include "cli/run_output.h"
#include "cli/run_start.h"
#include "compile/code_hash.h"
#include "conclude/comparison.h"
#include "conclude/gate.h"
#include "store/change.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRY_GROWTH 3 /* each try has so many times the budget of the last */

enum { OLD, NEW };

static int add_check(struct gate_run *gate, const struct gate_check *check) {
    return gate_add(&gate->gate, check) ? (int)fail(EXIT_NOTHING, "out of memory") : 0;
}

static int build_place(struct gate_run *gate, size_t which) {
    if (gate->built[which])
        return 0;
    gate->places[which] = (struct revision_place){.revision = gate->revisions.ends[which]};
    int status = revisions_build_or_say(&gate->revisions, &gate->places[which]);
    gate->built[which] = status == 0;
    return status && caught_signal ? (int)fail(status, "interrupted; nothing was decided") : status;
}

static int build_both(struct gate_run *gate) {
    int status = build_place(gate, OLD);
    return status ? status : build_place(gate, NEW);
}

static bool same_file(const struct gate_run *gate, const char *path) {
    char hashes[2][17];
    for (size_t i = 0; i < 2; i++) {
        char whole[2 * sizeof gate->places[i].tree.path];
        uint64_t bytes;
        snprintf(whole, sizeof whole, "%s/%s", gate->places[i].tree.path, path);
        if (code_hash_library(whole, hashes[i], &bytes))
            return false;
    }
    return strcmp(hashes[0], hashes[1]) == 0;
}

/*
 * Whether the first word of the command is a program that the build left, of which all that the loader maps is the same in
 * both revisions. What it reads besides may differ; --measure-equal is for that.
 */
static bool same_program(const struct gate_run *gate, const char *text) {
    struct words words = {0};
    bool same = false;
    if (words_split(&words, text) == 0 && words.count && words.items[0][0] != '/' &&
        strchr(words.items[0], '/'))
        same = same_file(gate, words.items[0]);
    words_clear(&words);
    return same;
}

static void forget_commands(struct duel_commands *duel) {
    for (size_t i = 0; i < duel->command_count; i++) {
        free(duel->commands[i].text);
        free(duel->commands[i].directory);
    }
    duel->command_count = 0;
}

static int add_command(struct gate_run *gate, const char *text, const char *label, size_t which) {
    char *command = revisions_command(text, gate->places[which].tree.path);
    int status = command ? duel_commands_add(&gate->duel, label, command, gate->places[which].tree.path) : -1;
    free(command);
    return status;
}

static int start_gate_run(struct gate_run *gate, struct run *run) {
    char *command = strdup(gate->command);
    *run = (struct run){.id = ""};
    if (command) {
        start_run(run, &gate->duel.options.settings, command);
        memcpy(run->commit, gate->revisions.ends[NEW].hash, sizeof gate->revisions.ends[NEW].hash);
    }
    return command ? 0 : (int)fail(EXIT_NOTHING, "out of memory");
}

/* One try of a command: old and new (or new alone) in the same rounds, in a run of its own, kept as a result file. */
static int measure_command(struct gate_run *gate, const char *text, bool alone, unsigned try,
                           struct run *run) {
    struct problem problem = {""};
    struct paths paths;
    char path[8192], labels[2][RESULT_NAME];
    struct command_options *options = &gate->duel.options;
    bool same = strcmp(gate->revisions.ends[OLD].hash, gate->revisions.ends[NEW].hash) == 0;
    forget_commands(&gate->duel);
    for (size_t i = OLD; i <= NEW; i++)
        snprintf(labels[i], sizeof labels[i], "%s%s", gate->revisions.ends[i].name,
                 same && i ? "-again" : "");
    options->case_name = "gate";
    options->case_title = text;
    options->settings.budget_s = gate->budget_s * pow(TRY_GROWTH, try);
    int status = alone ? 0 : add_command(gate, text, labels[OLD], OLD);
    if (status == 0)
        status = add_command(gate, text, labels[NEW], NEW);
    if (status)
        return EXIT_USAGE;
    if ((status = start_gate_run(gate, run)) != 0)
        return status;
    status = duel_commands_measure(&gate->duel, run, &problem);
    if (comparisons_correct(run))
        return fail(EXIT_NOTHING, "out of memory");
    if (caught_signal)
        return fail(EXIT_INTERRUPTED + caught_signal, "interrupted; nothing was decided");
    if (status || run->measurement_count == 0)
        return fail(status == -ENOMEM ? EXIT_NOTHING : EXIT_USAGE, "%s",
                    status ? problem.text : "nothing was measured");
    if (alone)
        return 0;
    if (paths_find(&paths, &problem) ||
        choose_output(gate->duel.output, &paths, run->id, path, sizeof path, &problem) ||
        run_save(run, path, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    if (!gate->duel.quiet)
        fprintf(stderr, "result file: %s\n", path);
    return 0;
}

/* By `duel --call` of both libraries. */
static int run_function(struct gate_run *gate, const struct words *rest, char *command) {
    struct words line = {0};
    int status = words_add_all(&line, &gate->rest) || words_add_all(&line, rest) ||
                         words_addf(&line, "--call=%s", gate->call)
                     ? (int)fail(EXIT_NOTHING, "out of memory")
                     : 0;
    if (status == 0)
        status = duel_libraries(gate->places, gate->library, &line, command);
    else
        free(command);
    words_clear(&line);
    return status;
}

/* Whether a requirement of a subject needs counters. */
static bool wants_counters(const struct gate_run *gate) {
    bool wants = false;
    for (size_t i = 0; i < gate->file.count; i++)
        wants |= gate->file.expectations[i].counter_count > 0;
    return wants;
}

/* By `run` of the folder that holds both revisions' variant. */
static int run_pair(struct gate_run *gate, const struct words *rest, char *command) {
    const struct run_settings *settings = &gate->duel.options.settings;
    struct words line = {0};
    int status = words_split(&line, "run --quick --quiet");
    if (status == 0)
        status = words_add_all(&line, rest);
    if (status == 0 && (!settings->counters || !wants_counters(gate)))
        status = words_add(&line, "--no-counters");
    if (status == 0 && settings->cpus[0])
        status = words_addf(&line, "--cpus=%s", settings->cpus);
    if (status == 0 && gate->replicates)
        status = words_addf(&line, "--replicates=%u", gate->replicates);
    if (status == 0 && gate->duel.scratch)
        status = words_addf(&line, "--scratch=%s", gate->duel.scratch);
    if (status == 0)
        status = words_add(&line, gate->pair.folder);
    if (status) {
        free(command);
        status = fail(EXIT_NOTHING, "out of memory");
    } else {
        optind = 0; /* another command line */
        status = run_for((int)line.count, line.items, command);
    }
    words_clear(&line);
    return status;
}

/* The other verb's own table is no part of the gate's answer: it goes to standard error, or nowhere. */
static int with_output_aside(struct gate_run *gate, const struct words *rest) {
    fflush(stdout);
    int kept = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    int aside =
        gate->duel.quiet ? open("/dev/null", O_WRONLY | O_CLOEXEC) : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (kept < 0 || aside < 0 || dup2(aside, STDOUT_FILENO) < 0)
        return fail(EXIT_NOTHING, "standard output: %s", strerror(errno));
    char *command = strdup(gate->command);
    int status = gate->pair.variant ? run_pair(gate, rest, command) : run_function(gate, rest, command);
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    close(aside);
    return status;
}

/* The same by another verb, whose result file is read again. */
static int measure_by_verb(struct gate_run *gate, unsigned try, struct run *run) {
    struct words rest = {0};
    struct problem problem;
    char path[8192];
    struct paths paths;
    *run = (struct run){.id = ""};
    struct run naming = {.id = ""};
    int status = start_gate_run(gate, &naming);
    if (status == 0 && (paths_find(&paths, &problem) ||
                        choose_output(gate->duel.output, &paths, naming.id, path, sizeof path, &problem)))
        status = fail(EXIT_USAGE, "%s", problem.text);
    if (status == 0 && (words_addf(&rest, "--budget=%.6g", gate->budget_s * pow(TRY_GROWTH, try)) ||
                        words_addf(&rest, "--output=%s", path)))
        status = fail(EXIT_NOTHING, "out of memory");
    if (status == 0)
        status = with_output_aside(gate, &rest);
    if (caught_signal)
        status = fail(EXIT_INTERRUPTED + caught_signal, "interrupted; nothing was decided");
    else if (status == EXIT_DONE || status == EXIT_INVALID)
        status = run_load(run, path, &problem) ? fail(EXIT_NOTHING, "%s", problem.text) : 0;
    run_clear(&naming);
    words_clear(&rest);
    return status;
}

static int judge_run(const struct gate_run *gate, const struct run *run, const char *subject, double seconds,
                     struct gate *checks) {
    int status = 0;
    for (size_t i = 0; i < run->comparison_count && status == 0; i++)
        status = gate_judge_comparison(gate, run, &run->comparisons[i], subject, i ? 0 : seconds, checks);
    return status ? (int)fail(EXIT_NOTHING, status == -ENOMEM ? "out of memory"
                                                              : "too few samples; give it a larger --budget")
                  : 0;
}

static bool any(const struct gate *checks, enum gate_outcome outcome) {
    for (size_t i = 0; i < checks->count; i++)
        if (checks->checks[i].outcome == outcome)
            return true;
    return false;
}

/* Refuted once is a suspicion. What the last try, from processes of its own, does not refute as well stays open. */
static void weigh_tries(struct gate *last, const struct gate *before) {
    for (size_t i = 0; i < last->count; i++) {
        struct gate_check *check = &last->checks[i];
        bool confirmed = false;
        for (size_t k = 0; k < before->count; k++)
            confirmed |= before->checks[k].outcome == GATE_REFUTED &&
                         !strcmp(before->checks[k].subject, check->subject) &&
                         !strcmp(before->checks[k].requirement, check->requirement);
        if (check->outcome == GATE_REFUTED && !confirmed)
            check->outcome = GATE_OPEN;
    }
}

/* Copies the requirements that a try refuted. 0 or -ENOMEM. */
static int keep_refuted(const struct gate *checks, struct gate *refuted) {
    int status = 0;
    for (size_t i = 0; i < checks->count && status == 0; i++)
        if (checks->checks[i].outcome == GATE_REFUTED)
            status = gate_add(refuted, &checks->checks[i]);
    return status;
}

/*
 * A subject, tried with growing budgets until each requirement is held, or refuted by two tries; one that the last try is
 * the first to refute gets one more.
 */
int gate_measure_subject(struct gate_run *gate, const char *text, const char *subject) {
    struct gate last = {.count = 0}, refuted = {.count = 0};
    double started = monotonic_s();
    int status = 0;
    bool again = true;
    for (unsigned try = 0; again && status == 0; try++) {
        struct run run = {.id = ""};
        gate_clear(&last);
        status = gate->call || gate->pair.variant ? measure_by_verb(gate, try, &run)
                                                  : measure_command(gate, text, false, try, &run);
        if (status == 0)
            status = judge_run(gate, &run, subject, monotonic_s() - started, &last);
        run_clear(&run);
        size_t before = refuted.count;
        struct gate earlier = refuted;
        if (status == 0 && keep_refuted(&last, &refuted))
            status = fail(EXIT_NOTHING, "out of memory");
        earlier.checks = refuted.checks; /* it may have moved */
        weigh_tries(&last, &earlier);
        bool suspicion = refuted.count > before;
        again = any(&last, GATE_OPEN) &&
                (suspicion ? try < gate->tries : gate->gate.policy == GATE_RETRY && try + 1 < gate->tries);
    }
    for (size_t i = 0; i < last.count && status == 0; i++)
        status = add_check(gate, &last.checks[i]);
    gate_clear(&last);
    gate_clear(&refuted);
    return status;
}

/* The stored comparison of a command; NULL: there is none. */
static const struct comparison *find_stored(const struct gate_run *gate, const char *text) {
    for (size_t i = 0; i < gate->stored.comparison_count; i++) {
        const struct comparison *comparison = &gate->stored.comparisons[i];
        char title[sizeof comparison->case_title];
        snprintf(title, sizeof title, "%s", text);
        if (!strcmp(comparison->case_title, title) && comparison->verdict != VERDICT_INVALID)
            return comparison;
    }
    return NULL;
}

/* Against a stored time, on the same machine alone: no claim, but a nomination. */
static int nominate(struct gate_run *gate, const char *text, bool *suspect) {
    const struct comparison *stored = find_stored(gate, text);
    struct run_changes changes = {.difference_count = 0};
    struct run run = {.id = ""};
    *suspect = true;
    if (!stored)
        return 0;
    int status = build_place(gate, NEW);
    if (status == 0)
        status = measure_command(gate, text, true, 0, &run);
    if (status == 0 && run_differences(&gate->stored, &run, &changes))
        status = fail(EXIT_NOTHING, "out of memory");
    if (status == 0 && changes.same_machine) {
        double now = gate_median_ns(&run, &run.measurements[0], 0), then = stored->candidate_time.median,
               most = gate_slowdown_of(gate, text);
        struct gate_check check = {.outcome = GATE_NO_SUSPECT, .detectable = NAN};
        *suspect = run.measurements[0].arms[0].invalid || !(now / then <= 1 + most);
        snprintf(check.subject, sizeof check.subject, "%s", text);
        snprintf(check.requirement, sizeof check.requirement, "at most %s %% slower", BRIEF(100 * most, 3));
        snprintf(check.finding, sizeof check.finding,
                 "%+.2f %% time against the stored %s, which is not paired with it", 100 * (now / then - 1),
                 SECONDS(then / 1e9, 3));
        if (!*suspect)
            status = add_check(gate, &check);
    }
    run_changes_clear(&changes);
    run_clear(&run);
    return status;
}

static int add_equal(struct gate_run *gate, const char *subject, const char *what) {
    struct gate_check check = {.outcome = GATE_EQUAL, .detectable = NAN};
    snprintf(check.subject, sizeof check.subject, "%s", subject);
    snprintf(check.requirement, sizeof check.requirement, "at most %s %% slower",
             BRIEF(100 * gate_slowdown_of(gate, subject), 3));
    snprintf(check.finding, sizeof check.finding,
             "%s has the same machine code and data in both revisions: not measured", what);
    return add_check(gate, &check);
}

bool gate_must_measure(const struct gate_run *gate, const char *subject) {
    for (size_t i = 0; i < gate->file.count; i++) {
        const struct gate_expectation *expectation = &gate->file.expectations[i];
        if (gate_is_about(expectation, subject) &&
            (expectation->verdicts || expectation->counter_count || !isnan(expectation->target) ||
             !isnan(expectation->most_memory)))
            return true;
    }
    return gate->measure_equal;
}

static int gate_operand(struct gate_run *gate, const char *text) {
    bool suspect = true;
    int status = build_place(gate, NEW);
    if (status == 0 && gate_is_folder(gate, text)) {
        status = build_place(gate, OLD);
        return status ? status : gate_folder(gate, text);
    }
    if (status == 0 && gate->stored.comparison_count)
        status = nominate(gate, text, &suspect);
    if (status || !suspect)
        return status;
    if ((status = build_both(gate)) == 0 && !gate_must_measure(gate, text) && same_program(gate, text))
        return add_equal(gate, text, "the program");
    return status ? status : gate_measure_subject(gate, text, text);
}

static int gate_function(struct gate_run *gate) {
    int status = build_both(gate);
    if (status == 0 && !gate_must_measure(gate, gate->call) && same_file(gate, gate->library))
        return add_equal(gate, gate->call, "the library");
    return status ? status : gate_measure_subject(gate, NULL, gate->call);
}

int gate_measure(struct gate_run *gate) {
    int status = gate->call ? gate_function(gate) : 0;
    for (size_t i = 0; i < gate->subject_count && status == 0 && !gate->call; i++)
        status = gate_operand(gate, gate->subjects[i]);
    return status;
}
