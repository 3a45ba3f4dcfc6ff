/* A run as a report that a team acts on: what to take over, what it costs, how to undo it, what is not known. */
#ifndef REPORT_ANALYSIS_H
#define REPORT_ANALYSIS_H

#include "store/result.h"
#include "store/slo.h"

#include <stdio.h>

/** What a case declares of its candidates, in words of its own; empty: nothing. */
struct declared {
    const char *case_name, *technique, *effort, *risk, *rollback, *cost;
    const struct slo *slo; /**< NULL: no targets of a service */
};

/** What to do about a candidate. */
enum advice {
    ADVICE_PROCEED, /**< faster at every point that was measured */
    ADVICE_WHERE, /**< faster at some, and nothing undecided there would change that: take it over there alone */
    ADVICE_NOT,     /**< decided everywhere, and nowhere faster */
    ADVICE_MEASURE, /**< undecided or invalid at some point, and faster at none */
    ADVICES
};

/** By the verdicts of one candidate of a case alone. */
enum advice advice_of(const struct run *run, const char *case_name, const char *candidate);

/**
 * Writes the analysis as Markdown: summary, options ranked by their measured gain in groups of declared effort, each with
 * before and after, resources, cost and way back; what to leave, what to measure further and what that takes; how to
 * repeat it; and what was not measured. Every sentence is of a measured value or of what `declared` says, marked as such.
 * Returns 0, -ENOMEM or -errno of the stream.
 */
int report_analysis(const struct run *run, const struct declared *declared, size_t count, FILE *stream);

#endif
