/* Where a series changes: pure, no I/O. */
#ifndef STATS_CHANGE_POINTS_H
#define STATS_CHANGE_POINTS_H

#include <stddef.h>
#include <stdint.h>

/** Fewest values on either side of a change point. */
#define CHANGE_POINT_SEGMENT 4

struct change_point {
    size_t index;         /**< the first value after the change */
    double before, after; /**< medians of the segments on both sides, up to the neighbouring change points */
    double p_value;       /**< of the permutation test, at least 1 / (permutations + 1) */
};

/**
 * E-divisive: splits the series where the divergence of both sides is largest, n m / (n + m) times (twice the mean
 * distance between the sides, less the mean distances within each), and tests the split by permutations of its segment;
 * each side of one that holds is searched in turn (Matteson and James, "A Nonparametric Approach for Multiple Change Point
 * Analysis of Multivariate Data", Journal of the American Statistical Association 109(505), 2014, with distances to the power
 * of 1). The test is of exchangeable values: a drift is split, too, and `level` holds for each test. It says where to look,
 * not what is so. Takes O(count^2) a test. `points` takes up to `capacity` of them, in order of index. Returns how many, or
 * -EINVAL for a value that is not finite, or -ENOMEM.
 */
long change_points_find(const double *values, size_t count, double level, unsigned permutations,
                        uint64_t seed, struct change_point *points, size_t capacity);

#endif
