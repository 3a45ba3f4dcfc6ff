/*
 * Looking at the results while replicates are taken, without a claim that only the looking made. Pure
 * functions.
 *
 * A plan has a greatest number of replicates, `most` (2 to SEQUENTIAL_MOST). Looks fall after 4, 6, 8, 12, 16, 24, 32, 48
 * … replicates, as far as they are below `most`, and after `most`. An overall error level is spent in
 * proportion to the replicates: look k has the share (R_k - R_{k-1}) / most of it (Lan and DeMets, "Discrete
 * Sequential Boundaries for Clinical Trials", Biometrika 70(3), 1983; Kim and DeMets, "Design and Analysis of
 * Group Sequential Tests Based on the Type I Error Spending Rate Function", Biometrika 74(1), 1987: their
 * power family with rho = 1). By Bonferroni's inequality the shares alone keep the level. As looks at the
 * same replicates agree, they may be larger by a gain, which is calibrated by simulation for Student's t with
 * R_k - 1 degrees of freedom: tests/stats/test_sequential.c makes its table.
 */
#ifndef STATS_SEQUENTIAL_H
#define STATS_SEQUENTIAL_H

#include <stdbool.h>

#define SEQUENTIAL_MOST 1000 /**< replicates that a plan may have */

/** Whether a look falls after `done` replicates of a plan of `most`. */
bool sequential_is_look(unsigned most, unsigned done);

/** Number of looks of a plan of `most`; 1 up to 4 replicates. */
unsigned sequential_look_count(unsigned most);

/**
 * Nominal two-sided error level of the interval after `done` replicates, such that intervals at all looks
 * hold the truth together with probability 1 - `level` (0.05). These are the repeated confidence intervals of
 * Jennison and Turnbull, "Interim Analyses: The Repeated Confidence Interval Approach", Journal of the Royal
 * Statistical Society B 51(3), 1989: they hold whatever made one stop. Where `done` is no look (a run cut
 * short, a lost replicate), it takes the share of the next one. NAN for a level that is not in (0, 1].
 */
double sequential_level(unsigned most, unsigned done, double level);

/**
 * The inverse: the smallest overall level at which a test of nominal p-value `nominal_p` after `done`
 * replicates rejects, at most 1. A repeated p-value: valid whatever made one stop, so that Holm's procedure
 * may be used on those of comparisons that stopped at different looks. NAN for NAN.
 */
double sequential_p_value(unsigned most, unsigned done, double nominal_p);

#endif
