/* How times change along a sweep, in words. */
#ifndef REPORT_FITS_H
#define REPORT_FITS_H

#include "report/case_view.h"
#include "report/notes.h"

/**
 * How the candidate of a view, and for the case's first candidate the baseline, grow along the view's axis, with
 * what came of predictions: "growth with n: strcat n: 3 ns + 0.2 ns × n, off by 3 %; n^0.98 [0.95, 1.01]". Fits
 * of many combinations of the other parameters are told by their kinds alone, and those that are of no kind not at
 * all, unless one was predicted. Nothing where nothing was fitted.
 */
void growth_print(const struct case_view *view, struct text *text);

/** How the same scale with threads: "scaling: openmp: Amdahl: 4 % [3, 5] serial, …"; of two numbers of threads, which
 * any law fits, only that they cannot tell. Nothing where nothing was fitted. */
void scaling_print(const struct case_view *view, struct text *text);

/** All fits of both variants of a comparison that its point is part of, a line each, and of a growth each kind
 * that is possible or near. */
void lines_fits(struct notes *notes, const struct run *run, const struct comparison *comparison);

#endif
