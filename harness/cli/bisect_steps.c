#include "cli/bisect.h"

#include "conclude/comparison.h"
#include "stats/sequential.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TRY_GROWTH 4      /* each try has so many times the budget of the last */
#define SPARE_DECISIONS 2 /* beyond those of halving, for what skipped commits cost */
#define WRONG_COMMIT 0.05 /* probability allowed of a wrong decision, over all of them */

enum { TRIED_OUT = 1 }; /* statuses of measuring beside 0 and -errno: undecided to the last */

void bisect_percent(struct interval ratio, char *text, size_t size) {
    snprintf(text, size, "%+.1f %% (%+.1f %% to %+.1f %%)", 100 * (ratio.estimate - 1), 100 * (ratio.low - 1),
             100 * (ratio.high - 1));
}

/* A line of the story; `lead` says what it is about. */
__attribute__((format(printf, 3, 4))) static void tell(const struct bisect *bisect, const char *lead,
                                                       const char *format, ...) {
    char text[1024], line[1100];
    va_list arguments;
    if (!bisect->story)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(line, sizeof line, "%-8s %s\n", lead, text);
    print_text(line, bisect->story);
}

/* Of an interruption the verb says what is left, once. */
static int report_failure(const struct problem *problem) {
    return caught_signal ? EXIT_INTERRUPTED + caught_signal : fail(EXIT_NOTHING, "%s", problem->text);
}

static void forget_commands(struct duel_commands *duel) {
    for (size_t i = 0; i < duel->command_count; i++) {
        free(duel->commands[i].text);
        free(duel->commands[i].directory);
    }
    duel->command_count = 0;
}

static int add_places(struct bisect *bisect, const enum bisect_place *order, size_t count) {
    int status = 0;
    forget_commands(&bisect->duel);
    for (size_t i = 0; i < count && status == 0; i++) {
        const struct revision_place *place = &bisect->places[order[i]];
        char *command = revisions_command(bisect->text, place->tree.path);
        status =
            command ? duel_commands_add(&bisect->duel, place->revision.name, command, place->tree.path) : -1;
        free(command);
    }
    return status;
}

/*
 * Measures places against the first of them, which appends to the run. *measurement is what came of it.
 * Returns 0 or the exit status after printing why.
 */
static int measure(struct bisect *bisect, const char *name, const char *title, unsigned try,
                   const enum bisect_place *order, size_t count, const struct measurement **measurement) {
    struct problem problem = {""};
    struct command_options *options = &bisect->duel.options;
    double longer = pow(TRY_GROWTH, try);
    char case_name[RESULT_NAME];
    size_t before = bisect->run->measurement_count;
    if (add_places(bisect, order, count))
        return EXIT_USAGE;
    options->settings.budget_s = bisect->budget_s * longer;
    options->rounds = bisect->rounds * (size_t)longer;
    /* What differs between replicates goes down with their number alone. */
    unsigned replicates = bisect->replicates << try;
    options->settings.replicates = replicates < SEQUENTIAL_MOST ? replicates : SEQUENTIAL_MOST;
    if (bisect->run->settings.replicates < options->settings.replicates)
        bisect->run->settings.replicates = options->settings.replicates; /* the most that a measurement has */
    snprintf(case_name, sizeof case_name, try ? "%s-try-%u" : "%s", name, try + 1);
    options->case_name = case_name;
    options->case_title = title;
    int status = duel_commands_measure(&bisect->duel, bisect->run, &problem);
    if (status || caught_signal)
        return report_failure(&problem);
    if (bisect->run->measurement_count == before)
        return fail(EXIT_NOTHING, "nothing was measured");
    *measurement = &bisect->run->measurements[bisect->run->measurement_count - 1];
    return 0;
}

/* Why the first invalid arm is; NULL where all are valid. */
static const char *invalid_reason(const struct measurement *measurement, size_t arm) {
    return measurement->arms[arm].invalid ? measurement->arms[arm].reason : NULL;
}

/*
 * The verdict of one place against another, tried with growing budgets. Returns 0; TRIED_OUT where it stays
 * undecided; or the exit status after printing why: EXIT_INVALID where one of them cannot be run.
 */
static int compare_places(struct bisect *bisect, const char *name, enum bisect_place second,
                          enum verdict *verdict, struct interval *change) {
    const enum bisect_place order[] = {PLACE_GOOD, second};
    double delta = bisect->duel.options.settings.delta;
    char title[400];
    snprintf(title, sizeof title, "%s against %s", bisect->places[second].revision.name,
             bisect->places[PLACE_GOOD].revision.name);
    for (unsigned try = 0; try < bisect->tries; try++) {
        const struct measurement *measurement;
        int status = measure(bisect, name, title, try, order, 2, &measurement);
        if (status)
            return status;
        const char *reason = invalid_reason(measurement, 0);
        if (!reason)
            reason = invalid_reason(measurement, 1);
        if (reason)
            return fail(EXIT_INVALID, "cannot compare %s: %s", title, reason);
        if (bisection_compare(measurement, 0, 1, delta, bisect->confidence, change, verdict))
            return fail(EXIT_NOTHING, "%s: too few samples; give it a larger --budget", title);
        if (*verdict != VERDICT_INCONCLUSIVE)
            return 0;
    }
    return TRIED_OUT;
}

static int build_end(struct bisect *bisect, enum bisect_place place, const struct revision *revision) {
    bisect->places[place] = (struct revision_place){.revision = *revision};
    return revisions_build_or_say(&bisect->revisions, &bisect->places[place]);
}

/* Both ends: is there anything to find? Returns 0 and *found, or *outcome why not; or the exit status. */
static int compare_ends(struct bisect *bisect, bool *found, enum bisect_outcome *outcome) {
    enum verdict verdict, wanted = bisect->faster ? VERDICT_FASTER : VERDICT_SLOWER;
    char change[96];
    *found = false;
    int status = build_end(bisect, PLACE_GOOD, &bisect->revisions.ends[0]);
    if (status == 0)
        status = build_end(bisect, PLACE_BAD, &bisect->revisions.ends[1]);
    if (status == 0)
        status = compare_places(bisect, "ends", PLACE_BAD, &verdict, &bisect->change);
    if (status != 0 && status != TRIED_OUT)
        return status;
    bisect_percent(bisect->change, change, sizeof change);
    tell(bisect, "ends", "%s against %s: %s time", bisect->places[PLACE_BAD].revision.name,
         bisect->places[PLACE_GOOD].revision.name, change);
    *found = status == 0 && verdict == wanted;
    *outcome = status == TRIED_OUT             ? BISECT_UNDECIDED
               : verdict == VERDICT_EQUIVALENT ? BISECT_SAME
                                               : BISECT_OPPOSITE;
    return 0;
}

/* A build that went on from another commit's may fail for that alone: then once more, from scratch. */
static int build_commit(struct bisect *bisect, struct problem *problem) {
    struct revision_place *place = &bisect->places[PLACE_COMMIT];
    bool reused = place->tree.path[0];
    char *log = NULL;
    int status = revisions_build(&bisect->revisions, place, &log, problem);
    free(log);
    log = NULL;
    if (status == -ENOEXEC && reused) {
        worktree_remove(&bisect->revisions.repository, &place->tree);
        status = revisions_build(&bisect->revisions, place, &log, problem);
        free(log);
    }
    if (status == -ENOEXEC)
        worktree_remove(&bisect->revisions.repository, &place->tree);
    return status;
}

static void tell_finding(const struct bisect *bisect, const struct bisection_finding *finding,
                         enum bisection_side side) {
    const struct revision *commit = &bisect->places[PLACE_COMMIT].revision;
    char level[96];
    bisect_percent(finding->level, level, sizeof level);
    tell(bisect, "step", "%s against %s: %s time: %s  %s", commit->name,
         bisect->places[PLACE_GOOD].revision.name, level,
         side == SIDE_BAD ? "after the change" : "before the change", commit->subject);
    if (finding->between)
        tell(bisect, "", "it differs from both ends: there is more than one change; the %s is followed",
             finding->side == SIDE_UNDECIDED ? "first of two equal ones" : "largest");
}

/*
 * On which side of the change the commit is. Returns 0 and the side; SIDE_UNDECIDED with *reason where it
 * cannot be run, and with an empty one where it stays undecided; or the exit status.
 */
static int judge_commit(struct bisect *bisect, enum bisection_side *side, char *reason, size_t size) {
    static const enum bisect_place order[] = {PLACE_GOOD, PLACE_BAD, PLACE_COMMIT};
    const struct revision *commit = &bisect->places[PLACE_COMMIT].revision;
    struct bisection_finding finding = {0};
    char name[RESULT_NAME];
    reason[0] = '\0';
    *side = SIDE_UNDECIDED;
    snprintf(name, sizeof name, "step-%u", bisect->decided + 1);
    for (unsigned try = 0; try < bisect->tries && *side == SIDE_UNDECIDED; try++) {
        const struct measurement *measurement;
        int status = measure(bisect, name, commit->subject, try, order, 3, &measurement);
        if (status)
            return status;
        for (size_t arm = 0; arm < 2; arm++)
            if (invalid_reason(measurement, arm))
                return fail(EXIT_INVALID, "an end that could be run before cannot be now: %s",
                            invalid_reason(measurement, arm));
        if (invalid_reason(measurement, 2)) {
            snprintf(reason, size, "%s", invalid_reason(measurement, 2));
            return 0;
        }
        if (bisection_judge(measurement, 0, 1, 2, !bisect->faster, bisect->duel.options.settings.delta,
                            bisect->confidence, &finding))
            return fail(EXIT_NOTHING, "%s: too few samples; give it a larger --budget", commit->name);
        *side = finding.side;
    }
    /* Halfway between two changes no sample decides, and either will do. */
    if (*side == SIDE_UNDECIDED && finding.between)
        *side = SIDE_BAD;
    if (*side != SIDE_UNDECIDED)
        tell_finding(bisect, &finding, *side);
    return 0;
}

static void swap_places(struct bisect *bisect, enum bisect_place one, enum bisect_place other) {
    struct revision_place kept = bisect->places[one];
    bisect->places[one] = bisect->places[other];
    bisect->places[other] = kept;
}

/* One commit: builds it, measures it and narrows the range, or skips it. Returns 0 or the exit status. */
static int try_commit(struct bisect *bisect, size_t index, bool *decided) {
    struct problem problem = {""};
    struct revision_place *place = &bisect->places[PLACE_COMMIT];
    enum bisection_side side = SIDE_UNDECIDED;
    char reason[RESULT_REASON] = "";
    *decided = true;
    int status = revision_find(&bisect->revisions.repository, bisect->path.items[index - 1], &place->revision,
                               &problem);
    if (status == 0)
        status = build_commit(bisect, &problem);
    if (status == -ENOEXEC)
        snprintf(reason, sizeof reason, "%.380s", problem.text);
    else if (status)
        return report_failure(&problem);
    else
        status = judge_commit(bisect, &side, reason, sizeof reason);
    if (reason[0]) {
        tell(bisect, "skipped", "%s: %s", place->revision.name, reason);
        bisect->search.skipped[index] = true;
        return 0;
    }
    if (status)
        return status;
    bisect->decided++;
    if (side == SIDE_UNDECIDED) {
        *decided = false;
        tell(bisect, "step", "%s: undecided  %s", place->revision.name, place->revision.subject);
        return 0;
    }
    /* What was an end becomes the worktree that moves on. */
    swap_places(bisect, side == SIDE_BAD ? PLACE_BAD : PLACE_GOOD, PLACE_COMMIT);
    *(side == SIDE_BAD ? &bisect->search.bad : &bisect->search.good) = index;
    return 0;
}

/* What is left of the range, compared in worktrees of its own: a build that went on from another commit's may
 * have kept what it should not. */
static int confirm(struct bisect *bisect, enum bisect_outcome *outcome) {
    struct revision good = bisect->places[PLACE_GOOD].revision, bad = bisect->places[PLACE_BAD].revision;
    enum verdict verdict = VERDICT_INCONCLUSIVE;
    char change[96];
    for (size_t i = 0; i < 3; i++)
        worktree_remove(&bisect->revisions.repository, &bisect->places[i].tree);
    int status = build_end(bisect, PLACE_GOOD, &good);
    if (status == 0)
        status = build_end(bisect, PLACE_BAD, &bad);
    if (status == 0)
        status = compare_places(bisect, "confirmation", PLACE_BAD, &verdict, &bisect->change);
    if (status != 0 && status != TRIED_OUT)
        return status;
    bisect_percent(bisect->change, change, sizeof change);
    tell(bisect, "confirm", "%s against %s, built from scratch: %s time", bad.name, good.name, change);
    if (verdict != (bisect->faster ? VERDICT_FASTER : VERDICT_SLOWER))
        *outcome = BISECT_NOT_BORNE_OUT;
    else
        *outcome = bisect->search.bad - bisect->search.good > 1 ? BISECT_SKIPPED : BISECT_FOUND;
    return 0;
}

/*
 * Measuring appends to one run, whose verdicts were corrected each time for what there was by then: concluded
 * again from the samples, and corrected once, for all.
 */
static int conclude_again(struct run *run) {
    int status = 0;
    for (size_t i = 0; i < run->comparison_count && status == 0; i++) {
        struct comparison *old = &run->comparisons[i], new = {.measurement = old->measurement,
                                                              .target = old->target,
                                                              .verified = old->verified,
                                                              .point = old->point};
        memcpy(new.case_name, old->case_name, sizeof new.case_name);
        memcpy(new.case_title, old->case_title, sizeof new.case_title);
        memcpy(new.kernel, old->kernel, sizeof new.kernel);
        memcpy(new.item, old->item, sizeof new.item);
        status = comparison_conclude(&run->measurements[old->measurement], old->candidate_arm, &run->settings,
                                     &run->counter_plan, &run->host.clock, &new);
        if (status == 0) {
            comparison_clear(old);
            *old = new;
        } else
            comparison_clear(&new);
    }
    if (status == 0)
        status = comparisons_correct(run);
    return status ? fail(EXIT_NOTHING, "out of memory") : 0;
}

static int search(struct bisect *bisect, enum bisect_outcome *outcome) {
    bool go_on = false;
    int status = compare_ends(bisect, &go_on, outcome);
    if (status || !go_on)
        return status;
    for (size_t next; status == 0 && go_on && (next = bisection_next(&bisect->search));) {
        if (bisect->decided == bisect->planned) {
            tell(bisect, "stopped", "skipped commits cost more decisions than the confidence was made for");
            break;
        }
        status = try_commit(bisect, next, &go_on);
    }
    if (status == 0 && go_on)
        return confirm(bisect, outcome);
    *outcome = BISECT_UNDECIDED;
    return status;
}

int bisect_search(struct bisect *bisect, enum bisect_outcome *outcome) {
    bisect->planned = bisection_decisions(bisect->path.count) + SPARE_DECISIONS;
    /* Bonferroni's correction: every measurement that may decide, of the ends and of what is found, too. */
    bisect->confidence = 1 - WRONG_COMMIT / ((double)(bisect->planned + 2) * (double)bisect->tries);
    bisect->budget_s = bisect->duel.options.settings.budget_s;
    bisect->rounds = bisect->duel.options.rounds;
    bisect->replicates = bisect->duel.options.settings.replicates;
    if (bisection_start(&bisect->search, bisect->path.count))
        return fail(EXIT_NOTHING, "out of memory");
    int status = search(bisect, outcome);
    int concluded = conclude_again(bisect->run);
    return status ? status : concluded;
}
