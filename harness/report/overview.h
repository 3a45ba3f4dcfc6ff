/* A run of several cases: a line a candidate. */
#ifndef REPORT_OVERVIEW_H
#define REPORT_OVERVIEW_H

#include "report/report.h"
#include "report/text.h"

/** The verdicts in the order in which they are counted: faster, slower, equivalent, inconclusive, invalid. */
#define OVERVIEW_VERDICTS 5
extern const enum verdict overview_verdicts[OVERVIEW_VERDICTS];

/** "▲", "▼", "■", "◇", "✕": as in the page of a report. */
const char *verdict_mark(enum verdict verdict);

/**
 * Appends a table: for each group of cases a heading, for each case its name, its baseline and its title, for each
 * candidate a line: verdicts as counts; by how much and where it was faster, and slower, at measured points
 * alone; and what tells why at the point of the largest difference. Returns 0 or -ENOMEM.
 */
int overview_print(struct text *out, const struct report_style *style, const struct run *run,
                   const struct report_groups *groups);

#endif
