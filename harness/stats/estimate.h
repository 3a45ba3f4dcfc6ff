/*
 * From paired samples to an interval: pure functions, no I/O. Logarithms are natural; a log ratio is
 * log(baseline time / candidate time), above 0 where the candidate is faster.
 */
#ifndef STATS_ESTIMATE_H
#define STATS_ESTIMATE_H

#include "stats/quantile.h"
#include "stats/student.h"

#include <stddef.h>

/** A point and its interval; NAN where not known. */
struct interval {
    double estimate, low, high;
};

/** Log ratios of one replicate (one process), in the order of its rounds. */
struct replicate_ratios {
    const double *log_ratio;
    size_t count;
};

/** What the levels contribute; see estimate_log_ratio. */
struct ratio_estimate {
    struct interval log;     /**< of the log ratio; its ends are NAN where neither level has a spread */
    double within_half;      /**< half-width of the within-process interval; NAN: too few rounds, see below */
    double between_half;     /**< half-width of the between-process interval; NAN for one replicate */
    double within_variance;  /**< of a replicate's estimate, from its own rounds; NAN as within_half */
    double between_variance; /**< of the replicates' true values: max(0, variance of estimates - within) */
    double between_error;    /**< standard error of the point from the replicates' scatter */
    double within_degrees;   /**< of freedom of the within-process interval */
    size_t replicates;       /**< that had a round */
    size_t rounds;           /**< of all replicates */
};

/**
 * Estimate of the log ratio over replicates. Each replicate's estimate is the midmean of its rounds; the
 * point is their plain mean. What is estimated is therefore the mean over processes of the midmean of the log
 * ratio.
 *
 * Between: Student's t over the replicates' estimates, which holds its confidence for independent normal
 * estimates even where their variances differ (Ibragimov and Müller, "t-Statistic Based Correlation and
 * Heterogeneity Robust Inference", Journal of Business & Economic Statistics 28(4), 2010; for confidence of
 * at least 0.917).
 *
 * Within: the standard error of each replicate's midmean from its rounds winsorized at the quartiles (Tukey
 * and McLaughlin, "Less Vulnerable Confidence and Significance Procedures for Location Based on a Single
 * Sample", Sankhya A 25, 1963), by the means of ESTIMATE_BLOCKS blocks of consecutive rounds, so that
 * autocorrelation stays inside a block (Schmeiser, "Batch Size Effects in the Analysis of Simulation Output",
 * Operations Research 30(3), 1982). Variances are pooled over replicates with the degrees of freedom of Welch
 * and Satterthwaite. Replicates of fewer than ESTIMATE_BLOCKS rounds, too few to know their own spread, take
 * the others' variance a round; where all are that short, the interval is the between-process one. One
 * replicate alone needs two rounds for an interval, and its interval knows nothing of what differs between
 * processes.
 *
 * The interval is that of the between level: one process alone is precise and wrong (Kalibera and Jones,
 * "Rigorous Benchmarking in Reasonable Time", 2013). Few processes agree too well by chance now and then; as
 * a guard, the interval is never narrower than the within-process interval of ESTIMATE_GUARD_ERRORS times the
 * error (for 0.95: that of 0.6). Among both at the same confidence, the wider one would cover 97.5 % in place
 * of 95 % where processes do not differ. One replicate has the within-process interval, at `confidence`.
 *
 * `confidence` as 0.95. Replicates with no round are ignored. Returns 0, -EINVAL if nothing remains, a log
 * ratio is not finite or confidence is not in (0, 1), or -ENOMEM; then *estimate is all NAN.
 */
int estimate_log_ratio(const struct replicate_ratios *replicates, size_t count, double confidence,
                       struct ratio_estimate *estimate);

/** Half-width of the interval of an estimate at another confidence, by the same rule. */
double estimate_half_width(const struct ratio_estimate *estimate, double confidence);

/** The within-process interval that guards the other one has this many times its error. */
#define ESTIMATE_GUARD_ERRORS 8

/** Blocks of consecutive rounds that a replicate is cut into; fewer rounds than that are a block each. */
#define ESTIMATE_BLOCKS 10

/**
 * Mean of `count` values with Student's t interval over them: for counters, one value a replicate. NANs are
 * left out. No value left: all NAN; one: its interval is NAN.
 */
struct interval mean_interval(const double *values, size_t count, double confidence);

/** exp of an interval of logs. */
struct interval interval_exp(struct interval log);

#endif
