/* A case's comparisons as rows of text, the same for the terminal and for Markdown. */
#ifndef REPORT_GRID_H
#define REPORT_GRID_H

#include "report/case_view.h"

#include <stdbool.h>
#include <stddef.h>

#define GRID_COLUMNS (CASE_VIEW_PARAMETERS + 8)

struct grid_cell {
    char text[192];
    enum paint paint;
};

struct grid_row {
    const struct comparison *comparison;
    struct grid_cell cells[GRID_COLUMNS];
    bool opens_candidate;    /**< first row of a candidate where rows are grouped by candidate */
    const char *opens_group; /**< the headers again, the first replaced by this; NULL: none begins here */
    struct text above;       /**< a line above the row, ready to be printed; may be empty */
    struct text below;       /**< what belongs under the row: why it is invalid or undecided; may be empty */
    enum paint below_paint;
};

struct grid {
    char headers[GRID_COLUMNS][80];
    bool right[GRID_COLUMNS]; /**< numbers are aligned to the right */
    bool close[GRID_COLUMNS]; /**< one blank before the column instead of two */
    size_t columns;
    struct grid_row *rows;
    size_t row_count;
    bool source_in_header; /**< all counters in the rows have one source, which the header names */
    bool ends_in_verdict;  /**< the last column is the verdict, which stands out */
    bool grouped;          /**< several candidates at several points: rows are grouped by candidate */
};

/** What the rows hold. */
struct grid_options {
    unsigned counters; /**< counters in the row, 0..STORY_COUNTERS; with 0 they go below the row */
    bool short_marks;  /**< the answer as one mark instead of mark and word */
    bool short_ratios; /**< of counters, two digits instead of three */
};

/** Makes the rows of a view, cleaned for the style. Returns 0 or -ENOMEM; free with grid_close. */
int grid_open(struct grid *grid, const struct case_view *view, const struct report_style *style,
              const struct grid_options *options);
void grid_close(struct grid *grid);

/** Appends a column; a number's is aligned to the right. */
void grid_add_header(struct grid *grid, const struct report_style *style, const char *name, bool right);

/** Sets a cell, cleaned for the style. */
void grid_fill(struct grid_row *row, size_t column, const struct report_style *style, const char *string,
               enum paint paint);

/** Columns of the terminal that the rows take, indented by two. */
size_t grid_width(const struct grid *grid);

/** The rows under their headers, for the terminal; what stands below a row is wrapped to the style. */
void grid_print(struct text *out, const struct report_style *style, const struct grid *grid);

/** Where no table fits: each row as a list of its columns. */
void grid_print_stacked(struct text *out, const struct report_style *style, const struct grid *grid);

/** The rows as a table of Markdown. */
void grid_print_markdown(struct text *out, const struct grid *grid);

/** Bytes that both variants take: what each alone holds where a kernel's were counted (then true), else the peak of the
 * process. NAN: not known. */
bool comparison_memory(const struct comparison *row, double *baseline, double *candidate);

/** "✓ checked", "✓ yes", "✗ wrong", "–" (not compared); in short "✓", "=", "✗", "–". */
const char *answer_mark(const struct report_style *style, enum verified verified, bool short_mark);

/** Whether the mark of a met target stands beside it: beside a claim alone. */
bool earns_star(const struct comparison *comparison);

/** The mark of a met target: "★" or "*". */
const char *target_mark(const struct report_style *style);

/**
 * What holds for the whole case: "time per lookup; baseline linear; target 1.25×; hit = 50 %; n in ids".
 * Constant parameters are given with their value, varying ones with their unit.
 */
void case_facts_print(const struct case_view *view, struct text *text);

/**
 * Lines about a view of one candidate: the summary, the prediction, memory and latency where they changed
 * much. Calls `line` for each.
 */
void candidate_lines(const struct case_view *view, void (*line)(void *context, const char *text),
                     void *context);

#endif
