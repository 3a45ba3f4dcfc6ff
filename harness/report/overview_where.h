/* Where a candidate had a verdict, in few columns. */
#ifndef REPORT_OVERVIEW_WHERE_H
#define REPORT_OVERVIEW_WHERE_H

#include "report/case_view.h"

/**
 * The points of a view of one candidate that have the verdict: "all points"; "n = 16…256" where a parameter alone
 * tells them from the others; else "12 of 24 points", as where that would take more than `columns`. Three neighbours
 * or more are written as a range. Speaks of measured points alone; nothing where none has the verdict.
 */
void where_print(const struct case_view *view, enum verdict verdict, size_t columns, struct text *text);

/** "1.4×", or "1.2×–13×": by how much, above 1, of all rows with the verdict, faster or slower. */
void factors_print(const struct case_view *view, enum verdict verdict, struct text *text);

/** The row of a view whose difference is the largest: of those that are faster, else slower, else of any other. */
const struct comparison *telling_row(const struct case_view *view);

size_t verdict_count(const struct case_view *view, enum verdict verdict);

#endif
