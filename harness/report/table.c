#include "report/attention.h"
#include "report/format.h"
#include "report/grid.h"
#include "report/notes.h"
#include "report/overview.h"
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

static void print_note(struct text *out, const struct report_style *style, const char *label,
                       const char *string) {
    char lead[32];
    snprintf(lead, sizeof lead, "%-12s", label);
    text_wrap(out, style, lead, PAINT_NONE, string);
}

/* A label that repeats is printed once, with what its notes mean. */
static void print_notes(struct text *out, const struct report_style *style, const struct notes *notes,
                        bool meanings) {
    text_rule(out, style);
    for (size_t i = 0; i < notes->count; i++) {
        const struct note *note = &notes->items[i];
        bool repeated = i && strcmp(note->label, notes->items[i - 1].label) == 0;
        bool told = meanings && note->meaning && !repeated;
        if (told)
            print_note(out, style, note->label, note->meaning);
        print_note(out, style, repeated || told ? "" : note->label, text_string(&note->text));
    }
}

#define MORE_COLUMNS 78 /* below, commands stand without what they print */

static void print_command(struct text *out, const struct report_style *style, bool first, const char *command,
                          const char *what) {
    struct text line = {0};
    text_printf(&line, style->width < MORE_COLUMNS ? "%s" : "%-34s  %s", command, what);
    print_note(out, style, first ? "more" : "", text_string(&line));
    out->failed |= line.failed;
    text_clear(&line);
}

/* Where the rest is: FILE stands for the result file. */
static void print_more(struct text *out, const struct report_style *style, const struct run *run,
                       const struct report_extent *extent, bool overview) {
    const char *name = run->comparisons[0].case_name;
    char lesson[RESULT_NAME + 32];
    if (overview)
        print_command(out, style, true, "countersign show FILE --case NAME", "a case's table and intervals");
    else
        print_command(out, style, true, "countersign show FILE --details", "every counter, memory, spread");
    if (!extent->notes)
        print_command(out, style, false, "countersign show FILE --notes", "also what changes no verdict");
    print_command(out, style, false, "countersign report FILE -o PAGE", "one page, with charts");
    snprintf(lesson, sizeof lesson, "countersign explain %s", overview ? "NAME" : name);
    if (extent->groups && extent->groups->of(extent->groups->context, name))
        print_command(out, style, false, lesson, "why, and where it stops winning");
}

static int print_tables(struct text *out, const struct report_style *style, const struct run *run) {
    int error = 0;
    for (size_t i = 0; i < run->comparison_count && !error; i++)
        if (first_of_case(run, i) == i)
            error = print_case(out, style, run, run->comparisons[i].case_name);
    return error;
}

int report_table(const struct run *run, const struct report_extent *extent, const struct report_style *style,
                 FILE *stream) {
    struct text out = {0};
    struct notes notes = {0};
    bool overview = has_several_cases(run) && !extent->tables;
    if (!run->comparison_count)
        text_wrap(&out, style, "", PAINT_BOLD, "No comparison was completed.");
    int error = overview ? overview_print(&out, style, run, extent->groups) : print_tables(&out, style, run);
    if (!error)
        error = extent->notes ? notes_open(&notes, run) : attention_open(&notes, run);
    if (!error) {
        print_notes(&out, style, &notes, extent->notes);
        if (run->comparison_count)
            print_more(&out, style, run, extent, overview);
        error = text_write(&out, stream);
    }
    notes_close(&notes);
    text_clear(&out);
    return error;
}
