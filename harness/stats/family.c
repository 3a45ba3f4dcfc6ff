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

/* What a longer measurement is predicted from. */
struct settling {
    const struct ratio_estimate *estimate, *placebo; /**< placebo NULL: there was none */
    double limit;                                    /**< log(1 + delta) */
    double confidence, placebo_confidence;
};

/* From the replicates' scatter or, if that is luckily small, from their rounds. */
static double standard_error(const struct ratio_estimate *estimate) {
    return fmax(estimate->between_error, sqrt(estimate->within_variance / (double)estimate->replicates));
}

/* Half-width with `factor` times as many replicates that scatter as those did. */
static double half_after(const struct ratio_estimate *estimate, double confidence, double factor) {
    double error = standard_error(estimate) / sqrt(factor), count = (double)estimate->replicates;
    if (estimate->replicates < 2)
        return estimate_half_width(estimate, confidence) / sqrt(factor);
    return -student_quantile((1 - confidence) / 2, factor * count - 1) * error;
}

/* How likely a measurement `factor` times as long gives a verdict. */
static double chance_to_settle(const struct settling *settling, double factor) {
    const double median_deviation = 0.6744897501960817; /* of a standard normal variable, without sign */
    const struct ratio_estimate *estimate = settling->estimate, *placebo = settling->placebo;
    double error = standard_error(estimate) * sqrt(1 + 1 / factor), centre = estimate->log.estimate;
    double half = half_after(estimate, settling->confidence, factor), floor = 0;
    if (placebo)
        floor = half_after(placebo, settling->placebo_confidence, factor) +
                median_deviation * standard_error(placebo) / sqrt(factor);
    double beyond = fmax(settling->limit, floor) + half, inside = settling->limit - half;
    double chance = normal_cdf((centre - beyond) / error) + normal_cdf((-centre - beyond) / error);
    if (inside > 0 && floor < settling->limit)
        chance += normal_cdf((inside - centre) / error) - normal_cdf((-inside - centre) / error);
    return chance;
}

static struct interval ratio_at(const struct ratio_estimate *estimate, double confidence) {
    if (!estimate)
        return (struct interval){NAN, NAN, NAN};
    double centre = estimate->log.estimate, half = estimate_half_width(estimate, confidence);
    return interval_exp((struct interval){centre, centre - half, centre + half});
}

double family_settling_factor(const struct ratio_estimate *estimate, const struct ratio_estimate *placebo,
                              double delta, double confidence, size_t claims) {
    const double most = 1e6;
    struct settling settling = {.estimate = estimate,
                                .placebo = placebo,
                                .limit = log1p(delta),
                                .confidence = 1 - (1 - confidence) / (double)claims,
                                .placebo_confidence = confidence};
    struct interval speedup = ratio_at(estimate, settling.confidence), floor = ratio_at(placebo, confidence);
    if (isnan(speedup.low) || (placebo && isnan(floor.low)))
        return NAN;
    if (verdict_of(speedup, floor, delta) != VERDICT_INCONCLUSIVE)
        return 1;
    double low = 1, high = 1;
    while (high < most && !(chance_to_settle(&settling, high) >= 0.5)) {
        low = high;
        high *= 2;
    }
    for (int step = 0; step < 20 && low < high; step++) {
        double middle = sqrt(low * high);
        if (chance_to_settle(&settling, middle) >= 0.5)
            high = middle;
        else
            low = middle;
    }
    return high < most ? high : INFINITY;
}
