/* From intervals to a word. */
#ifndef STATS_VERDICT_H
#define STATS_VERDICT_H

#include "stats/estimate.h"

#include <stdbool.h>

enum verdict {
    VERDICT_INVALID,     /**< wrong answer, crash, time-out, out of memory: no speedup is shown */
    VERDICT_FASTER,      /**< the whole interval is above max(delta, floor) */
    VERDICT_SLOWER,      /**< the whole interval is below its mirror image */
    VERDICT_EQUIVALENT,  /**< the whole interval is within delta, and the floor is below delta */
    VERDICT_INCONCLUSIVE /**< none of them */
};

/** "faster", "slower", "equivalent", "inconclusive", "invalid"; "unknown" for a number that is no verdict. */
const char *verdict_name(enum verdict verdict);
/** The verdict of that name, or -EINVAL. */
int verdict_by_name(const char *name);

/**
 * Verdict of a speedup (a ratio, not a log) with `delta` (0.01: 1 %) and the placebo's interval (ratio; all
 * NAN where there was none: floor 0). delta and floor act on logs, so that faster and slower are mirror
 * images: faster if log(low) > max(log(1 + delta), floor), slower if log(high) < -max(…), equivalent if both
 * ends are within log(1 + delta) and the floor is below it. floor = max(|log(placebo low)|, |log(placebo
 * high)|). Inconclusive, too, if an end of the speedup's interval is NAN or not above 0, if delta is NAN or
 * below 0, or if there is a placebo but its interval is not known.
 */
enum verdict verdict_of(struct interval speedup, struct interval placebo, double delta);

/**
 * Fewest independent processes or links for `equivalent`. The mean over processes may be within delta because
 * a rare kind of process was not drawn; a kind that a tenth of them are is drawn at least once by 29 with 95
 * %: 0.9^29 < 0.05. Rarer kinds may be missed, see verdict_missed_share.
 */
#define VERDICT_EQUIVALENT_UNITS 29

/** Largest share of processes that may be of a kind which none of `units` (>= 1) was, at 95 %: 1 - 0.05^(1 /
 * units). */
double verdict_missed_share(size_t units);

/** Whether a target speedup is met: the whole interval at or above it. */
bool target_met(struct interval speedup, double target);

#endif
