/* A case along its swept parameter. */
#ifndef PAGE_SWEEP_H
#define PAGE_SWEEP_H

#include "report/case_view.h"

/**
 * Two charts for each combination of the parameters beside the axis: the speedup of every candidate with the band of
 * its interval and where the verdict turns, and the time an item of every variant with the band from its 5th to its
 * 95th percentile. Both logarithmic; nothing where nothing is swept. 0 or -ENOMEM.
 */
int sweep_print(const struct case_view *view, struct text *out);

#endif
