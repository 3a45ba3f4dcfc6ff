#include "report/format.h"
#include "report/grid.h"
#include "report/notes.h"
#include "report/story.h"
#include "report/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INDENT "  "
#define GAP "  "

/* Contents from the fullest to the barest; the first that fits the width is printed. */
static const struct grid_options layouts[] = {
    {.counters = 2, .short_marks = false}, {.counters = 1, .short_marks = false},
    {.counters = 1, .short_marks = true},  {.counters = 0, .short_marks = false},
    {.counters = 0, .short_marks = true},
};
#define LAYOUTS (sizeof layouts / sizeof *layouts)

/* Width of each column; returns that of the whole row. */
static size_t measure_columns(const struct grid *grid, size_t widths[GRID_COLUMNS]) {
    size_t total = strlen(INDENT);
    for (size_t column = 0; column < grid->columns; column++) {
        widths[column] = style_width(grid->headers[column]);
        for (size_t row = 0; row < grid->row_count; row++) {
            size_t width = style_width(grid->rows[row].cells[column].text);
            if (width > widths[column])
                widths[column] = width;
        }
        total += widths[column] + (column ? strlen(GAP) : 0);
    }
    return total;
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

static void print_grid(struct text *out, const struct report_style *style, const struct grid *grid,
                       const size_t widths[GRID_COLUMNS]) {
    text_add(out, INDENT);
    for (size_t column = 0; column < grid->columns; column++) {
        text_add(out, column ? GAP : "");
        print_cell(out, style, grid->headers[column], PAINT_DIM, widths[column], grid->right[column],
                   column + 1 == grid->columns);
    }
    text_add(out, "\n");
    for (size_t index = 0; index < grid->row_count; index++) {
        const struct grid_row *row = &grid->rows[index];
        if (row->opens_candidate)
            print_candidate_heading(out, style, row);
        text_add(out, INDENT);
        for (size_t column = 0; column < grid->columns; column++) {
            text_add(out, column ? GAP : "");
            print_cell(out, style, row->cells[column].text, row->cells[column].paint, widths[column],
                       grid->right[column], column + 1 == grid->columns);
        }
        text_add(out, "\n");
        print_below(out, style, row);
    }
}

/* Where no table fits: each row as a list of its columns. */
static void print_stacked(struct text *out, const struct report_style *style, const struct grid *grid) {
    for (size_t index = 0; index < grid->row_count; index++) {
        const struct grid_row *row = &grid->rows[index];
        struct text line = {0};
        if (row->opens_candidate)
            print_candidate_heading(out, style, row);
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

static int print_rows(struct text *out, const struct report_style *style, const struct case_view *view) {
    for (size_t layout = 0; layout < LAYOUTS; layout++) {
        struct grid grid;
        size_t widths[GRID_COLUMNS];
        int error = grid_open(&grid, view, style, &layouts[layout]);
        if (error)
            return error;
        bool fits = measure_columns(&grid, widths) <= style->width;
        if (fits)
            print_grid(out, style, &grid, widths);
        else if (layout + 1 == LAYOUTS)
            print_stacked(out, style, &grid);
        grid_close(&grid);
        if (fits)
            break;
    }
    return 0;
}

struct line_context {
    struct text *out;
    const struct report_style *style;
    bool first;
};

/* The summary stands out, what follows it is indented under it. */
static void print_line(void *context, const char *string) {
    struct line_context *line = context;
    const char *arrow = line->style->unicode ? "  → " : "  > ";
    text_wrap(line->out, line->style, line->first ? arrow : "    ", line->first ? PAINT_BOLD : PAINT_NONE,
              string);
    line->first = false;
}

static int print_candidates(struct text *out, const struct report_style *style,
                            const struct case_view *view) {
    for (size_t row = 0; row < view->count; row++) {
        if (first_of_candidate(view, row) != row)
            continue;
        struct case_view one;
        int error = case_view_open(&one, view->run, view->rows[row]->case_name, view->rows[row]->candidate);
        if (error)
            return error;
        struct line_context context = {out, style, true};
        candidate_lines(&one, print_line, &context);
        case_view_close(&one);
    }
    return 0;
}

static int print_case(struct text *out, const struct report_style *style, const struct run *run,
                      const char *name) {
    struct case_view view;
    struct text heading = {0}, facts = {0};
    int error = case_view_open(&view, run, name, NULL);
    if (error)
        return error;
    text_printf(&heading, "%s%s%s", name, view.rows[0]->case_title[0] ? ": " : "", view.rows[0]->case_title);
    text_wrap(out, style, "", PAINT_BOLD, text_string(&heading));
    case_facts_print(&view, &facts);
    text_wrap(out, style, INDENT, PAINT_DIM, text_string(&facts));
    out->failed |= heading.failed || facts.failed;
    text_clear(&heading);
    text_clear(&facts);
    text_add(out, "\n");
    error = print_rows(out, style, &view);
    text_add(out, "\n");
    if (!error)
        error = print_candidates(out, style, &view);
    text_add(out, "\n");
    case_view_close(&view);
    return error;
}

static int print_notes(struct text *out, const struct report_style *style, const struct run *run) {
    struct notes notes;
    int error = notes_open(&notes, run);
    if (error)
        return error;
    text_repeat(out, style->unicode ? "─" : "-", style->width);
    text_add(out, "\n");
    for (size_t i = 0; i < notes.count; i++) {
        char lead[32];
        bool repeated = i && strcmp(notes.items[i].label, notes.items[i - 1].label) == 0;
        snprintf(lead, sizeof lead, "%-12s", repeated ? "" : notes.items[i].label);
        text_wrap(out, style, lead, PAINT_NONE, text_string(&notes.items[i].text));
    }
    notes_close(&notes);
    return 0;
}

int report_table(const struct run *run, const struct report_style *style, FILE *stream) {
    struct text out = {0};
    int error = 0;
    if (!run->comparison_count)
        text_wrap(&out, style, "", PAINT_BOLD, "No comparison was completed.");
    for (size_t i = 0; i < run->comparison_count && !error; i++)
        if (first_of_case(run, i) == i)
            error = print_case(&out, style, run, run->comparisons[i].case_name);
    if (!error)
        error = print_notes(&out, style, run);
    if (!error)
        error = text_write(&out, stream);
    text_clear(&out);
    return error;
}

int report_comparison_line(const struct comparison *comparison, const struct report_style *style,
                           FILE *stream) {
    struct text out = {0}, subject = {0};
    char estimate[FORMAT_SIZE], interval[2 * FORMAT_SIZE], half[FORMAT_SIZE], head[160], clean[1024];
    bool valid = comparison->verdict != VERDICT_INVALID;
    format_speedup(comparison->speedup, estimate, interval);
    format_half_width(comparison->speedup, half);
    text_printf(&subject, "%s %s", comparison->case_name, comparison->candidate);
    if (comparison->point.count)
        text_add(&subject, ", ");
    format_point(&comparison->point, &subject);
    if (!valid)
        text_printf(&subject, ": %s", comparison->reason);
    text_paint(&out, style, style_verdict_paint(comparison->verdict), verdict_name(comparison->verdict));
    text_repeat(&out, " ", 14 - strlen(verdict_name(comparison->verdict)));
    size_t used = 14;
    if (valid) {
        char speedup[FORMAT_SIZE + 8], margin[FORMAT_SIZE + 8];
        style_clean(style, estimate, speedup, sizeof speedup);
        style_clean(style, half, margin, sizeof margin);
        size_t blank = style_width(speedup) < 8 ? 8 - style_width(speedup) : 0;
        size_t after = style_width(margin) < 10 ? 10 - style_width(margin) : 0;
        snprintf(head, sizeof head, "%*s%s %s%*s  ", (int)blank, "", speedup, margin, (int)after, "");
        text_add(&out, head);
        used += style_width(head);
    }
    style_clean(style, text_string(&subject), clean, sizeof clean);
    style_cut(style, clean, style->width > used ? style->width - used : 0);
    text_printf(&out, "%s\n", clean);
    out.failed |= subject.failed;
    int error = text_write(&out, stream);
    text_clear(&subject);
    text_clear(&out);
    return error;
}
