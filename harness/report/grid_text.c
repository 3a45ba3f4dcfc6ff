/* Rows of text on a terminal. */
#include "report/grid.h"

#include <string.h>

#define INDENT "  "

/* Before a column. */
static const char *gap_of(const struct grid *grid, size_t column) {
    return !column ? "" : grid->close[column] ? " " : "  ";
}

/* Width of each column; returns that of the whole row. */
static size_t measure_columns(const struct grid *grid, size_t widths[GRID_COLUMNS]) {
    size_t total = strlen(INDENT);
    for (size_t column = 0; column < grid->columns; column++) {
        widths[column] = style_width(grid->headers[column]);
        for (size_t row = 0; row < grid->row_count; row++) {
            size_t width = style_width(grid->rows[row].cells[column].text);
            if (width > widths[column])
                widths[column] = width;
            const char *group = column ? NULL : grid->rows[row].opens_group;
            if (group && style_width(group) > widths[column] + strlen(INDENT))
                widths[column] = style_width(group) - strlen(INDENT);
        }
        total += widths[column] + strlen(gap_of(grid, column));
    }
    return total;
}

size_t grid_width(const struct grid *grid) {
    size_t widths[GRID_COLUMNS];
    return measure_columns(grid, widths);
}

static void print_cell(struct text *out, const struct report_style *style, const char *string,
                       enum paint paint, size_t width, bool right, bool last) {
    size_t blank = width - style_width(string);
    text_repeat(out, " ", right ? blank : 0);
    text_paint(out, style, paint, string);
    text_repeat(out, " ", right || last ? 0 : blank);
}

/* Reason or counters under a row, indented further than the row. */
static void print_below(struct text *out, const struct report_style *style, const struct grid_row *row) {
    if (row->below.length)
        text_wrap(out, style, "      ", row->below_paint, text_string(&row->below));
}

static void print_candidate_heading(struct text *out, const struct report_style *style,
                                    const struct grid_row *row) {
    struct text heading = {0};
    text_printf(&heading, "%s against %s", row->comparison->candidate, row->comparison->baseline);
    text_wrap(out, style, INDENT, PAINT_CYAN, text_string(&heading));
    text_clear(&heading);
}

/* A group's name stands further out than the rows. */
static void print_headers(struct text *out, const struct report_style *style, const struct grid *grid,
                          const size_t widths[GRID_COLUMNS], const char *group) {
    text_add(out, group ? "" : INDENT);
    print_cell(out, style, group ? group : grid->headers[0], group ? PAINT_CYAN : PAINT_DIM,
               widths[0] + (group ? strlen(INDENT) : 0), grid->right[0], grid->columns == 1);
    for (size_t column = 1; column < grid->columns; column++) {
        text_add(out, gap_of(grid, column));
        print_cell(out, style, grid->headers[column], PAINT_DIM, widths[column], grid->right[column],
                   column + 1 == grid->columns);
    }
    text_add(out, "\n");
}

/* What stands between the row and the one before it. */
static void print_above(struct text *out, const struct report_style *style, const struct grid_row *row) {
    if (row->above.length)
        text_printf(out, "%s\n", text_string(&row->above));
    if (row->opens_candidate)
        print_candidate_heading(out, style, row);
}

/* Up to the last that is not empty. */
static void print_cells(struct text *out, const struct report_style *style, const struct grid *grid,
                        const struct grid_row *row, const size_t widths[GRID_COLUMNS]) {
    size_t count = grid->columns;
    while (count > 1 && !row->cells[count - 1].text[0])
        count--;
    text_add(out, INDENT);
    for (size_t column = 0; column < count; column++) {
        text_add(out, gap_of(grid, column));
        print_cell(out, style, row->cells[column].text, row->cells[column].paint, widths[column],
                   grid->right[column], column + 1 == count);
    }
}

void grid_print(struct text *out, const struct report_style *style, const struct grid *grid) {
    size_t widths[GRID_COLUMNS];
    measure_columns(grid, widths);
    if (!grid->row_count || !grid->rows[0].opens_group)
        print_headers(out, style, grid, widths, NULL);
    for (size_t index = 0; index < grid->row_count; index++) {
        const struct grid_row *row = &grid->rows[index];
        if (row->opens_group) {
            text_add(out, index ? "\n" : "");
            print_headers(out, style, grid, widths, row->opens_group);
        }
        print_above(out, style, row);
        print_cells(out, style, grid, row, widths);
        text_add(out, "\n");
        print_below(out, style, row);
    }
}

void grid_print_stacked(struct text *out, const struct report_style *style, const struct grid *grid) {
    for (size_t index = 0; index < grid->row_count; index++) {
        const struct grid_row *row = &grid->rows[index];
        struct text line = {0};
        text_add(out, row->opens_group && index ? "\n" : "");
        if (row->opens_group)
            text_wrap(out, style, "", PAINT_CYAN, row->opens_group);
        print_above(out, style, row);
        for (size_t column = 0; column < grid->columns; column++)
            if (row->cells[column].text[0])
                text_printf(&line, "%s%s%s%s", column ? ", " : "", grid->headers[column],
                            grid->headers[column][0] ? ": " : "", row->cells[column].text);
        text_wrap(out, style, INDENT, style_verdict_paint(row->comparison->verdict), text_string(&line));
        out->failed |= line.failed;
        text_clear(&line);
        print_below(out, style, row);
    }
}
