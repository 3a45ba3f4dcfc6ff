/* Does a candidate start to win where it was predicted to? */
#include "conclude/mechanism.h"
#include "conclude/points.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* The parameter's value at a comparison that the crossover is about; NULL for any other comparison. */
static const struct point_value *value_asked(const struct crossover_prediction *crossover,
                                             const struct comparison *comparison) {
    const struct point_value *value = point_value_of(&comparison->point, crossover->parameter);
    if (!value || value->value < crossover->first || value->value > crossover->last ||
        strcmp(crossover->case_name, comparison->case_name) != 0 ||
        strcmp(crossover->candidate, comparison->candidate) != 0)
        return NULL;
    struct point rest = point_without(&comparison->point, crossover->parameter);
    return point_equals(&rest, &crossover->point) ? value : NULL;
}

enum answer { WINS, LOSES, OPEN };

/* Equivalent is an answer too: it does not win there. */
static enum answer answer_of(enum verdict verdict) {
    if (verdict == VERDICT_FASTER)
        return WINS;
    return verdict == VERDICT_SLOWER || verdict == VERDICT_EQUIVALENT ? LOSES : OPEN;
}

/* A value of the parameter, if there is such a point. */
struct place {
    bool exists;
    int64_t value;
};

/* Where along the parameter what was seen. */
struct seen {
    struct place first_win;
    struct place last_loss;   /* of all */
    struct place loss_before; /* the last one before the first win */
    struct place win_after;   /* the first win after the last loss: from here on it wins */
    struct place may_start;   /* the first point, after loss_before, that is not shown not to win */
};

static void keep_smaller(struct place *place, int64_t value) {
    if (!place->exists || value < place->value)
        *place = (struct place){true, value};
}

static void keep_larger(struct place *place, int64_t value) {
    if (!place->exists || value > place->value)
        *place = (struct place){true, value};
}

static struct seen look(const struct run *run, const struct crossover_prediction *crossover) {
    struct seen seen = {0};
    const struct point_value *value;
    for (size_t i = 0; i < run->comparison_count; i++) {
        if (!(value = value_asked(crossover, &run->comparisons[i])))
            continue;
        enum answer answer = answer_of(run->comparisons[i].verdict);
        if (answer == WINS)
            keep_smaller(&seen.first_win, value->value);
        if (answer == LOSES)
            keep_larger(&seen.last_loss, value->value);
    }
    for (size_t i = 0; i < run->comparison_count; i++) {
        if (!(value = value_asked(crossover, &run->comparisons[i])))
            continue;
        enum answer answer = answer_of(run->comparisons[i].verdict);
        if (answer == LOSES && (!seen.first_win.exists || value->value < seen.first_win.value))
            keep_larger(&seen.loss_before, value->value);
        if (answer == WINS && (!seen.last_loss.exists || value->value > seen.last_loss.value))
            keep_smaller(&seen.win_after, value->value);
    }
    for (size_t i = 0; i < run->comparison_count; i++)
        if ((value = value_asked(crossover, &run->comparisons[i])) &&
            answer_of(run->comparisons[i].verdict) != LOSES &&
            (!seen.loss_before.exists || value->value > seen.loss_before.value))
            keep_smaller(&seen.may_start, value->value);
    return seen;
}

static enum mechanism judge(const struct seen *seen, double low, double high) {
    bool wins_below = seen->first_win.exists && (double)seen->first_win.value < low;
    bool loses_above = seen->last_loss.exists && (double)seen->last_loss.value >= high;
    if (wins_below || loses_above)
        return MECHANISM_UNEXPLAINED;
    bool shown = seen->loss_before.exists && seen->win_after.exists && (double)seen->may_start.value >= low &&
                 (double)seen->win_after.value <= high;
    return shown ? MECHANISM_EXPLAINED : MECHANISM_UNMEASURED;
}

/* Where it wins and where it does not, the values nearest to the change first. */
static void tell_wins(const struct crossover_prediction *crossover, const struct seen *seen, char *text,
                      size_t size) {
    const char *name = crossover->parameter;
    if (!seen->first_win.exists && !seen->last_loss.exists)
        snprintf(text, size, "no measured point tells");
    else if (!seen->first_win.exists)
        snprintf(text, size, "it wins nowhere measured, not at %s = %" PRId64 " either", name,
                 seen->last_loss.value);
    else if (!seen->win_after.exists)
        snprintf(text, size, "it wins at %s = %" PRId64 ", but not at %" PRId64, name, seen->first_win.value,
                 seen->last_loss.value);
    else if (!seen->last_loss.exists)
        snprintf(text, size, "it wins from %s = %" PRId64 " on", name, seen->win_after.value);
    else if (seen->last_loss.value > seen->first_win.value)
        snprintf(text, size, "it wins at %s = %" PRId64 ", not at %" PRId64 ", and from %" PRId64 " on", name,
                 seen->first_win.value, seen->last_loss.value, seen->win_after.value);
    else
        snprintf(text, size, "it wins from %s = %" PRId64 " on, not at %" PRId64, name, seen->win_after.value,
                 seen->last_loss.value);
}

/* Why it cannot be told. */
static void tell_doubt(const struct crossover_prediction *crossover, const struct seen *seen, char *text,
                       size_t size) {
    if (!seen->first_win.exists)
        snprintf(text, size, "; no larger point tells");
    else if (!seen->loss_before.exists)
        snprintf(text, size, "; no smaller point shows that it does not win there");
    else if (!seen->win_after.exists || (double)seen->win_after.value > crossover->high)
        snprintf(text, size, "; no point between tells");
    else
        snprintf(text, size, "; inconclusive at %" PRId64, seen->may_start.value);
}

void crossover_judge(const struct run *run, struct crossover_prediction *crossover) {
    struct seen seen = look(run, crossover);
    bool single = crossover->low == crossover->high;
    char high[40] = "", found[200], doubt[80] = "";
    crossover->outcome = judge(&seen, crossover->low, crossover->high);
    if (!single)
        snprintf(high, sizeof high, " and %.12g", crossover->high);
    tell_wins(crossover, &seen, found, sizeof found);
    if (crossover->outcome == MECHANISM_UNMEASURED && (seen.first_win.exists || seen.last_loss.exists))
        tell_doubt(crossover, &seen, doubt, sizeof doubt);
    snprintf(crossover->text, sizeof crossover->text, "predicted that %s starts to win %s %s = %.12g%s; %s%s",
             crossover->candidate, single ? "at" : "between", crossover->parameter, crossover->low, high,
             found, doubt);
}

static bool is_known(const struct run *run, const struct crossover_prediction *crossover) {
    for (size_t i = 0; i < run->crossover_count; i++) {
        const struct crossover_prediction *known = &run->crossovers[i];
        if (strcmp(known->case_name, crossover->case_name) == 0 &&
            strcmp(known->candidate, crossover->candidate) == 0 &&
            strcmp(known->parameter, crossover->parameter) == 0 && known->low == crossover->low &&
            known->high == crossover->high && known->first == crossover->first &&
            known->last == crossover->last && point_equals(&known->point, &crossover->point))
            return true;
    }
    return false;
}

/* The crossover of one combination of the other parameters, about all points that `where` lets through. */
static struct crossover_prediction crossover_at(const struct case_prediction *prediction,
                                                const struct run *run, const struct comparison *comparison) {
    struct crossover_prediction crossover = {
        .low = prediction->crossover_low,
        .high = prediction->crossover_high,
        .first = INT64_MIN,
        .last = INT64_MAX,
        .point = point_without(&comparison->point, prediction->crossover_parameter)};
    memcpy(crossover.case_name, comparison->case_name, sizeof crossover.case_name);
    memcpy(crossover.baseline, comparison->baseline, sizeof crossover.baseline);
    memcpy(crossover.candidate, comparison->candidate, sizeof crossover.candidate);
    memcpy(crossover.parameter, prediction->crossover_parameter, sizeof crossover.parameter);
    struct place first = {0}, last = {0};
    for (size_t i = 0; i < run->comparison_count; i++) {
        const struct point_value *value = value_asked(&crossover, &run->comparisons[i]);
        if (!value || !case_prediction_applies(prediction, &run->comparisons[i].point))
            continue;
        keep_smaller(&first, value->value);
        keep_larger(&last, value->value);
    }
    crossover.first = first.value;
    crossover.last = last.value;
    return crossover;
}

static int add_predicted(const struct case_file *file, const struct case_prediction *prediction,
                         struct run *run) {
    for (size_t i = 0; i < run->comparison_count; i++) {
        const struct comparison *comparison = &run->comparisons[i];
        if (strcmp(comparison->case_name, file->name) != 0 ||
            strcmp(comparison->candidate, prediction_candidate(file, prediction, comparison)) != 0 ||
            !case_prediction_applies(prediction, &comparison->point) ||
            !point_value_of(&comparison->point, prediction->crossover_parameter))
            continue;
        struct crossover_prediction crossover = crossover_at(prediction, run, comparison);
        if (is_known(run, &crossover))
            continue;
        crossover_judge(run, &crossover);
        int error = run_add_crossover(run, &crossover);
        if (error)
            return error;
    }
    return 0;
}

int crossovers_add(const struct case_file *file, struct run *run) {
    int error = 0;
    for (size_t i = 0; !error && i < file->prediction_count; i++)
        if (file->predictions[i].crossover_parameter[0])
            error = add_predicted(file, &file->predictions[i], run);
    return error;
}
