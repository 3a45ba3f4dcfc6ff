/* What is said under a table where not every note is asked for: a line each. */
#ifndef REPORT_ATTENTION_H
#define REPORT_ATTENTION_H

#include "report/notes.h"

/**
 * In this order: verdicts and predictions as counts; what is incomplete, invalid, refuted or skipped; what makes a
 * speedup mean something else than it says; what would settle what is inconclusive; how to read the table, machine and
 * settings. A note that changes no verdict and no reading of one is left out, see docs/REPORT.md. Returns 0 or
 * -ENOMEM; free with notes_close.
 */
int attention_open(struct notes *notes, const struct run *run);

#endif
