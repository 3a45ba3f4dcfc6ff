#include "stats/family.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* A claim that an estimate's interval makes or not; of a higher confidence it makes no more of them. */
struct claim {
    struct interval placebo;
    double delta, target; /* target NAN: the claim is the verdict */
    enum verdict verdict;
};

static bool holds_at(const struct ratio_estimate *estimate, double level, const struct claim *claim) {
    struct interval speedup = interval_exp(estimate_interval(estimate, 1 - level));
    if (!isnan(claim->target))
        return target_met(speedup, claim->target);
    return verdict_of(speedup, claim->placebo, claim->delta) == claim->verdict;
}

static double p_value_of(const struct ratio_estimate *estimate, const struct claim *claim) {
    double low = 1e-15, high = 0.9999; /* the claim holds at `high` and not at `low` */
    if (!holds_at(estimate, high, claim))
        return 1;
    if (holds_at(estimate, low, claim))
        return low;
    for (int step = 0; step < 100 && high / low > 1 + 1e-6; step++) {
        double middle = sqrt(low * high);
        if (holds_at(estimate, middle, claim))
            high = middle;
        else
            low = middle;
    }
    return high;
}

double family_p_value(const struct ratio_estimate *estimate, struct interval placebo, double delta,
                      enum verdict verdict) {
    const struct claim claim = {placebo, delta, NAN, verdict};
    return p_value_of(estimate, &claim);
}

double family_target_p_value(const struct ratio_estimate *estimate, double target) {
    const struct claim claim = {.target = target};
    return p_value_of(estimate, &claim);
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
    size_t comparisons = 0;
    if (!ranked)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        accepted[i] = false;
        if (!isnan(p_values[i]))
            ranked[comparisons++] = (struct ranked){p_values[i], i};
    }
    qsort(ranked, comparisons, sizeof *ranked, compare_ranked);
    for (size_t i = 0; i < comparisons && ranked[i].p <= level / (double)(comparisons - i); i++)
        accepted[ranked[i].index] = true;
    free(ranked);
    return 0;
}

/* From the units' scatter or, if that is luckily small, from the replicates' rounds. */
static double standard_error(const struct ratio_estimate *estimate) {
    double within = sqrt(estimate->within_variance / (double)estimate->replicates);
    return fmax(fmax(estimate->between_error, within), estimate->serial_error);
}

double family_half_after(const struct ratio_estimate *estimate, double confidence, double factor) {
    double error = standard_error(estimate) / sqrt(factor), count = (double)estimate->units;
    if (estimate->units < 2)
        return estimate_half_width(estimate, confidence) / sqrt(factor);
    return -student_quantile((1 - confidence) / 2, factor * count - 1) * error;
}

/* How likely a measurement `factor` times as long gives a verdict, if its estimate will scatter around this
 * one by `error`. */
static double chance_to_settle(const struct settling *settling, double factor, double error) {
    const double median_deviation = 0.6744897501960817; /* of a standard normal variable, without sign */
    const struct ratio_estimate *estimate = settling->estimate, *placebo = settling->placebo;
    double limit = log1p(settling->delta), centre = estimate->log.estimate, floor = 0;
    double half = family_half_after(estimate, settling->confidence, factor);
    if (placebo)
        floor = family_half_after(placebo, settling->placebo_confidence, factor) +
                median_deviation * standard_error(placebo) / sqrt(factor);
    double beyond = fmax(limit, floor) + half, inside = limit - half;
    double chance = normal_cdf((centre - beyond) / error) + normal_cdf((-centre - beyond) / error);
    bool seen_enough = factor * (double)estimate->units >= (double)settling->equivalent_units;
    if (inside > 0 && floor < limit && seen_enough)
        chance += normal_cdf((inside - centre) / error) - normal_cdf((-inside - centre) / error);
    return chance;
}

static double chance_of_a_new_one(const struct settling *settling, double factor) {
    double error = standard_error(settling->estimate);
    return chance_to_settle(settling, factor, error * sqrt(1 + 1 / factor));
}

static struct interval ratio_at(const struct ratio_estimate *estimate, double confidence) {
    if (!estimate)
        return (struct interval){NAN, NAN, NAN};
    return interval_exp(estimate_interval(estimate, confidence));
}

static bool is_known(const struct settling *settling) {
    return !isnan(ratio_at(settling->estimate, settling->confidence).low) &&
           (!settling->placebo || !isnan(ratio_at(settling->placebo, settling->placebo_confidence).low));
}

/* The mean of all is the present one's and the new ones', weighted: it moves by less than a new one's. */
double family_chance_going_on(const struct settling *settling, double factor) {
    if (!is_known(settling) || !(factor > 1))
        return NAN;
    double error = standard_error(settling->estimate) * sqrt(1 - 1 / factor);
    return chance_to_settle(settling, factor, fmax(error, 1e-300));
}

double family_settling_factor(const struct settling *settling) {
    const double most = 1e6;
    if (!is_known(settling))
        return NAN;
    enum verdict verdict =
        verdict_of(ratio_at(settling->estimate, settling->confidence),
                   ratio_at(settling->placebo, settling->placebo_confidence), settling->delta);
    bool too_few = settling->estimate->units < settling->equivalent_units;
    if (verdict != VERDICT_INCONCLUSIVE && !(verdict == VERDICT_EQUIVALENT && too_few))
        return 1;
    double low = 1, high = 1;
    while (high < most && !(chance_of_a_new_one(settling, high) >= 0.5)) {
        low = high;
        high *= 2;
    }
    for (int step = 0; step < 20 && low < high; step++) {
        double middle = sqrt(low * high);
        if (chance_of_a_new_one(settling, middle) >= 0.5)
            high = middle;
        else
            low = middle;
    }
    return high < most ? high : INFINITY;
}
