/* Many comparisons, several looks: what a single interval's confidence is worth among them. */
#ifndef STATS_FAMILY_H
#define STATS_FAMILY_H

#include "stats/estimate.h"
#include "stats/verdict.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * Smallest error level (1 - confidence) at which the estimate still gives `verdict`, which must be faster,
 * slower or equivalent: the p-value of that claim, by bisection on the level of the estimate's interval. The
 * placebo's interval stays as it is. 1 where no level does.
 */
double family_p_value(const struct ratio_estimate *estimate, struct interval placebo, double delta,
                      enum verdict verdict);

/**
 * Smallest error level at which the whole interval still lies at or above `target` (a ratio); 1 where none
 * does, 1e-15 where all do.
 */
double family_target_p_value(const struct ratio_estimate *estimate, double target);

/**
 * Holm's step-down: sets accepted[i] for the claims that hold together with an error probability of `level`
 * for the whole family (Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal
 * of Statistics 6(2), 1979). The family is all comparisons that were made, whatever came out: one that makes
 * no claim is given p = 1 and counts. NAN is no comparison at all (an invalid one) and does not. Returns 0 or
 * -ENOMEM.
 */
int family_holm(const double *p_values, size_t count, double level, bool *accepted);

/** What a longer measurement is predicted from. */
struct settling {
    const struct ratio_estimate *estimate;
    const struct ratio_estimate *placebo; /**< NULL: there was none */
    double delta;
    double confidence; /**< that the interval will have, corrections for looks and comparisons included */
    double placebo_confidence; /**< that the placebo's interval will have */
    size_t equivalent_units;   /**< fewest units for `equivalent`; 0: any */
};

/**
 * Probability of a verdict other than inconclusive once there are `factor` (> 1) times as many units as now,
 * those of now included. What is known of the true difference is the estimate and its standard error, so the
 * units to come are expected around this estimate with the error of both (the predictive distribution of
 * Aitchison and Dunsmore, "Statistical Prediction Analysis", Cambridge University Press, 1975); the
 * half-width falls with the square root of the factor and with the quantile of Student's t. The placebo is
 * expected where it belongs, at a ratio of 1, off by the median of its error. NAN where an interval is not
 * known.
 */
double family_chance_going_on(const struct settling *settling, double factor);

/**
 * By what factor a new measurement would have to be longer (more units) for even odds of a verdict other than
 * inconclusive, predicted likewise. Returns at least 1, and 1 where there is a verdict already; INFINITY
 * where no length would do (estimate without spread, on the boundary); NAN where an interval is not known.
 */
double family_settling_factor(const struct settling *settling);

/** Half-width (of the log ratio) that is to be expected of a measurement `factor` times as long. */
double family_half_after(const struct ratio_estimate *estimate, double confidence, double factor);

#endif
