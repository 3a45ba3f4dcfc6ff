/* How a time grows with a size: pure functions. */
#ifndef STATS_GROWTH_H
#define STATS_GROWTH_H

#include "stats/estimate.h"

#include <stdbool.h>
#include <stddef.h>

/** What a time is made of beside a fixed part. */
enum growth_kind { GROWTH_CONSTANT, GROWTH_LOG, GROWTH_LINEAR, GROWTH_N_LOG_N, GROWTH_SQUARE, GROWTH_KINDS };

/** "1", "log n", "n", "n log n", "n²". */
const char *growth_name(enum growth_kind kind);

/** n of that kind: 1, log2 n, n, n log2 n, n². */
double growth_term(enum growth_kind kind, double size);

struct growth_point {
    double size; /**< > 0, each once */
    double time; /**< > 0, in any unit */
};

/** Fewest sizes of a fit, and how many times the smallest the largest has to be. */
#define GROWTH_POINTS 5
#define GROWTH_SPAN 8

/** Times that differ by less than this over all sizes are constant. */
#define GROWTH_FLAT 0.1
/** A kind that is off by no more is never excluded: caches, alignment and clocks move times by as much. */
#define GROWTH_NEAR 0.05
/** A kind that is off by more does not fit. */
#define GROWTH_FAR 0.25
/** A kind whose criterion is above the best one's by so much is excluded: odds of 20 to 1. */
#define GROWTH_WORSE 6

struct growth {
    size_t points;               /**< 0: too few, or over too small a range; then all else says nothing */
    double misfit[GROWTH_KINDS]; /**< relative, root of the mean square; NAN: the time does not grow so */
    bool possible[GROWTH_KINDS]; /**< cannot be excluded; none: no kind fits */
    enum growth_kind
        best; /**< of those that fit the one of the best criterion; where none does, the nearest */
    struct interval fixed, step; /**< of the best kind: time = fixed + step × growth_term; step NAN of 1 */
    struct interval exponent;    /**< of the power of the size that fits best, fixed part or none */
};

/** Nothing known. */
struct growth growth_unknown(void);

/** How many kinds are possible. */
size_t growth_possible(const struct growth *growth);

/**
 * Fits each kind, time = fixed + step × growth_term(size) with fixed >= 0 and step > 0, to the times by least
 * squares of their relative errors, since times that span decades have errors in proportion. Kinds are ranked
 * by Akaike's criterion corrected for few points (Hurvich and Tsai, "Regression and Time Series Model Selection
 * in Small Samples", Biometrika 76(2), 1989), and excluded where both are true: the criterion is GROWTH_WORSE
 * above the best one, and the misfit is above GROWTH_NEAR. One that is off by more than GROWTH_FAR is excluded
 * anyhow. Where times are flat, 1 alone is asked about. Intervals are Student's t over the residuals at the sizes: what caches do to
 * neighbouring sizes alike is not in them.
 *
 * Returns 0 (also for too few points: then growth_unknown), -EINVAL for sizes or times that are not positive,
 * or -ENOMEM.
 */
int growth_fit(const struct growth_point *points, size_t count, double confidence, struct growth *growth);

#endif
