/* Rows of text as a table of Markdown. */
#include "report/grid.h"
#include "report/markdown.h"

#include <stdlib.h>
#include <string.h>

const struct report_style markdown_style = {.color = false, .unicode = true, .width = 100};

void markdown_add(struct text *out, const char *string) {
    size_t size = style_clean_size(string);
    char *clean = malloc(size);
    if (!clean) {
        out->failed = true;
        return;
    }
    style_clean(&markdown_style, string, clean, size);
    for (const char *character = clean; *character; character++) {
        if (strchr("|*`\\", *character))
            text_add(out, "\\");
        if (*character == '<')
            text_add(out, "&lt;");
        else if (*character == '&')
            text_add(out, "&amp;");
        else
            text_add_bytes(out, character, 1);
    }
    free(clean);
}

static void print_row(struct text *out, const struct grid *grid, const struct grid_row *row) {
    if (grid->grouped) {
        text_add(out, "| ");
        markdown_add(out, row->comparison->candidate);
        text_add(out, " ");
    }
    for (size_t column = 0; column < grid->columns; column++) {
        bool verdict = grid->ends_in_verdict && column + 1 == grid->columns;
        text_add(out, verdict ? "| **" : "| ");
        markdown_add(out, row->cells[column].text);
        text_add(out, verdict ? "** " : " ");
    }
    text_add(out, "|\n");
}

static void print_headers(struct text *out, const struct grid *grid) {
    text_add(out, grid->grouped ? "| candidate " : "");
    for (size_t column = 0; column < grid->columns; column++) {
        text_add(out, "| ");
        markdown_add(out, grid->headers[column]);
        text_add(out, " ");
    }
    text_add(out, grid->grouped ? "|\n| :-- " : "|\n");
    for (size_t column = 0; column < grid->columns; column++)
        text_add(out, grid->right[column] ? "| --: " : "| :-- ");
    text_add(out, "|\n");
}

void grid_print_markdown(struct text *out, const struct grid *grid) {
    print_headers(out, grid);
    for (size_t i = 0; i < grid->row_count; i++)
        print_row(out, grid, &grid->rows[i]);
}
