/* How the variants of a case scale with threads. */
#ifndef PAGE_SCALING_H
#define PAGE_SCALING_H

#include "report/case_view.h"

/**
 * A chart for each combination of the other parameters: the speedup of every parallel variant over one thread of
 * itself, with the band from its 5th to its 95th percentile, Amdahl's and the universal scalability law as they
 * were fitted, and where the latter predicts the peak, or words that the data cannot tell. Nothing below
 * SCALING_USL_POINTS numbers of threads, which any such line fits. The view is of all candidates. 0 or -ENOMEM.
 */
int scaling_charts(const struct case_view *view, struct text *out);

#endif
