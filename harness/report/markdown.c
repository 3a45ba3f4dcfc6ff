#include "report/markdown.h"
#include "report/grid.h"
#include "report/notes.h"
#include "report/story.h"
#include "report/text.h"

#include <stdlib.h>
#include <string.h>

/* Reasons, which a table's row has no room for. */
static void print_below(struct text *out, const struct case_view *view, const struct grid *grid) {
    for (size_t i = 0; i < grid->row_count; i++) {
        const struct grid_row *row = &grid->rows[i];
        if (!row->below.length)
            continue;
        struct text subject = {0};
        text_add(&subject, row->comparison->candidate);
        text_add(&subject, view->has_axis ? ", " : "");
        case_view_point_text(view, &row->comparison->point, true, &subject);
        text_add(out, "- ");
        markdown_add(out, text_string(&subject));
        text_add(out, ": ");
        markdown_add(out, text_string(&row->below));
        text_add(out, "\n");
        out->failed |= subject.failed;
        text_clear(&subject);
    }
}

static void print_line(void *context, const char *string) {
    struct text *out = context;
    text_add(out, "- ");
    markdown_add(out, string);
    text_add(out, "\n");
}

static int print_candidates(struct text *out, const struct case_view *view) {
    for (size_t row = 0; row < view->count; row++) {
        if (first_of_candidate(view, row) != row)
            continue;
        struct case_view one;
        int error = case_view_open(&one, view->run, view->rows[row]->case_name, view->rows[row]->candidate);
        if (error)
            return error;
        candidate_lines(&one, print_line, out);
        case_view_close(&one);
    }
    return 0;
}

static int print_case(struct text *out, const struct run *run, const char *name) {
    struct case_view view;
    struct grid grid;
    struct text facts = {0};
    int error = case_view_open(&view, run, name, NULL);
    if (error)
        return error;
    error = grid_open(&grid, &view, &markdown_style, &(struct grid_options){.counters = STORY_COUNTERS});
    if (error) {
        case_view_close(&view);
        return error;
    }
    text_add(out, "## ");
    markdown_add(out, name);
    text_add(out, view.rows[0]->case_title[0] ? ": " : "");
    markdown_add(out, view.rows[0]->case_title);
    text_add(out, "\n\n");
    case_facts_print(&view, &facts);
    markdown_add(out, text_string(&facts));
    text_add(out, "\n\n");
    grid_print_markdown(out, &grid);
    text_add(out, "\n");
    print_below(out, &view, &grid);
    error = print_candidates(out, &view);
    text_add(out, "\n");
    out->failed |= facts.failed;
    text_clear(&facts);
    grid_close(&grid);
    case_view_close(&view);
    return error;
}

static int print_notes(struct text *out, const struct run *run) {
    struct notes notes;
    int error = notes_open(&notes, run);
    if (error)
        return error;
    text_add(out, "## Notes\n\n");
    for (size_t i = 0; i < notes.count; i++) {
        text_printf(out, "- **%s** ", notes.items[i].label);
        markdown_add(out, text_string(&notes.items[i].text));
        text_add(out, "\n");
    }
    notes_close(&notes);
    return 0;
}

int report_markdown(const struct run *run, FILE *stream) {
    struct text out = {0};
    int error = 0;
    if (!run->comparison_count)
        text_add(&out, "No comparison was completed.\n\n");
    for (size_t i = 0; i < run->comparison_count && !error; i++)
        if (first_of_case(run, i) == i)
            error = print_case(&out, run, run->comparisons[i].case_name);
    if (!error)
        error = print_notes(&out, run);
    if (!error)
        error = text_write(&out, stream);
    text_clear(&out);
    return error;
}
