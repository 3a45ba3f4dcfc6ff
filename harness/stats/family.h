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
 * By what factor a measurement would have to be longer (more replicates of the same length) for a verdict
 * other than inconclusive, if everything goes on as it was: widths, and the placebo's distance from 1, fall
 * with the square root. `speedup` and `placebo` are ratios, as for verdict_of. INFINITY where no length would
 * (the estimate lies on the boundary); NAN where an interval is not known; 1 where there is a verdict
 * already.
 */
double family_settling_factor(struct interval speedup, struct interval placebo, double delta);

#endif
