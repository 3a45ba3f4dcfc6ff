#include "stats/scaling.h"

#include "stats/least_squares.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

struct scaling scaling_unknown(void) {
    struct interval none = {NAN, NAN, NAN};
    return (struct scaling){.most_threads = NAN,
                            .serial = none,
                            .amdahl_misfit = NAN,
                            .contention = none,
                            .coherence = none,
                            .usl_misfit = NAN,
                            .peak = none};
}

/* T = c0 + c1 / p: the serial part first. */
static int fit_amdahl(const struct scaling_point *points, size_t count, double confidence,
                      struct least_squares_row *rows, struct scaling *scaling) {
    static const double serial[LEAST_SQUARES_TERMS] = {1, 0}, all[LEAST_SQUARES_TERMS] = {1, 1};
    struct least_squares fit;
    for (size_t i = 0; i < count; i++)
        rows[i] =
            (struct least_squares_row){{1 / points[i].time, 1 / (points[i].threads * points[i].time)}, 1};
    int error = least_squares_fit(rows, count, 2, &fit);
    if (error)
        return error;
    scaling->serial = least_squares_ratio(&fit, serial, all, confidence);
    scaling->amdahl_misfit = fit.misfit;
    return 0;
}

/* Where p² = (c0 - c1) / c2, of a T that falls before and rises after. */
static void find_peak(const struct least_squares *fit, double confidence, struct scaling *scaling) {
    static const double parallel[] = {1, -1, 0}, coherence[] = {0, 0, 1};
    struct interval square = least_squares_ratio(fit, parallel, coherence, confidence);
    if (fit->coefficients[2] > 0 && square.estimate > 0)
        scaling->peak = (struct interval){sqrt(square.estimate), sqrt(square.low), sqrt(square.high)};
}

/* T = c0 / p + c1 (p - 1) / p + c2 (p - 1), c0 being one thread's time. */
static int fit_usl(const struct scaling_point *points, size_t count, double confidence,
                   struct least_squares_row *rows, struct scaling *scaling) {
    static const double one[] = {1, 0, 0}, contention[] = {0, 1, 0}, coherence[] = {0, 0, 1};
    struct least_squares fit;
    for (size_t i = 0; i < count; i++) {
        double threads = points[i].threads, time = points[i].time;
        rows[i] = (struct least_squares_row){
            {1 / (threads * time), (threads - 1) / (threads * time), (threads - 1) / time}, 1};
    }
    int error = least_squares_fit(rows, count, 3, &fit);
    if (error)
        return error;
    scaling->contention = least_squares_ratio(&fit, contention, one, confidence);
    scaling->coherence = least_squares_ratio(&fit, coherence, one, confidence);
    scaling->usl_misfit = fit.misfit;
    find_peak(&fit, confidence, scaling);
    return 0;
}

int scaling_fit(const struct scaling_point *points, size_t count, double confidence,
                struct scaling *scaling) {
    double most = 0;
    *scaling = scaling_unknown();
    for (size_t i = 0; i < count; i++) {
        if (!(points[i].threads >= 1 && points[i].time > 0 && isfinite(points[i].threads + points[i].time)))
            return -EINVAL;
        most = fmax(most, points[i].threads);
    }
    if (count < SCALING_AMDAHL_POINTS)
        return 0;
    struct least_squares_row *rows = calloc(count, sizeof *rows);
    if (!rows)
        return -ENOMEM;
    scaling->points = count;
    scaling->most_threads = most;
    int error = fit_amdahl(points, count, confidence, rows, scaling);
    if (!error && count >= SCALING_USL_POINTS)
        error = fit_usl(points, count, confidence, rows, scaling);
    free(rows);
    return error;
}
