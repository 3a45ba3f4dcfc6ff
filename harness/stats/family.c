#include "stats/family.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

double family_look_level(unsigned looks) {
    static const double levels[FAMILY_MAX_LOOKS] = {0.05, 0.0294, 0.0221, 0.0182, 0.0158};
    return looks >= 1 && looks <= FAMILY_MAX_LOOKS ? levels[looks - 1] : NAN;
}

static bool holds_at(const struct ratio_estimate *estimate, double level, struct interval placebo,
                     double delta, enum verdict verdict) {
    double half = estimate_half_width(estimate, 1 - level);
    struct interval log = {estimate->log.estimate, estimate->log.estimate - half,
                           estimate->log.estimate + half};
    return verdict_of(interval_exp(log), placebo, delta) == verdict;
}

double family_p_value(const struct ratio_estimate *estimate, struct interval placebo, double delta,
                      enum verdict verdict) {
    double low = 1e-15, high = 0.9999; /* the claim holds at `high` and not at `low` */
    if (!holds_at(estimate, high, placebo, delta, verdict))
        return 1;
    if (holds_at(estimate, low, placebo, delta, verdict))
        return low;
    for (int step = 0; step < 100 && high / low > 1 + 1e-6; step++) {
        double middle = sqrt(low * high);
        if (holds_at(estimate, middle, placebo, delta, verdict))
            high = middle;
        else
            low = middle;
    }
    return high;
}

struct ranked {
    double p;
    size_t index;
};

static int compare_ranked(const void *a, const void *b) {
    double x = ((const struct ranked *)a)->p, y = ((const struct ranked *)b)->p;
    return (x > y) - (x < y);
}

int family_holm(const double *p_values, size_t count, double level, bool *accepted) {
    struct ranked *ranked = malloc((count + 1) * sizeof *ranked);
    size_t claims = 0;
    if (!ranked)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        accepted[i] = false;
        if (!isnan(p_values[i]))
            ranked[claims++] = (struct ranked){p_values[i], i};
    }
    qsort(ranked, claims, sizeof *ranked, compare_ranked);
    for (size_t i = 0; i < claims && ranked[i].p <= level / (double)(claims - i); i++)
        accepted[ranked[i].index] = true;
    free(ranked);
    return 0;
}

/* Half-width of an interval of ratios, in logs. */
static double log_half(struct interval ratio) {
    return log(ratio.high / ratio.low) / 2;
}

double family_settling_factor(struct interval speedup, struct interval placebo, double delta) {
    enum verdict verdict = verdict_of(speedup, placebo, delta);
    if (verdict != VERDICT_INCONCLUSIVE)
        return 1;
    if (!(speedup.low > 0 && speedup.low <= speedup.high))
        return NAN;
    double distance = fabs(log(speedup.estimate)), half = log_half(speedup), worth = log1p(delta);
    double floor = isnan(placebo.low) && isnan(placebo.estimate)
                       ? 0
                       : fmax(fabs(log(placebo.low)), fabs(log(placebo.high)));
    if (isnan(floor))
        return NAN;
    /* With root = square root of the factor: half / root must fit, and so must floor / root. */
    double root = distance > worth ? fmax(half / (distance - worth), (half + floor) / distance)
                                   : fmax(half / (worth - distance), floor / worth);
    return isfinite(root) ? fmax(1, root * root) : INFINITY;
}
