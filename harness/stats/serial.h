/* Whether values that follow each other resemble each other: pure functions. */
#ifndef STATS_SERIAL_H
#define STATS_SERIAL_H

#include <stddef.h>

/** Fewest values that serial_dependence judges. */
#define SERIAL_LEAST 8

/** How neighbouring values depend on each other. */
struct serial_dependence {
    double p_value;     /**< one-sided, for neighbours that resemble each other; NAN: too few values */
    double correlation; /**< of ranks at lag 1, corrected for its bias (Kendall 1954); 0 where not known */
};

/**
 * Bartels' rank version of von Neumann's ratio (Bartels, "The Rank Version of von Neumann's Ratio Test for
 * Randomness", Journal of the American Statistical Association 77(377), 1982): the squared differences of
 * neighbouring ranks over the ranks' own spread. Its distribution under independence is his beta
 * approximation, on (0, 4). Equal values share their mean rank; where all are equal nothing is known.
 * `ranks` has room for `count` doubles.
 */
struct serial_dependence serial_dependence(const double *values, size_t count, double *ranks);

#endif
