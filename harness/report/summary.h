/* What came out, in plain words; see report_case_summary. */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include "report/case_view.h"

/** The sentence for a view of one candidate. */
void summary_print(const struct case_view *view, struct text *text);

/** "failed", "undecided", …: what came of predictions, for readers; mechanism_name is for files. */
const char *mechanism_words(enum mechanism mechanism);

/** What came of the case's predictions about single points: "prediction: held at 3 of 4 points; failed at
 * n = 8: …"; nothing if there are none. */
void mechanism_print(const struct case_view *view, struct text *text);

/** What came of predicted crossovers: "crossover for hit = 0 %: held; predicted that hash starts to win …";
 * nothing if there are none. */
void crossover_print(const struct case_view *view, struct text *text);

#endif
