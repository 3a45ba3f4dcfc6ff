/* What came out, in plain words; see report_case_summary. */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include "report/case_view.h"

/** The sentence for a view of one candidate. */
void summary_print(const struct case_view *view, struct text *text);

/** What the counters said of the case's predictions: "as predicted at 3 of 4 points; n = 8: …"; nothing if
 * none. */
void mechanism_print(const struct case_view *view, struct text *text);

#endif
