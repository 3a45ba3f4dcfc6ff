/*
 * From paired samples to an interval: pure functions, no I/O. Logarithms are natural; a log ratio is
 * log(baseline time / candidate time), above 0 where the candidate is faster.
 */
#ifndef STATS_ESTIMATE_H
#define STATS_ESTIMATE_H

#include "stats/groups.h"
#include "stats/quantile.h"
#include "stats/serial.h"
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
    int group; /**< replicates of one number above 0 share a link; 0: shares nothing */
};

/** What the levels contribute; see estimate_log_ratio. */
struct ratio_estimate {
    struct interval log;     /**< of the log ratio; its ends are NAN where neither level has a spread */
    double within_half;      /**< half-width of the within-process interval; NAN: too few rounds, see below */
    double between_half;     /**< half-width of the between-process interval; NAN for one replicate */
    double within_variance;  /**< of a replicate's estimate, from its own rounds; NAN as within_half */
    double between_variance; /**< of the replicates' true values: max(0, variance of estimates - within) */
    double between_error;    /**< standard error of the point from the scatter of the units, see below */
    double within_degrees;   /**< of freedom of the within-process interval */
    double between_degrees;  /**< of freedom of the between-process interval */
    double skewness;         /**< of the units' estimates; 0 where there are fewer than ESTIMATE_SKEW_UNITS */
    struct serial_dependence serial; /**< of the replicates' estimates, in their order */
    double serial_error; /**< standard error from blocks of consecutive replicates, where those depend on each
                            other; NAN where they do not, see below */
    struct value_groups kinds; /**< into which the units' estimates fall */
    size_t units;              /**< independent draws: links where replicates share them, else replicates */
    size_t replicates;         /**< that had a round */
    size_t rounds;             /**< of all replicates */
};

/** Nothing known: numbers NAN, counts 0. */
struct ratio_estimate estimate_unknown(void);

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
 * Units: where replicates share links (the same group), what a link does is in all of its replicates, so that
 * only links are independent. The estimate is then the mean over links of their replicates' mean, and
 * Student's t goes over those. All replicates of one link are no sharing: one link is what was asked about.
 *
 * Four corrections, each of which only makes an interval wider, and none of which depends on the role of
 * baseline and candidate:
 * - neighbouring replicates that resemble each other (serial_dependence at ESTIMATE_SERIAL_LEVEL): the
 * interval is no narrower than Student's t over the means of ESTIMATE_SERIAL_BLOCKS blocks of consecutive
 * replicates (Ibragimov and Müller 2010, as above), so that what lasts over some replicates stays inside a
 * block;
 * - units in two separated kinds (groups_find): the share of the upper kind has Clopper and Pearson's
 *   interval, and the ends are no nearer than the mean of both kinds' means at its ends;
 * - skewness, from ESTIMATE_SKEW_UNITS units on: the ends are no nearer than those of Hall's transformed t
 *   (Hall, "On the Removal of Skewness by Transformation", Journal of the Royal Statistical Society B 54(1),
 *   1992), with Student's quantiles;
 * - the guard above.
 *
 * `confidence` as 0.95. Replicates with no round are ignored. Returns 0, -EINVAL if nothing remains, a log
 * ratio is not finite or confidence is not in (0, 1), or -ENOMEM; then *estimate is all NAN.
 */
int estimate_log_ratio(const struct replicate_ratios *replicates, size_t count, double confidence,
                       struct ratio_estimate *estimate);

/** The interval of the log ratio at another confidence, by the same rules. Intervals of a higher confidence
 * hold those of a lower one. */
struct interval estimate_interval(const struct ratio_estimate *estimate, double confidence);

/** The part of it that is the same on both sides: Student's t, neighbours and the guard, as a half-width. */
double estimate_half_width(const struct ratio_estimate *estimate, double confidence);

/** The within-process interval that guards the other one has this many times its error. */
#define ESTIMATE_GUARD_ERRORS 8

/** Fewest units whose skewness is corrected: of fewer it is mostly chance. */
#define ESTIMATE_SKEW_UNITS 16

/** Blocks of consecutive replicates that a mean is judged by where neighbours resemble each other. */
#define ESTIMATE_SERIAL_BLOCKS 4

/** Level of the test for neighbouring replicates that resemble each other. */
#define ESTIMATE_SERIAL_LEVEL 0.01

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
