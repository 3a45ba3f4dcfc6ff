/* A table of text for the terminal and for Markdown: headers, and rows that are filled from left to right. */
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include "report/text.h"

#define SHEET_COLUMNS 24
#define SHEET_CELL 240 /**< bytes of a cell; what is longer is cut */

struct sheet_row {
    char cells[SHEET_COLUMNS][SHEET_CELL];
    enum paint paints[SHEET_COLUMNS];
    size_t filled;
};

/** Start with {0}; free with sheet_clear. Once memory ran out, or columns did, `failed` stays set. */
struct sheet {
    char headers[SHEET_COLUMNS][SHEET_CELL];
    bool left[SHEET_COLUMNS]; /**< text; numbers are aligned to the right */
    size_t columns;
    struct sheet_row *rows;
    size_t row_count;
    bool failed;
};

/** Frees the rows and forgets the columns. */
void sheet_clear(struct sheet *sheet);

void sheet_add_column(struct sheet *sheet, const char *header, bool left);

/** Appends a row without cells. */
void sheet_add_row(struct sheet *sheet);

/** The next cell of the last row; "" leaves it empty. */
void sheet_add(struct sheet *sheet, enum paint paint, const char *string);

/**
 * Appends the table as lines, cleaned for the style, in as many parts as its width demands, each with the
 * first column; text in the last column may be cut. A sheet that failed makes `out` fail; one without rows is
 * nothing.
 */
void sheet_print(struct text *out, const struct report_style *style, const struct sheet *sheet);

/** The same as a table of Markdown, without a blank line before it. */
void sheet_print_markdown(struct text *out, const struct sheet *sheet);

#endif
