/*
 * Which commit made it slower: the search itself, apart from building and running. Commits are numbers: 0 is
 * the good end, `last` the bad end, in the order of history.
 */
#ifndef CONCLUDE_BISECTION_H
#define CONCLUDE_BISECTION_H

#include "stats/estimate.h"
#include "store/result.h"

#include <stdbool.h>
#include <stddef.h>

/** A search under way: the change lies between `good` and `bad`. */
struct bisection {
    size_t good, bad;
    size_t last;
    bool *skipped; /**< last + 1 of them: cannot be judged (does not build, or fails) */
};

/** Starts with ends 0 and `last` (at least 1). Returns 0 or -ENOMEM; clear it in any case. */
int bisection_start(struct bisection *bisection, size_t last);
void bisection_clear(struct bisection *bisection);

/** The commit to try next: the nearest to the middle that was not skipped; 0 where none is left. */
size_t bisection_next(const struct bisection *bisection);

/** Decisions that halving `commits` commits takes at the most where none is skipped. */
unsigned bisection_decisions(size_t commits);

/** On which side of the change a commit is. */
enum bisection_side { SIDE_UNDECIDED, SIDE_GOOD, SIDE_BAD };

/** What the samples say of a commit between two ends. All intervals are ratios, above 1 where the first is
 * slower. */
struct bisection_finding {
    enum bisection_side side;
    struct interval change; /**< time of the bad end / time of the good end */
    struct interval level;  /**< time of the commit / time of the good end */
    struct interval middle; /**< time of the commit / geometric mean of both ends' times */
    bool between;           /**< differs from both ends by more than delta: there is more than one change */
};

/**
 * Judges arm `commit` of a measurement against the midpoint of arms `good` and `bad` in the logarithm of
 * time, paired: the three ran in the same rounds, and each round gives log t(commit) - (log t(good) + log
 * t(bad)) / 2, estimated over replicates as every log ratio (see estimate_log_ratio). A side is named where
 * the whole interval at `confidence` is on it, beyond the placebo's at 0.95 (a measurement with a placebo has
 * it last). A commit between two changes is thereby put on the side of the end that it is nearer to, so that
 * the larger change is followed. `slower`: the bad end takes more time; else it takes less. Returns 0;
 * -EINVAL where an arm has no samples; -ENOMEM.
 */
int bisection_judge(const struct measurement *measurement, size_t good, size_t bad, size_t commit,
                    bool slower, double delta, double confidence, struct bisection_finding *finding);

/**
 * The verdict of arm `second` against arm `first` at another confidence than that of the run's comparisons,
 * with its interval as a ratio of times, second / first. As bisection_judge otherwise.
 */
int bisection_compare(const struct measurement *measurement, size_t first, size_t second, double delta,
                      double confidence, struct interval *ratio, enum verdict *verdict);

#endif
