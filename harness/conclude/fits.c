#include "conclude/fits.h"

#include "base/numbers.h"
#include "conclude/mechanism.h"
#include "conclude/points.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define THREADS "threads"

/* What a fit is about: a variant along a parameter, at one combination of the others. */
struct subject {
    const char *case_name, *variant, *parameter;
    const struct point *point;
    int64_t first, last;
};

/* A value of the parameter and the time there. */
struct place {
    int64_t value;
    double time;
    size_t replicates;
};

/* The variant's time an item in a comparison; NAN where it is not in it, or it is invalid. */
static double time_in(const struct comparison *comparison, const char *variant) {
    if (comparison->verdict == VERDICT_INVALID)
        return NAN;
    if (strcmp(comparison->candidate, variant) == 0)
        return comparison->candidate_time.median;
    return strcmp(comparison->baseline, variant) == 0 ? comparison->baseline_time.median : NAN;
}

/* Whether a comparison is at a point that the subject is about; then its value of the parameter. */
static bool is_about(const struct subject *subject, const struct comparison *comparison, int64_t *value) {
    const struct point_value *found = point_value_of(&comparison->point, subject->parameter);
    if (!found || found->choice[0] || found->value < subject->first || found->value > subject->last ||
        strcmp(comparison->case_name, subject->case_name) != 0)
        return false;
    struct point rest = point_without(&comparison->point, subject->parameter);
    *value = found->value;
    return point_equals(&rest, subject->point);
}

static void keep_place(struct place *places, size_t *count, struct place place) {
    size_t i = 0;
    while (i < *count && places[i].value != place.value)
        i++;
    if (i == *count)
        places[(*count)++] = place;
    else if (place.replicates > places[i].replicates)
        places[i] = place;
}

/* One place for each value; NULL without memory. */
static struct place *collect(const struct run *run, const struct subject *subject, size_t *count) {
    struct place *places = calloc(run->comparison_count + 1, sizeof *places);
    *count = 0;
    for (size_t i = 0; places && i < run->comparison_count; i++) {
        const struct comparison *comparison = &run->comparisons[i];
        struct place place = {.replicates = comparison->replicates};
        if (!is_about(subject, comparison, &place.value))
            continue;
        place.time = time_in(comparison, subject->variant);
        if (place.time > 0 && place.value > 0)
            keep_place(places, count, place);
    }
    return places;
}

__attribute__((format(printf, 3, 4))) static void append(char *text, size_t size, const char *format, ...) {
    size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + length, size - length, format, arguments);
    va_end(arguments);
}

/* " [2.1, 3.4]", or nothing where there is no interval. */
static void append_interval(char *text, size_t size, struct interval interval, double scale) {
    if (isfinite(interval.low) && isfinite(interval.high))
        append(text, size, " [%s, %s]", BRIEF(scale * interval.low, 3), BRIEF(scale * interval.high, 3));
}

/* ": 3 ns + 2.9 ns × n, off by 2 %", of the only kind that is possible. */
static void tell_formula(const struct growth *fit, const char *parameter, char *text, size_t size) {
    append(text, size, ": ");
    if (fit->fixed.estimate > 0)
        append(text, size, "%s", SECONDS(fit->fixed.estimate / 1e9, 3));
    if (fit->best != GROWTH_CONSTANT)
        append(text, size, "%s%s × %s%s%s%s", fit->fixed.estimate > 0 ? " + " : "",
               SECONDS(fit->step.estimate / 1e9, 3), fit->best == GROWTH_LOG ? "log2 " : "", parameter,
               fit->best == GROWTH_SQUARE ? "²" : "", fit->best == GROWTH_N_LOG_N ? " log2 " : "");
    if (fit->best == GROWTH_N_LOG_N)
        append(text, size, "%s", parameter);
    append(text, size, ", off by %s %%", BRIEF(100 * fit->misfit[fit->best], 2));
}

static void tell_growth(struct growth_fit *growth) {
    const struct growth *fit = &growth->fit;
    char *text = growth->text;
    size_t size = sizeof growth->text, possible = growth_possible(fit), told = 0;
    *text = '\0';
    if (!fit->points) {
        snprintf(text, size, "%zu size%s of %s: a fit needs %d, the largest %d times the smallest",
                 growth->sizes, growth->sizes == 1 ? "" : "s", growth->parameter, GROWTH_POINTS, GROWTH_SPAN);
        return;
    }
    for (int kind = 0; kind < GROWTH_KINDS; kind++)
        if (fit->possible[kind])
            append(text, size, "%s%s",
                   !told++            ? ""
                   : told == possible ? " or "
                                      : ", ",
                   growth_name((enum growth_kind)kind));
    if (possible > 1)
        append(text, size, ": the data cannot tell");
    else if (possible == 1)
        tell_formula(fit, growth->parameter, text, size);
    else if (fit->exponent.high < 0)
        append(text, size, "it falls");
    else
        append(text, size, "none of 1 to n²: the nearest, %s, is off by %s %%", growth_name(fit->best),
               BRIEF(100 * fit->misfit[fit->best], 2));
    append(text, size, "; %s^%s", growth->parameter, BRIEF(fit->exponent.estimate, 3));
    append_interval(text, size, fit->exponent, 1);
}

/* Held where nothing else is possible, refuted where it is not among what is. */
static enum mechanism judge_prediction(const struct growth_fit *growth) {
    const struct growth *fit = &growth->fit;
    if (!growth->predicted[0])
        return MECHANISM_NONE;
    for (int kind = 0; kind < GROWTH_KINDS && fit->points; kind++)
        if (strcmp(growth_name((enum growth_kind)kind), growth->predicted) == 0)
            return !fit->possible[kind]        ? MECHANISM_UNEXPLAINED
                   : growth_possible(fit) == 1 ? MECHANISM_EXPLAINED
                                               : MECHANISM_UNMEASURED;
    return MECHANISM_UNMEASURED;
}

int growth_judge(const struct run *run, struct growth_fit *growth) {
    struct subject subject = {growth->case_name, growth->variant, growth->parameter,
                              &growth->point,    growth->first,   growth->last};
    size_t count;
    struct place *places = collect(run, &subject, &count);
    struct growth_point *points = calloc(count + 1, sizeof *points);
    int error = places && points ? 0 : -ENOMEM;
    for (size_t i = 0; i < count && !error; i++)
        points[i] = (struct growth_point){(double)places[i].value, places[i].time};
    if (!error)
        error = growth_fit(points, count, run->settings.confidence, &growth->fit);
    free(places);
    free(points);
    if (error == -ENOMEM)
        return error;
    if (error)
        growth->fit = growth_unknown();
    growth->sizes = count;
    growth->outcome = judge_prediction(growth);
    tell_growth(growth);
    return 0;
}

static void tell_amdahl(const struct scaling *fit, char *text, size_t size) {
    append(text, size, "Amdahl: %s %%", BRIEF(100 * fit->serial.estimate, 3));
    append_interval(text, size, fit->serial, 100);
    append(text, size, " serial");
    if (fit->serial.estimate > 0 && fit->serial.estimate < 1)
        append(text, size, ", at most %s×", BRIEF(1 / fit->serial.estimate, 3));
    else if (fit->serial.estimate >= 1)
        append(text, size, ", so more threads only cost");
    if (fit->points == SCALING_AMDAHL_POINTS)
        append(text, size, "; 2 numbers of threads fit any such line, so they cannot tell; USL needs 3");
    else
        append(text, size, ", off by %s %%", BRIEF(100 * fit->amdahl_misfit, 2));
}

static void tell_peak(const struct scaling *fit, char *text, size_t size) {
    if (fit->points == SCALING_USL_POINTS) {
        append(text, size, "; 3 numbers of threads fit it exactly, so they cannot tell");
        return;
    }
    append(text, size, ", off by %s %%", BRIEF(100 * fit->usl_misfit, 2));
    if (!(fit->coherence.low > 0))
        append(text, size, "; coherence cannot be told from none, so no peak is predicted");
    else if (isnan(fit->peak.estimate))
        append(text, size, "; more threads never help");
    else {
        append(text, size, "; peak at %s threads", BRIEF(fit->peak.estimate, 3));
        append_interval(text, size, fit->peak, 1);
        if (fit->peak.estimate > fit->most_threads)
            append(text, size, ", beyond the %s measured", BRIEF(fit->most_threads, 3));
    }
}

static void tell_scaling(struct scaling_fit *scaling) {
    const struct scaling *fit = &scaling->fit;
    char *text = scaling->text;
    size_t size = sizeof scaling->text;
    *text = '\0';
    tell_amdahl(fit, text, size);
    if (fit->points < SCALING_USL_POINTS)
        return;
    append(text, size, "; USL: contention %s %%", BRIEF(100 * fit->contention.estimate, 3));
    append_interval(text, size, fit->contention, 100);
    append(text, size, ", coherence %s %%", BRIEF(100 * fit->coherence.estimate, 3));
    append_interval(text, size, fit->coherence, 100);
    tell_peak(fit, text, size);
}

int scaling_judge(const struct run *run, struct scaling_fit *scaling) {
    struct subject subject = {scaling->case_name, scaling->variant, THREADS, &scaling->point, 1, INT64_MAX};
    size_t count;
    struct place *places = collect(run, &subject, &count);
    struct scaling_point *points = calloc(count + 1, sizeof *points);
    int error = places && points ? 0 : -ENOMEM;
    for (size_t i = 0; i < count && !error; i++)
        points[i] = (struct scaling_point){(double)places[i].value, places[i].time};
    if (!error)
        error = scaling_fit(points, count, run->settings.confidence, &scaling->fit);
    free(places);
    free(points);
    if (error == -ENOMEM)
        return error;
    if (error)
        scaling->fit = scaling_unknown();
    tell_scaling(scaling);
    return 0;
}

static bool is_same_growth(const struct growth_fit *first, const struct growth_fit *second) {
    return strcmp(first->case_name, second->case_name) == 0 && strcmp(first->variant, second->variant) == 0 &&
           strcmp(first->parameter, second->parameter) == 0 && first->first == second->first &&
           first->last == second->last && point_equals(&first->point, &second->point);
}

static struct growth_fit *find_growth(const struct run *run, const struct growth_fit *growth) {
    for (size_t i = 0; i < run->growth_count; i++)
        if (is_same_growth(&run->growth[i], growth))
            return &run->growth[i];
    return NULL;
}

/* A fit about the points like that of a comparison along a parameter that `prediction` lets through; all of them
 * without one. */
static struct growth_fit growth_at(const struct run *run, const struct case_prediction *prediction,
                                   const struct comparison *comparison, const char *variant,
                                   const char *parameter) {
    struct growth_fit growth = {.point = point_without(&comparison->point, parameter),
                                .first = INT64_MAX,
                                .last = INT64_MIN,
                                .fit = growth_unknown()};
    snprintf(growth.case_name, sizeof growth.case_name, "%s", comparison->case_name);
    snprintf(growth.variant, sizeof growth.variant, "%s", variant);
    snprintf(growth.parameter, sizeof growth.parameter, "%s", parameter);
    struct subject subject = {growth.case_name, growth.variant, parameter, &growth.point, 1, INT64_MAX};
    for (size_t i = 0; i < run->comparison_count; i++) {
        const struct comparison *other = &run->comparisons[i];
        int64_t value;
        if (!is_about(&subject, other, &value) ||
            (strcmp(other->baseline, variant) != 0 && strcmp(other->candidate, variant) != 0) ||
            (prediction && !case_prediction_applies(prediction, &other->point)))
            continue;
        growth.first = value < growth.first ? value : growth.first;
        growth.last = value > growth.last ? value : growth.last;
    }
    return growth;
}

static bool is_size(const struct point_value *value) {
    return !value->choice[0] && value->value > 0 && strcmp(value->unit, "%") != 0 &&
           strcmp(value->name, THREADS) != 0;
}

static int add_growth(struct run *run, const struct comparison *comparison, const char *variant) {
    for (size_t i = 0; i < comparison->point.count; i++) {
        const struct point_value *value = &comparison->point.values[i];
        if (!is_size(value))
            continue;
        struct growth_fit growth = growth_at(run, NULL, comparison, variant, value->name);
        if (find_growth(run, &growth))
            continue;
        int error = growth_judge(run, &growth);
        if (!error && growth.fit.points)
            error = run_add_growth(run, &growth);
        if (error)
            return error;
    }
    return 0;
}

static bool is_parallel(const struct run *run, const struct comparison *comparison, const char *variant) {
    const struct measurement *measurement = &run->measurements[comparison->measurement];
    size_t index =
        strcmp(comparison->candidate, variant) == 0 ? comparison->candidate_arm : comparison->baseline_arm;
    const struct arm *arm = &measurement->arms[index];
    return arm->flags & CS_PARALLEL || arm->command[0];
}

static int add_scaling(struct run *run, const struct comparison *comparison, const char *variant) {
    if (!point_value_of(&comparison->point, THREADS) || !is_parallel(run, comparison, variant))
        return 0;
    struct scaling_fit scaling = {.point = point_without(&comparison->point, THREADS),
                                  .fit = scaling_unknown()};
    snprintf(scaling.case_name, sizeof scaling.case_name, "%s", comparison->case_name);
    snprintf(scaling.variant, sizeof scaling.variant, "%s", variant);
    for (size_t i = 0; i < run->scaling_count; i++)
        if (strcmp(run->scaling[i].case_name, scaling.case_name) == 0 &&
            strcmp(run->scaling[i].variant, variant) == 0 &&
            point_equals(&run->scaling[i].point, &scaling.point))
            return 0;
    int error = scaling_judge(run, &scaling);
    return !error && scaling.fit.points ? run_add_scaling(run, &scaling) : error;
}

int fits_add(struct run *run) {
    int error = 0;
    run->growth_count = run->scaling_count = 0;
    for (size_t i = 0; i < run->comparison_count && !error; i++) {
        const struct comparison *comparison = &run->comparisons[i];
        const char *const variants[] = {comparison->baseline, comparison->candidate};
        for (size_t v = 0; v < 2 && !error; v++) {
            error = add_growth(run, comparison, variants[v]);
            if (!error)
                error = add_scaling(run, comparison, variants[v]);
        }
    }
    return error;
}

int growth_predict(struct run *run, struct growth_fit *growth) {
    struct growth_fit *known = find_growth(run, growth);
    if (known && known->predicted[0])
        return 0;
    int error = growth_judge(run, growth);
    if (error || !known)
        return error ? error : run_add_growth(run, growth);
    *known = *growth;
    return 0;
}

static int predict(struct run *run, const struct case_prediction *prediction,
                   const struct comparison *comparison, const char *variant, int kind) {
    if (kind < 0)
        return 0;
    struct growth_fit growth = growth_at(run, prediction, comparison, variant, prediction->growth_parameter);
    snprintf(growth.predicted, sizeof growth.predicted, "%s", growth_name((enum growth_kind)kind));
    return growth_predict(run, &growth);
}

int growth_explain(const struct case_file *file, struct run *run) {
    int error = 0;
    for (size_t p = 0; p < file->prediction_count; p++) {
        const struct case_prediction *prediction = &file->predictions[p];
        for (size_t i = 0; prediction->growth_parameter[0] && i < run->comparison_count && !error; i++) {
            const struct comparison *comparison = &run->comparisons[i];
            if (strcmp(comparison->case_name, file->name) != 0 ||
                strcmp(comparison->candidate, prediction_candidate(file, prediction, comparison)) != 0 ||
                !case_prediction_applies(prediction, &comparison->point) ||
                !point_value_of(&comparison->point, prediction->growth_parameter))
                continue;
            error = predict(run, prediction, comparison, comparison->baseline, prediction->growth[0]);
            if (!error)
                error = predict(run, prediction, comparison, comparison->candidate, prediction->growth[1]);
        }
    }
    return error;
}
