#include "report/sheet.h"

#include "report/markdown.h"

#include <stdlib.h>
#include <string.h>

#define GAP 2
#define CUT_LEAST 10

void sheet_clear(struct sheet *sheet) {
    free(sheet->rows);
    *sheet = (struct sheet){0};
}

void sheet_add_column(struct sheet *sheet, const char *header, bool left) {
    if (sheet->columns == SHEET_COLUMNS) {
        sheet->failed = true;
        return;
    }
    snprintf(sheet->headers[sheet->columns], SHEET_CELL, "%s", header);
    sheet->left[sheet->columns++] = left;
}

void sheet_add_row(struct sheet *sheet) {
    struct sheet_row *rows = reallocarray(sheet->rows, sheet->row_count + 1, sizeof *rows);
    sheet->failed |= !rows;
    if (!rows)
        return;
    sheet->rows = rows;
    memset(&rows[sheet->row_count++], 0, sizeof *rows);
}

void sheet_add(struct sheet *sheet, enum paint paint, const char *string) {
    struct sheet_row *row = sheet->row_count ? &sheet->rows[sheet->row_count - 1] : NULL;
    sheet->failed |= !row || row->filled == sheet->columns;
    if (sheet->failed)
        return;
    row->paints[row->filled] = paint;
    snprintf(row->cells[row->filled++], SHEET_CELL, "%s", string);
}

/* Headers are above the first row. */
static const char *cell_of(const struct sheet *sheet, size_t line, size_t column) {
    return line ? sheet->rows[line - 1].cells[column] : sheet->headers[column];
}

/* Columns of a sheet that stand beside each other. */
struct part {
    size_t columns[SHEET_COLUMNS], widths[SHEET_COLUMNS], count, width;
};

static bool may_be_cut(const struct sheet *sheet, size_t column) {
    return column + 1 == sheet->columns && sheet->left[column];
}

static size_t column_width(const struct report_style *style, const struct sheet *sheet, size_t column) {
    char clean[2 * SHEET_CELL];
    size_t width = 0;
    for (size_t line = 0; line <= sheet->row_count; line++) {
        style_clean(style, cell_of(sheet, line, column), clean, sizeof clean);
        width = style_width(clean) > width ? style_width(clean) : width;
    }
    return width;
}

/* Blanks are written with what follows them, so that no line ends in some. */
static void print_line(struct text *out, const struct report_style *style, const struct sheet *sheet,
                       const struct part *part, size_t line) {
    size_t pending = 0, used = 0;
    char clean[2 * SHEET_CELL];
    for (size_t i = 0; i < part->count; i++) {
        size_t column = part->columns[i], width = part->widths[i];
        style_clean(style, cell_of(sheet, line, column), clean, sizeof clean);
        if (may_be_cut(sheet, column) && used + GAP + width > style->width) {
            width = style->width - used - GAP;
            style_cut(style, clean, width);
        }
        size_t blank = width - style_width(clean);
        pending += GAP + (sheet->left[column] ? 0 : blank);
        if (clean[0]) {
            text_repeat(out, " ", pending);
            text_paint(out, style, line ? sheet->rows[line - 1].paints[column] : PAINT_DIM, clean);
            pending = 0;
        }
        pending += sheet->left[column] ? blank : 0;
        used += GAP + width;
    }
    text_add(out, "\n");
}

static void print_part(struct text *out, const struct report_style *style, const struct sheet *sheet,
                       const struct part *part) {
    for (size_t line = 0; line <= sheet->row_count; line++)
        print_line(out, style, sheet, part, line);
}

void sheet_print(struct text *out, const struct report_style *style, const struct sheet *sheet) {
    out->failed |= sheet->failed;
    if (!sheet->row_count)
        return;
    size_t begin = column_width(style, sheet, 0);
    struct part part = {.widths = {begin}, .count = 1, .width = GAP + begin}, first = part;
    for (size_t column = 1; column < sheet->columns; column++) {
        size_t width = GAP + column_width(style, sheet, column);
        size_t least = may_be_cut(sheet, column) && width > GAP + CUT_LEAST ? GAP + CUT_LEAST : width;
        if (part.width + least > style->width) {
            print_part(out, style, sheet, &part);
            part = first;
        }
        part.columns[part.count] = column;
        part.widths[part.count++] = width - GAP;
        part.width += width;
    }
    print_part(out, style, sheet, &part);
}

void sheet_print_markdown(struct text *out, const struct sheet *sheet) {
    out->failed |= sheet->failed;
    for (size_t line = 0; sheet->row_count && line <= sheet->row_count; line++) {
        for (size_t column = 0; column < sheet->columns; column++) {
            text_add(out, "| ");
            markdown_add(out, cell_of(sheet, line, column));
            text_add(out, " ");
        }
        text_add(out, "|\n");
        for (size_t column = 0; line == 0 && column < sheet->columns; column++)
            text_add(out, sheet->left[column] ? "| :-- " : "| --: ");
        text_add(out, line == 0 ? "|\n" : "");
    }
}
