/*
 * The normal and Student's t distribution. Accurate to 1e-9, relative or absolute, whichever is the larger
 * allowance; tails are computed as such, never as 1 minus something.
 */
#ifndef STATS_STUDENT_H
#define STATS_STUDENT_H

/** Quantile of Student's t with `degrees` (> 0, may be fractional or INFINITY) of freedom; p in (0, 1), else
 * NAN. */
double student_quantile(double p, double degrees);

/** Distribution function of Student's t with `degrees` (> 0) of freedom; NAN for arguments that are not. */
double student_cdf(double t, double degrees);

/** Standard normal quantile, p in (0, 1), else NAN. */
double normal_quantile(double p);

/** Standard normal distribution function. */
double normal_cdf(double x);

#endif
