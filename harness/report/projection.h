/* What fitted curves say beyond the points that were measured. */
#ifndef REPORT_PROJECTION_H
#define REPORT_PROJECTION_H

#include "report/text.h"
#include "store/result.h"

/**
 * Appends a Markdown item for each projection that the run's fits bear: the size at which a candidate's speedup crosses its
 * target, where the growth of both variants is of one kind each; and the threads beyond which more make it slower, by the
 * universal scalability law. Only where the estimate and both ends of its interval are there, and not further than
 * PROJECTION_SPAN times what was measured. Returns how many.
 */
size_t projection_print(const struct run *run, struct text *out);

#define PROJECTION_SPAN 16

#endif
