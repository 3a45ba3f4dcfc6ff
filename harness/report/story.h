/* Which counters of a comparison tell why it came out as it did. */
#ifndef REPORT_STORY_H
#define REPORT_STORY_H

#include "report/text.h"
#include "store/result.h"

#include <stdbool.h>
#include <stddef.h>

#define STORY_COUNTERS 2

struct story {
    const struct counter_result *told[STORY_COUNTERS]; /**< the most telling first; NULL ends */
    bool counted; /**< at least one counter had a ratio, even if none is told */
};

/**
 * Chooses among the trusted and degraded counters that have a ratio: those farthest from 1 on a logarithmic
 * scale, the processor's counters preferred to system calls and faults, these to cycles and CPU time, which
 * are told only where they say something else than the time. A counter is passed over where its interval
 * holds 1, unless it is one of the processor's and nothing else is left, and where its events are too rare to
 * matter for the time.
 */
void story_choose(const struct comparison *comparison, struct story *story);

/** Whether a table may show this counter: trusted or degraded, both values known. */
bool counter_is_usable(const struct counter_result *counter);

/**
 * "instructions 0.083× hw", the source only if `with_source`; "≈" before the ratio marks a degraded counter.
 * Up to `count` counters; "–" where none has a ratio, "none moved" where none is worth telling.
 */
void story_print(const struct story *story, size_t count, bool with_source, struct text *text);

#endif
