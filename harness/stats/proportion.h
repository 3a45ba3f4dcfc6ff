/* How well a rate is known from how often something happened. */
#ifndef STATS_PROPORTION_H
#define STATS_PROPORTION_H

#include "stats/estimate.h"

#include <stddef.h>

/**
 * Interval of the rate of which `count` of `tries` were seen: Clopper and Pearson, "The Use of Confidence or
 * Fiducial Limits Illustrated in the Case of the Binomial", Biometrika 26(4), 1934. It holds the true rate
 * with at least `confidence` (0.95) whatever that rate is, small ones included, for which intervals from the
 * normal distribution fail (Brown, Cai and DasGupta, "Interval Estimation for a Binomial Proportion",
 * Statistical Science 16(2), 2001). The estimate is count / tries; the ends are exact to 1e-11. All NAN for
 * no tries, more than there were tries, or a confidence that is not in (0, 1).
 */
struct interval proportion_interval(size_t count, size_t tries, double confidence);

#endif
