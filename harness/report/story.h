/* Which counters of a comparison tell why it came out as it did. */
#ifndef REPORT_STORY_H
#define REPORT_STORY_H

#include "report/text.h"
#include "store/result.h"

#include <stdbool.h>
#include <stddef.h>

#define STORY_COUNTERS 2
#define SCALED_MARK "†" /**< after a ratio that was simulated at a smaller point */

struct story {
    const struct counter_result *told[STORY_COUNTERS]; /**< the most telling first; NULL ends */
    bool scaled;  /**< set by the caller: what was simulated belongs to a smaller point */
    bool brief;   /**< set by the caller: two digits will do */
    bool counted; /**< at least one counter had a ratio, even if none is told */
    bool moved;   /**< at least one counter moved that can matter, even if none is told */
};

/**
 * Chooses among the trusted and degraded counters that have a ratio: those that a prediction names, moved or
 * not, then those that account for the difference in time: they went its way, and their events could cost
 * half of it; the one that accounts for most, at usual costs, comes first. Where the verdict is no
 * difference, those farthest from 1 on a logarithmic scale are told, the processor's counters preferred to
 * system calls and faults, these to cycles and CPU time. Cycles and CPU time are told only where they say
 * something else than the time. A counter is passed over where its interval holds 1 and where its events are
 * too rare to matter for the time. Where nothing is left: the instructions, with their number a cycle if that
 * moved; else user or system time, if one moved. Of an event that was both counted and simulated, the count
 * is told.
 */
void story_choose(const struct comparison *comparison, struct story *story);

/** Whether a simulated counter is left out of the story because the same event was counted as well. */
bool counter_is_superseded(const struct comparison *comparison, const struct counter_result *counter);

/** Whether a table may show this counter: trusted or degraded, both values known. */
bool counter_is_usable(const struct counter_result *counter);

/**
 * Whether "≈" belongs before its numbers: a degraded counter, unless all that is wrong with it is that it was
 * simulated at a smaller point, which SCALED_MARK says.
 */
bool counter_is_estimate(const struct counter_result *counter, bool scaled);

/**
 * "instructions 0.083× hw", the source only if `with_source`; "≈" before the ratio marks a degraded counter.
 * Up to `count` counters; "–" where none has a ratio; where none is told, "none explains it" if one moved and
 * "none moved" if not.
 */
void story_print(const struct story *story, size_t count, bool with_source, struct text *text);

#endif
