/* How times change along a sweep: growth with a size, scaling with threads. From comparisons alone, so that a
 * result file can be judged again. */
#ifndef CONCLUDE_FITS_H
#define CONCLUDE_FITS_H

#include "store/case_file.h"
#include "store/result.h"

/**
 * Fits every variant of a run in place of what is there: growth along each parameter that is a size (a number
 * above 0, no percentage, not the threads), where growth_fit finds points enough, for each combination of the
 * other parameters; scaling of each parallel variant, or command, with two numbers of threads or more. The time
 * of a variant at a point is its median of the valid comparison of most replicates. Call it after
 * comparisons_correct and before run_explain, which adds predictions. 0 or -ENOMEM.
 */
int fits_add(struct run *run);

/** Judges what a case predicts of growth, one growth_fit a variant and combination of the other parameters:
 * the one that is there where it is of the same points, else a new one. Part of run_explain. 0 or -ENOMEM. */
int growth_explain(const struct case_file *file, struct run *run);

/** Judges `growth`, which has a prediction, and puts it in the place of the fit of the same points, or adds it;
 * one that has a prediction there stays. 0 or -ENOMEM. */
int growth_predict(struct run *run, struct growth_fit *growth);

/** Fits again what a growth_fit is about, and judges its prediction: fills sizes, fit, outcome and text from
 * all that is before and `predicted`. 0 or -ENOMEM. */
int growth_judge(const struct run *run, struct growth_fit *growth);

/** Fits again what a scaling_fit is about: fills fit and text. 0 or -ENOMEM. */
int scaling_judge(const struct run *run, struct scaling_fit *scaling);

#endif
