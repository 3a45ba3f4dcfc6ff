/* Do a case's predictions hold? The rules are those of docs/CASES.md, "How a prediction is judged". */
#ifndef CONCLUDE_MECHANISM_H
#define CONCLUDE_MECHANISM_H

#include "store/case_file.h"
#include "store/result.h"

/**
 * Tests the predictions of a case that apply to a comparison, and fills mechanism, claims and mechanism_text. A bound
 * on a counter holds if the whole interval does and fails if none of it does; in between, or without a
 * source, it cannot be told. One that fails makes the comparison unexplained; else one that cannot be told
 * makes it unmeasured. If all hold, it is explained where one that holds is of a cause: a counter, and no
 * time in another unit, that moved the way that the verdict says, by a tenth of the speedup on a logarithmic
 * scale at the least, or where there is no difference to explain; else they are held, no more. Without a
 * prediction, and for an invalid comparison, none.
 *
 * `simulation` is that of the comparison's measurement. Returns 0 or -ENOMEM.
 */
int comparison_explain(const struct case_file *file, const struct simulation *simulation,
                       const struct arm *candidate, struct comparison *comparison);

/**
 * Judges all predictions of a case in a run: explains its comparisons, appends a crossover_prediction for
 * each predicted crossover, candidate and combination of the other parameters that was measured, and judges
 * predicted growth. Call it once a case, after comparisons_correct, since a corrected verdict is what counts,
 * and fits_add. Returns 0 or -ENOMEM.
 */
int run_explain(const struct case_file *file, struct run *run);

/**
 * Judges a crossover by the verdicts that `run` has at the points it is about: fills outcome and text from
 * all that is before them. Reads comparisons alone, so a result file can be judged again.
 */
void crossover_judge(const struct run *run, struct crossover_prediction *crossover);

/** Appends the predicted crossovers of a case to a run, judged. Part of run_explain. 0 or -ENOMEM. */
int crossovers_add(const struct case_file *file, struct run *run);

/** The candidate that a prediction of a case is about. */
const char *prediction_candidate(const struct case_file *file, const struct case_prediction *prediction,
                                 const struct comparison *comparison);

#endif
