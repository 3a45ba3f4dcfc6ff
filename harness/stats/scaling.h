/* How a time falls with the number of threads: pure functions. */
#ifndef STATS_SCALING_H
#define STATS_SCALING_H

#include "stats/estimate.h"

#include <stddef.h>

struct scaling_point {
    double threads; /**< >= 1, each once */
    double time;    /**< of the same work, > 0, in any unit */
};

/** Fewest numbers of threads; with as many there is no interval, with one more there is. */
#define SCALING_AMDAHL_POINTS 2
#define SCALING_USL_POINTS 3

/** Absent numbers are NAN: too few points, or of an interval's ends, no bounded interval. */
struct scaling {
    size_t points;
    double most_threads;    /**< of the points */
    struct interval serial; /**< share of one thread's time that more threads do not shorten */
    double amdahl_misfit;   /**< relative, root of the mean square; 0 with as few points as coefficients */
    struct interval contention; /**< USL's sigma: share that threads wait for each other */
    struct interval coherence;  /**< USL's kappa: what each pair of threads costs each other */
    double usl_misfit;
    struct interval peak; /**< threads of the least time by USL; NAN: it has none */
};

/** Nothing known. */
struct scaling scaling_unknown(void);

/**
 * Fits two laws to the times T of p threads by least squares of relative errors; both are linear in their
 * coefficients, and what is told are ratios of those, with Fieller's intervals:
 * - Amdahl: T = T1 (serial + (1 - serial) / p) (Amdahl, "Validity of the Single Processor Approach to Achieving
 *   Large Scale Computing Capabilities", AFIPS 1967);
 * - the universal scalability law: T = T1 (1 + contention (p - 1) + coherence p (p - 1)) / p (Gunther, "Guerrilla
 *   Capacity Planning", 2007), with its peak at sqrt((1 - contention) / coherence). Amdahl's is that without
 *   coherence.
 * Estimates may be below 0: more than proportional speedup. Returns 0 (also for too few points: then
 * scaling_unknown), -EINVAL for threads below 1 or times that are not positive, or -ENOMEM.
 */
int scaling_fit(const struct scaling_point *points, size_t count, double confidence, struct scaling *scaling);

#endif
