/* Rows of text as a table of Markdown. */
#include "report/grid.h"
#include "report/markdown.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct report_style markdown_style = {.color = false, .unicode = true, .width = 100};

/* A heading, a quote, a list, a rule, where the text begins a line or an element of a list. */
static bool starts_a_block(const char *text) {
    return text[0] == '>' || (text[0] && strchr("#+-=", text[0]) && (!text[1] || strchr(" #-=", text[1])));
}

/* Within a word it is no markup. */
static bool is_emphasis(const char *text, const char *underscore) {
    return underscore == text || !isalnum((unsigned char)underscore[-1]) ||
           !isalnum((unsigned char)underscore[1]);
}

/* Links: "](…)", "][…]", "]: …", and addresses, which are links by themselves. An interval in brackets is
 * none. */
static void add_character(struct text *out, const char *text, const char *character) {
    bool number = character == text + strspn(text, "0123456789") && character > text &&
                  strchr(".)", *character) && (!character[1] || character[1] == ' ');
    if (strchr("|*`\\~", *character) || number ||
        (*character == ']' && character[1] && strchr("([:", character[1])) ||
        (*character == '_' && is_emphasis(text, character)))
        text_add(out, "\\");
    if (*character == '<')
        text_add(out, "&lt;");
    else if (*character == '&')
        text_add(out, "&amp;");
    else if (*character == ':' && strncmp(character, "://", 3) == 0)
        text_add(out, "&#58;");
    else if (*character == '.' && character - text >= 3 && strncasecmp(character - 3, "www", 3) == 0)
        text_add(out, "&#46;");
    else
        text_add_bytes(out, character, 1);
}

void markdown_add(struct text *out, const char *string) {
    size_t size = style_clean_size(string);
    char *clean = malloc(size);
    if (!clean) {
        out->failed = true;
        return;
    }
    style_clean(&markdown_style, string, clean, size);
    text_add(out, starts_a_block(clean) ? "\\" : "");
    for (const char *character = clean; *character; character++)
        add_character(out, clean, character);
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
