/*
 * Linear least squares of few terms, intervals of what follows from them: pure functions. Errors are taken as
 * independent, normal and equal over the rows; whoever knows them as relative divides each row by its value.
 */
#ifndef STATS_LEAST_SQUARES_H
#define STATS_LEAST_SQUARES_H

#include "stats/estimate.h"

#include <stddef.h>

#define LEAST_SQUARES_TERMS 3

struct least_squares {
    size_t terms;
    double coefficients[LEAST_SQUARES_TERMS];
    double covariance[LEAST_SQUARES_TERMS][LEAST_SQUARES_TERMS]; /**< NAN without a degree of freedom */
    double degrees;                                              /**< of freedom: rows less terms */
    double misfit; /**< root of the mean square of the residuals over the rows */
};

/** One row: what the terms are there, and the value that they should add up to. */
struct least_squares_row {
    double terms[LEAST_SQUARES_TERMS], value;
};

/**
 * Fits `terms` (1 to LEAST_SQUARES_TERMS) coefficients to `count` rows, by modified Gram-Schmidt. Returns 0,
 * -EINVAL where there are fewer rows than terms, something is not finite or the terms depend on each other,
 * or -ENOMEM.
 */
int least_squares_fit(const struct least_squares_row *rows, size_t count, size_t terms,
                      struct least_squares *fit);

/** Student's t interval of one coefficient; its ends are NAN without a degree of freedom. */
struct interval least_squares_coefficient(const struct least_squares *fit, size_t term, double confidence);

/**
 * A ratio of two combinations of the coefficients with Fieller's interval (Fieller, "Some Problems in Interval
 * Estimation", Journal of the Royal Statistical Society B 16(2), 1954). Its ends are NAN without a degree of
 * freedom, and where the denominator cannot be told from 0, so that no bounded interval has the confidence.
 */
struct interval least_squares_ratio(const struct least_squares *fit,
                                    const double numerator[LEAST_SQUARES_TERMS],
                                    const double denominator[LEAST_SQUARES_TERMS], double confidence);

#endif
