/* Whether a requirement of a gate is held or refuted: pure, from the samples of the old and the new revision. */
#ifndef CONCLUDE_GATE_H
#define CONCLUDE_GATE_H

#include "store/gate.h"

/** The new revision's time against the old one's. */
struct gate_slowdown {
    struct interval ratio; /**< time of the new / time of the old, at the level asked for */
    double
        floor; /**< by how much equal code differed, as a share: the farther end of the placebo's interval */
    double detectable; /**< see gate_check */
    enum gate_outcome outcome;
};

/**
 * Judges whether a comparison's candidate is at most `most` (0.02: 2 %) slower than its baseline, with an error of at
 * most `level`: refuted where the whole interval of the ratio of times is above 1 + most and above what the placebo shows;
 * held where the whole interval is at or below 1 + most; else open. Detectable is the slowdown whose interval, as
 * wide as this one, would be refuted with 95 %: the bound, half an interval and 1.645 standard errors. 0, -EINVAL
 * without samples, or -ENOMEM.
 */
int gate_judge_slowdown(const struct run *run, const struct comparison *comparison, double most, double level,
                        struct gate_slowdown *slowdown);

/** Whether a counter's ratio is within a bound: by its interval where there is one; open where there is no number. */
enum gate_outcome gate_judge_counter(const struct comparison *comparison, const struct case_condition *bound,
                                     const struct counter_result **counter);

/** Whether a speedup's interval is at or above a target. */
enum gate_outcome gate_judge_target(struct interval speedup, double target);

/** Whether a verdict is among those allowed (bits 1 << verdict): open where it is inconclusive. */
enum gate_outcome gate_judge_verdict(enum verdict verdict, unsigned allowed);

/** Median time of an arm's samples, ns an item; NAN without any, or without memory. */
double gate_median_ns(const struct run *run, const struct measurement *measurement, size_t arm);

#endif
