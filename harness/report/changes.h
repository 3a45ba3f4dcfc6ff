/* Two runs beside each other, as text. */
#ifndef REPORT_CHANGES_H
#define REPORT_CHANGES_H

#include "report/report.h"
#include "store/change.h"

/**
 * What differs between the runs, how far times can be compared, a row a comparison (what changed first), and
 * the counts. Returns 0 or -errno of the stream.
 */
int report_changes(const struct run_changes *changes, const struct report_style *style, FILE *stream);

/** The same as GitHub-flavoured Markdown. */
int report_changes_markdown(const struct run_changes *changes, FILE *stream);

#endif
