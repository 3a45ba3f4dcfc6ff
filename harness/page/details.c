/* All that is known of one comparison. */
#include "page/section.h"

#include "page/strip.h"
#include "report/details.h"
#include "report/format.h"
#include "report/html.h"

#include <math.h>
#include <string.h>

static const struct report_style page_style = {.unicode = true, .width = 100};

#define TAB 10 /* columns, as the style sheet has it: where these tables are narrowest */

/* "trusted" goes without saying, since most are. */
static const char *cell_text(const struct grid *grid, const struct grid_row *row, size_t column) {
    const char *cell = row ? row->cells[column].text : grid->headers[column];
    return strcmp(cell, "trusted") == 0 ? "" : cell;
}

/* Cells of a column and of those without a header behind it, which stand beside it: "11.4 ±40 %". */
static size_t cell_width(const struct grid *grid, const struct grid_row *row, size_t column, size_t end) {
    size_t width = style_width(cell_text(grid, row, column));
    for (size_t i = column + 1; i < end; i++)
        width += *cell_text(grid, row, i) ? 1 + style_width(cell_text(grid, row, i)) : 0;
    return width;
}

static size_t width_of(const struct grid *grid, size_t column, size_t end) {
    size_t width = cell_width(grid, NULL, column, end);
    for (size_t row = 0; row < grid->row_count; row++) {
        size_t cell = cell_width(grid, &grid->rows[row], column, end);
        width = cell > width ? cell : width;
    }
    return width;
}

/* A line with its columns at tab stops. */
static void print_line(const struct grid *grid, const struct grid_row *row, struct text *out) {
    size_t behind = 0; /* tabs that are owed to the cells before */
    for (size_t i = 0, end; i < grid->columns; i = end) {
        for (end = i + 1; end < grid->columns && !grid->headers[end][0]; end++)
            ;
        size_t width = cell_width(grid, row, i, end);
        for (; width && behind; behind--)
            text_add(out, "\t");
        html_add(out, cell_text(grid, row, i));
        for (size_t k = i + 1; k < end; k++) {
            text_add(out, *cell_text(grid, row, k) ? " " : "");
            html_add(out, cell_text(grid, row, k));
        }
        behind += width_of(grid, i, end) / TAB + 1 - width / TAB;
    }
    text_add(out, "\n");
}

/* Text and not a table: thousands of tables of a dozen cells a line are what a browser is slow at. */
static void print_grid(const struct grid *grid, struct text *out) {
    text_add(out, "<pre class=\"counters\">");
    print_line(grid, NULL, out);
    for (size_t row = 0; row < grid->row_count; row++)
        print_line(grid, &grid->rows[row], out);
    text_add(out, "</pre>");
}

static void add_found(const struct claim *claim, struct text *text) {
    char number[FORMAT_SIZE];
    if (!isfinite(claim->found.estimate))
        return;
    format_number(claim->found.estimate, number);
    text_printf(text, "; found %s", number);
    if (isfinite(claim->found.low) && claim->found.low != claim->found.high)
        text_printf(text, " [%s, %s]", PADDED(claim->found.low, 3), PADDED(claim->found.high, 3));
}

/* Held, refuted or open, one by one. */
static void print_claims(const struct comparison *comparison, struct text *out) {
    static const char *const outcomes[] = {
        [CLAIM_HOLDS] = "✓ held", [CLAIM_FAILS] = "✗ refuted", [CLAIM_OPEN] = "◇ open"};
    static const char *const why_open[] = {[CLAIM_NO_SOURCE] = "nothing here can tell",
                                           [CLAIM_NO_RATIO] = "the baseline has none of it",
                                           [CLAIM_ELSEWHERE] = "simulated at another point alone"};
    if (!comparison->claim_count)
        return;
    text_add(out, "<ul class=\"claims\">");
    for (size_t i = 0; i < comparison->claim_count; i++) {
        const struct claim *claim = &comparison->claims[i];
        struct text text = {0};
        text_printf(&text, "%s: ", outcomes[claim->outcome]);
        if (claim->variant[0])
            text_printf(&text, "%s's own ", claim->variant);
        text_printf(&text, "%s predicted %s", claim->name[0] ? claim->name : "verdict", claim->predicted);
        add_found(claim, &text);
        if (isfinite(claim->found.estimate) && claim->source != SOURCE_NONE)
            text_printf(&text, " (%s)", counter_source_name(claim->source));
        if (claim->outcome == CLAIM_OPEN && claim->basis < sizeof why_open / sizeof *why_open &&
            why_open[claim->basis])
            text_printf(&text, "; %s", why_open[claim->basis]);
        html_item(out, "li", text_string(&text));
        out->failed |= text.failed;
        text_clear(&text);
    }
    text_add(out, "</ul>");
}

void section_notes(const struct notes *notes, struct text *out) {
    text_add(out, notes->count ? "<dl>" : "");
    for (size_t i = 0; i < notes->count; i++) {
        if (!i || strcmp(notes->items[i].label, notes->items[i - 1].label) != 0)
            html_item(out, "dt", notes->items[i].label);
        html_item(out, "dd", text_string(&notes->items[i].text));
    }
    text_add(out, notes->count ? "</dl>" : "");
}

int section_details(const struct run *run, const struct comparison *comparison, struct text *out) {
    static const struct details_options all = {.half_widths = true, .trust = true};
    struct grid grid;
    print_claims(comparison, out);
    int status = strip_print(run, comparison, out);
    if (status == 0)
        status = details_grid_open(&grid, run, comparison, &page_style, &all);
    if (status)
        return status;
    if (grid.row_count)
        print_grid(&grid, out);
    grid_close(&grid);
    return 0;
}
