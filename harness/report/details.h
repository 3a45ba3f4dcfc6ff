/* Everything that a run knows of one comparison: its counters as rows of text, and lines about the rest. */
#ifndef REPORT_DETAILS_H
#define REPORT_DETAILS_H

#include "report/grid.h"
#include "report/notes.h"

/** What the rows of counters hold. */
struct details_options {
    bool half_widths; /**< of the values a item, each in a column of its own */
    bool trust;
};

/**
 * Makes the rows of a comparison's counters, in the order of the result; those that are absent or zero are
 * left out (see details_lines_open). Cleaned for the style. Returns 0 or -ENOMEM; free with grid_close.
 */
int details_grid_open(struct grid *grid, const struct run *run, const struct comparison *comparison,
                      const struct report_style *style, const struct details_options *options);

/** Whether neither variant had any of its events: told in one line with others, not in a row. */
bool counter_is_zero(const struct counter_result *counter);

/** "lookup-hash-vs-linear: hash against linear, n = 4096, hit = 50 %". */
void details_print_heading(const struct comparison *comparison, struct text *text);

/** "faster ★ 3.12× [3.10, 3.14], 20.1 ns to 6.44 ns per lookup, answer ✓ checked"; why, if invalid. */
void details_print_verdict(const struct comparison *comparison, const struct report_style *style,
                           struct text *text);

/**
 * Collects lines about a comparison: prediction, spread, placebo, memory, CPUs, latencies, threads, noise,
 * counters that are estimates, zero or absent. Returns 0 or -ENOMEM; free with notes_close.
 */
int details_lines_open(struct notes *notes, const struct run *run, const struct comparison *comparison);

#endif
