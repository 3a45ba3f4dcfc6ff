/* Many comparisons, several looks: what a single interval's confidence is worth among them. */
#ifndef STATS_FAMILY_H
#define STATS_FAMILY_H

#include "stats/estimate.h"
#include "stats/verdict.h"

#include <stdbool.h>
#include <stddef.h>

/** Most looks that family_look_level knows. */
#define FAMILY_MAX_LOOKS 5

/**
 * Two-sided error level of each of `looks` (1..FAMILY_MAX_LOOKS) equally spaced looks such that a true null
 * is rejected at any of them with probability 0.05 at the most: Pocock's constant boundaries (Pocock, "Group
 * Sequential Methods in the Design and Analysis of Clinical Trials", Biometrika 64(2), 1977). NAN for other
 * numbers.
 */
double family_look_level(unsigned looks);

/**
 * Smallest error level (1 - confidence) at which the estimate still gives `verdict`, which must be faster,
 * slower or equivalent: the p-value of that claim, by bisection on the level of the estimate's interval. The
 * placebo's interval stays as it is. 1 where no level does.
 */
double family_p_value(const struct ratio_estimate *estimate, struct interval placebo, double delta,
                      enum verdict verdict);

/**
 * Holm's step-down: sets accepted[i] for the claims that hold together with an error probability of `level`
 * for the whole family (Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal
 * of Statistics 6(2), 1979). NAN p-values make no claim and do not count. Returns 0 or -ENOMEM.
 */
int family_holm(const double *p_values, size_t count, double level, bool *accepted);

/**
 * By what factor a measurement would have to be longer (more replicates of the same length) for even odds of
 * a verdict other than inconclusive. What is known of the true difference is the estimate and its standard
 * error: the next estimate is taken as normal around this one, with the variance of both (the predictive
 * distribution of Aitchison and Dunsmore, "Statistical Prediction Analysis", Cambridge University Press,
 * 1975); its half-width falls with the square root of the factor and with the quantile of Student's t. The
 * placebo is expected where it belongs, at a ratio of 1, off by the median of its error.
 *
 * `confidence` is that of both intervals; the claim is judged as one of `claims` (1: alone), which is the
 * last step of Holm's procedure. `placebo` NULL: there was none. Returns at least 1, and 1 where there is a
 * verdict already; INFINITY where no length would do (estimate without spread, on the boundary); NAN where an
 * interval is not known.
 */
double family_settling_factor(const struct ratio_estimate *estimate, const struct ratio_estimate *placebo,
                              double delta, double confidence, size_t claims);

#endif
