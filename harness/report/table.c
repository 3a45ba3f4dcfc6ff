#include "report/format.h"
#include "report/grid.h"
#include "report/notes.h"
#include "report/story.h"
#include "report/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INDENT "  "

/* Contents from the fullest to the barest; the first that fits the width is printed. */
static const struct grid_options layouts[] = {
    {.counters = 2, .short_marks = false}, {.counters = 1, .short_marks = false},
    {.counters = 1, .short_marks = true},  {.counters = 1, .short_marks = true, .short_ratios = true},
    {.counters = 0, .short_marks = false}, {.counters = 0, .short_marks = true},
};
#define LAYOUTS (sizeof layouts / sizeof *layouts)

static int print_rows(struct text *out, const struct report_style *style, const struct case_view *view) {
    for (size_t layout = 0; layout < LAYOUTS; layout++) {
        struct grid grid;
        int error = grid_open(&grid, view, style, &layouts[layout]);
        if (error)
            return error;
        bool fits = grid_width(&grid) <= style->width;
        if (fits)
            grid_print(out, style, &grid);
        else if (layout + 1 == LAYOUTS)
            grid_print_stacked(out, style, &grid);
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
    text_rule(out, style);
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
