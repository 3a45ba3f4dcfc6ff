/* What changed between two runs: pure, from the samples of both. */
#ifndef CONCLUDE_CHANGE_H
#define CONCLUDE_CHANGE_H

#include "store/change.h"

/**
 * Interval of the difference `second` - `first` of two independent estimates, from the interval of each: the
 * distances of each end from its estimate, added as squares (Zou and Donner, "Construction of Confidence Limits
 * about Effect Measures: A General Approach", Statistics in Medicine 27(10), 2008). Ends that are not known
 * are NAN.
 */
struct interval interval_of_difference(struct interval first, struct interval second);

/**
 * Matches the comparisons of two runs by case, kernel, point and variants, and judges the change of each from
 * the samples of both: of the speedup with an interval, a verdict beyond the larger delta and the drift of the
 * placebo, and Holm's correction over all of them; of the times with an interval and no verdict, since they
 * are not paired. Whichever run is `before`, the answer is mirrored. 0 or -ENOMEM; then *changes is cleared.
 */
int run_changes_find(const struct run *before, const struct run *after, struct run_changes *changes);

#endif
