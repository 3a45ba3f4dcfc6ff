/* Where the spread of a comparison's replicates comes from: rounds, processes, layouts of the code. */
#ifndef STATS_SPREAD_H
#define STATS_SPREAD_H

#include "stats/estimate.h"

/** Variances of a replicate's log ratio, or shares of their sum; NAN: not known. */
struct spread {
    double round, process, layout;
};

/**
 * Splits the variance of replicates' values in two or three:
 *
 * - round: what their own rounds make of it (within_variance);
 * - layout: the between-process variance of `placebo`, the baseline of one link against the baseline of
 *   another link in the same process. What a process does to the baseline, wherever its code lies, cancels in
 *   it; what is left is the placement of two copies. Assumed is that the candidate's speed hangs on placement
 *   as much as the baseline's does, and independently of it: then the ratio of the two has the same variance;
 * - process: what is left of the between-process variance.
 *
 * Layout is at most the between-process variance of the comparison, so that a placebo that happens to scatter
 * more leaves 0 to the process. `placebo` NULL, or with no between-process variance: no layout is told apart,
 * it is NAN and part of process.
 */
struct spread spread_split(const struct ratio_estimate *estimate, const struct ratio_estimate *placebo);

/**
 * Shares of the variance of the estimate, as every level's variance is divided by the number of replicates:
 * they add up to 1, of those that are known. All NAN where nothing is known or nothing spreads.
 */
struct spread spread_shares(struct spread variances);

#endif
