/* The processes that a comparison was measured in, one by one. */
#ifndef PAGE_STRIP_H
#define PAGE_STRIP_H

#include "report/text.h"
#include "store/result.h"

/**
 * A dot for the speedup in each replicate, the first one at the top, over the interval and the band of ±delta: what
 * falls into kinds, drifts, or is one process alone is seen. Nothing without samples. 0 or -ENOMEM.
 */
int strip_print(const struct run *run, const struct comparison *comparison, struct text *out);

#endif
