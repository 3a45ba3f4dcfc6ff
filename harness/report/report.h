/* Tables from runs, in every format. Reads the run alone, so each can be made again from the file. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "host/finding.h"
#include "store/result.h"

#include <stdbool.h>
#include <stdio.h>

struct report_style {
    bool color;     /**< SGR colours; the caller has looked at NO_COLOR and isatty */
    bool unicode;   /**< –, ×, µ and ±; else -, x, u and +/- */
    unsigned width; /**< columns, 60..; 100 where not known; text is wrapped at 100, tables may be wider */
};

/** The style for a stream: colour on a terminal unless NO_COLOR is set or TERM is dumb; UTF-8 by the locale;
 * COLUMNS or the terminal, at most 200. */
struct report_style report_style_for(FILE *stream);

/** Which group a case is of: a result file does not know. */
struct report_groups {
    const char *(*of)(const void *context, const char *case_name); /**< NULL: of none that is known */
    const void *context;
};

/** How much of a run is printed. */
struct report_extent {
    bool tables;                        /**< each case's table, also of several */
    bool notes;                         /**< every note in full, also those that change no verdict */
    const struct report_groups *groups; /**< NULL: cases are not grouped */
};

/**
 * For people. Of one case its table: a line a comparison (point, both times an item with unit, speedup with
 * interval, the counters that tell the story, verified, verdict) and what came out in words; of several cases a line a
 * candidate (report/overview.h). Then what needs attention, a line each (report/attention.h), or every note; how to
 * read it, and where the rest is. Returns 0 or -errno of the stream.
 */
int report_table(const struct run *run, const struct report_extent *extent, const struct report_style *style,
                 FILE *stream);

/** The same table as GitHub-flavoured Markdown. */
int report_markdown(const struct run *run, FILE *stream);

/** For a pull request: one table with counts of verdicts and a sentence a candidate; report_markdown folded. */
int report_brief_markdown(const struct run *run, FILE *stream);

/** Which comparisons are meant. */
struct report_filter {
    const char *case_name; /**< NULL: of every case */
    struct {
        char parameter[RESULT_NAME], value[RESULT_NAME]; /**< value: a number or a choice's name */
    } where[RESULT_PARAMETERS];
    size_t where_count;
};

bool report_filter_matches(const struct report_filter *filter, const struct comparison *comparison);

/**
 * The details of each comparison that the filter lets through: all its counters with both values an item,
 * their ratio, its interval, source and trust; the prediction, what the spread comes from, placebo, memory,
 * CPUs, latencies, threads, disturbances; which counters are estimates or absent, and why. Returns 0 or
 * -errno of the stream.
 */
int report_details(const struct run *run, const struct report_filter *filter,
                   const struct report_style *style, FILE *stream);

/** The same as GitHub-flavoured Markdown. */
int report_details_markdown(const struct run *run, const struct report_filter *filter, FILE *stream);

/**
 * A row a comparison, RFC 4180, header first; absent numbers are empty fields, never 0. Parameters as
 * point_NAME, counters as NAME_baseline, NAME_candidate, NAME_ratio, NAME_ratio_low, NAME_ratio_high and
 * NAME_source; what was simulated as NAME_sim_baseline and so on, with NAME_sim_point "same" or "smaller".
 * Needs a decimal point: LC_NUMERIC "C".
 */
int report_csv(const struct run *run, FILE *stream);

/**
 * The raw samples as CSV, a row a round of each variant, placebo included: replicate, seed, link, round, clock ticks,
 * runs in the sample, ns a run and an item. As report_csv otherwise.
 */
int report_samples_csv(const struct run *run, FILE *stream);

/**
 * JSON of Google Benchmark's form: a benchmark a variant and point, "case/variant/n:64", a repetition a replicate, its
 * time the midmean of its rounds, ns an item. Its compare.py takes such repetitions for independent; what countersign
 * concludes from pairs it does not see. Returns 0 or -errno.
 */
int report_google_benchmark(const struct run *run, FILE *stream);

/**
 * OpenMetrics text: speedups with their intervals, times an item in seconds, verdicts as a gauge a word, labelled by case,
 * baseline, candidate and point. What is invalid has its verdict alone. Returns 0 or -errno.
 */
int report_openmetrics(const struct run *run, FILE *stream);

/**
 * JUnit XML, a test case a comparison: invalid is an error, a refuted prediction a failure, inconclusive or not measured
 * skipped, all else passed, slower included, since nothing was required. Returns 0 or -errno.
 */
int report_junit(const struct run *run, FILE *stream);

/**
 * What came out for one candidate of a case, in plain words: "hash wins from n = 32 up (1.6× to 142×; 5
 * points measured, to 4096); below, linear is 1.4× faster at n = 4 and 8". Speaks of measured points alone.
 * In UTF-8. Returns 0; -ENOENT (empty text) where the run has no such comparison; -ERANGE where `text` was
 * too short and holds the start of the sentence, perhaps cut within a character; -ENOMEM.
 */
int report_case_summary(const struct run *run, const char *case_name, const char *candidate, char *text,
                        size_t size);

/** Findings for doctor, a line each with a mark, wrapped to the width. */
int report_findings(const struct findings *findings, const struct report_style *style, FILE *stream);

#endif
