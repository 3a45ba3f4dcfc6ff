/* Order statistics: pure functions over arrays of finite doubles, in any unit. */
#ifndef STATS_QUANTILE_H
#define STATS_QUANTILE_H

#include <stddef.h>

/** Sorts `count` values upwards, in place. NANs may not be among them: they have no order. */
void sort_values(double *values, size_t count);

/**
 * Quantile p (0..1) of `count` values, type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages",
 * The American Statistician 50(4), 1996: linear between the order statistics around (count - 1) p. Sorts
 * `values` in place. NAN if count is 0 or p is not in 0..1.
 */
double quantile(double *values, size_t count, double p);

/** Quantile of values that are sorted already. */
double quantile_sorted(const double *sorted, size_t count, double p);

/**
 * Mean of the middle half of the values (the 25 % trimmed mean, or midmean), fractional ends weighted: robust
 * against bursts like the median, without the median's grain when samples are whole ticks. Sorts in place.
 * NAN if count is 0.
 */
double midmean(double *values, size_t count);

/** Midmean of values that are sorted already. */
double midmean_sorted(const double *sorted, size_t count);

/** Medians and tails of times an item, for the table. */
struct time_summary {
    double median, p5, p95, min; /**< ns an item */
};

/** Summary of `count` values; sorts in place. All NAN if count is 0. */
struct time_summary summarize_times(double *values, size_t count);

#endif
