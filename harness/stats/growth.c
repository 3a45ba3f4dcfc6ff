#include "stats/growth.h"

#include "stats/least_squares.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Residuals below this are as good as none: no clock tells them apart. */
#define EXACT 1e-3

const char *growth_name(enum growth_kind kind) {
    static const char *const names[GROWTH_KINDS] = {"1", "log n", "n", "n log n", "n²"};
    return names[kind];
}

double growth_term(enum growth_kind kind, double size) {
    switch (kind) {
    case GROWTH_LOG:
        return log2(size);
    case GROWTH_LINEAR:
        return size;
    case GROWTH_N_LOG_N:
        return size * log2(size);
    case GROWTH_SQUARE:
        return size * size;
    default:
        return 1;
    }
}

struct growth growth_unknown(void) {
    struct interval none = {NAN, NAN, NAN};
    struct growth growth = {.fixed = none, .step = none, .exponent = none};
    for (int kind = 0; kind < GROWTH_KINDS; kind++)
        growth.misfit[kind] = NAN;
    return growth;
}

size_t growth_possible(const struct growth *growth) {
    size_t count = 0;
    for (int kind = 0; kind < GROWTH_KINDS; kind++)
        count += growth->possible[kind];
    return count;
}

/* Of relative errors: each row divided by its time. */
static int fit_terms(const struct growth_point *points, size_t count, enum growth_kind kind, bool fixed,
                     struct least_squares_row *rows, struct least_squares *fit) {
    for (size_t i = 0; i < count; i++) {
        double term = growth_term(kind, points[i].size) / points[i].time;
        rows[i] = (struct least_squares_row){{term, 1 / points[i].time}, 1};
    }
    return least_squares_fit(rows, count, fixed ? 2 : 1, fit);
}

/* The term's coefficient comes first. A fixed part below 0 is none. */
static int fit_kind(const struct growth_point *points, size_t count, enum growth_kind kind,
                    struct least_squares_row *rows, struct least_squares *fit) {
    int error = fit_terms(points, count, kind, kind != GROWTH_CONSTANT, rows, fit);
    if (!error && fit->terms == 2 && fit->coefficients[1] < 0)
        error = fit_terms(points, count, kind, false, rows, fit);
    return error;
}

/* Akaike's, with its correction; the variance of the residuals is a parameter too. */
static double criterion(double misfit, double count, bool constant) {
    double parameters = constant ? 2 : 3;
    return 2 * count * log(fmax(misfit, EXACT)) + 2 * parameters +
           2 * parameters * (parameters + 1) / (count - parameters - 1);
}

static void take_best(const struct least_squares *fit, enum growth_kind kind, double confidence,
                      struct growth *growth) {
    struct interval term = least_squares_coefficient(fit, 0, confidence);
    growth->best = kind;
    growth->fixed = kind == GROWTH_CONSTANT ? term
                    : fit->terms == 2       ? least_squares_coefficient(fit, 1, confidence)
                                            : (struct interval){0, NAN, NAN};
    growth->step = kind == GROWTH_CONSTANT ? (struct interval){NAN, NAN, NAN} : term;
}

/* Whether a kind comes before the best so far: one that fits before those that do not, then by the criterion, or by the
 * misfit where none fits. */
static bool is_better(const struct growth *growth, const double *scores, enum growth_kind kind, bool first) {
    double misfit = growth->misfit[kind], least = growth->misfit[growth->best];
    bool fits = misfit <= GROWTH_FAR, best_fits = least <= GROWTH_FAR;
    return first || (fits != best_fits ? fits : fits ? scores[kind] < scores[growth->best] : misfit < least);
}

static int fit_kinds(const struct growth_point *points, size_t count, double confidence,
                     struct least_squares_row *rows, bool flat, struct growth *growth) {
    double scores[GROWTH_KINDS];
    bool first = true;
    for (int kind = 0; kind < (flat ? 1 : GROWTH_KINDS); kind++) {
        struct least_squares fit;
        scores[kind] = INFINITY;
        int error = fit_kind(points, count, (enum growth_kind)kind, rows, &fit);
        if (error == -ENOMEM)
            return error;
        if (error || !(fit.coefficients[0] > 0))
            continue;
        growth->misfit[kind] = fit.misfit;
        scores[kind] = criterion(fit.misfit, (double)count, kind == GROWTH_CONSTANT);
        if (is_better(growth, scores, (enum growth_kind)kind, first))
            take_best(&fit, (enum growth_kind)kind, confidence, growth);
        first = false;
    }
    for (int kind = 0; kind < (flat ? 1 : GROWTH_KINDS); kind++)
        growth->possible[kind] =
            growth->misfit[kind] <= GROWTH_FAR &&
            (scores[kind] - scores[growth->best] < GROWTH_WORSE || growth->misfit[kind] <= GROWTH_NEAR);
    return 0;
}

static int fit_exponent(const struct growth_point *points, size_t count, double confidence,
                        struct least_squares_row *rows, struct growth *growth) {
    struct least_squares fit;
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct least_squares_row){{log(points[i].size), 1}, log(points[i].time)};
    int error = least_squares_fit(rows, count, 2, &fit);
    if (!error)
        growth->exponent = least_squares_coefficient(&fit, 0, confidence);
    return error;
}

int growth_fit(const struct growth_point *points, size_t count, double confidence, struct growth *growth) {
    double smallest = INFINITY, largest = 0, fastest = INFINITY, slowest = 0;
    *growth = growth_unknown();
    for (size_t i = 0; i < count; i++) {
        if (!(points[i].size > 0 && points[i].time > 0 && isfinite(points[i].size + points[i].time)))
            return -EINVAL;
        smallest = fmin(smallest, points[i].size);
        largest = fmax(largest, points[i].size);
        fastest = fmin(fastest, points[i].time);
        slowest = fmax(slowest, points[i].time);
    }
    if (count < GROWTH_POINTS || largest < GROWTH_SPAN * smallest)
        return 0;
    struct least_squares_row *rows = calloc(count, sizeof *rows);
    if (!rows)
        return -ENOMEM;
    growth->points = count;
    int error = fit_kinds(points, count, confidence, rows, slowest <= (1 + GROWTH_FLAT) * fastest, growth);
    if (!error)
        error = fit_exponent(points, count, confidence, rows, growth);
    free(rows);
    return error;
}
