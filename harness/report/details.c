/* The details of comparisons, for the terminal and as Markdown. */
#include "report/details.h"

#include "base/numbers.h"
#include "report/markdown.h"

#include <stdlib.h>
#include <string.h>

#define INDENT "  "
#define LABEL_WIDTH 12

/* Contents of the rows from the fullest to the barest; the first that fits the width is printed. */
static const struct details_options layouts[] = {{.half_widths = true, .trust = true},
                                                 {.half_widths = true, .trust = false},
                                                 {.half_widths = false, .trust = true},
                                                 {.half_widths = false, .trust = false}};
#define LAYOUTS (sizeof layouts / sizeof *layouts)

static bool value_is(const struct point_value *value, const char *wanted) {
    if (value->choice[0])
        return strcmp(value->choice, wanted) == 0;
    int64_t number;
    return number_read_whole(wanted, strlen(wanted), &number) && number == value->value;
}

bool report_filter_matches(const struct report_filter *filter, const struct comparison *comparison) {
    if (filter->case_name && strcmp(filter->case_name, comparison->case_name) != 0)
        return false;
    for (size_t i = 0; i < filter->where_count; i++) {
        const struct point_value *value = point_find(&comparison->point, filter->where[i].parameter);
        if (!value || !value_is(value, filter->where[i].value))
            return false;
    }
    return true;
}

static int print_counters(struct text *out, const struct report_style *style, const struct run *run,
                          const struct comparison *comparison) {
    for (size_t layout = 0; layout < LAYOUTS; layout++) {
        struct grid grid;
        int error = details_grid_open(&grid, run, comparison, style, &layouts[layout]);
        if (error)
            return error;
        bool fits = grid_width(&grid) <= style->width;
        if (!grid.row_count)
            text_add(out, INDENT "no counter\n");
        else if (fits)
            grid_print(out, style, &grid);
        else if (layout + 1 == LAYOUTS)
            grid_print_stacked(out, style, &grid);
        fits |= !grid.row_count;
        grid_close(&grid);
        if (fits)
            break;
    }
    return 0;
}

/* Labelled lines; a label that repeats is printed once. */
static void print_lines(struct text *out, const struct report_style *style, const char *indent,
                        const struct notes *notes) {
    for (size_t i = 0; i < notes->count; i++) {
        struct text lead = {0};
        const char *label = notes->items[i].label;
        bool repeated = i && strcmp(label, notes->items[i - 1].label) == 0;
        char clean[4 * LABEL_WIDTH];
        style_clean(style, repeated ? "" : label, clean, sizeof clean);
        text_printf(&lead, "%s%s", indent, clean);
        text_repeat(&lead, " ", LABEL_WIDTH - style_width(clean));
        text_wrap(out, style, text_string(&lead), PAINT_NONE, text_string(&notes->items[i].text));
        out->failed |= lead.failed;
        text_clear(&lead);
    }
}

static int print_comparison(struct text *out, const struct report_style *style, const struct run *run,
                            const struct comparison *comparison) {
    struct text heading = {0}, verdict = {0};
    struct notes lines;
    details_print_heading(comparison, &heading);
    text_wrap(out, style, "", PAINT_BOLD, text_string(&heading));
    details_print_verdict(comparison, style, &verdict);
    text_wrap(out, style, INDENT, style_verdict_paint(comparison->verdict), text_string(&verdict));
    out->failed |= heading.failed || verdict.failed;
    text_clear(&heading);
    text_clear(&verdict);
    text_add(out, "\n");
    int error = print_counters(out, style, run, comparison);
    if (error)
        return error;
    text_add(out, "\n");
    error = details_lines_open(&lines, run, comparison);
    if (error)
        return error;
    print_lines(out, style, INDENT, &lines);
    text_add(out, lines.count ? "\n" : "");
    notes_close(&lines);
    return 0;
}

int report_details(const struct run *run, const struct report_filter *filter,
                   const struct report_style *style, FILE *stream) {
    struct text out = {0};
    struct notes notes;
    int error = 0;
    for (size_t i = 0; i < run->comparison_count && !error; i++)
        if (report_filter_matches(filter, &run->comparisons[i]))
            error = print_comparison(&out, style, run, &run->comparisons[i]);
    if (!error && !out.length)
        text_wrap(&out, style, "", PAINT_BOLD, "No such comparison.");
    if (!error)
        error = notes_open_details(&notes, run);
    if (!error) {
        text_rule(&out, style);
        print_lines(&out, style, "", &notes);
        notes_close(&notes);
        error = text_write(&out, stream);
    }
    text_clear(&out);
    return error;
}

static void print_markdown_lines(struct text *out, const struct notes *notes) {
    for (size_t i = 0; i < notes->count; i++) {
        text_printf(out, "- **%s** ", notes->items[i].label);
        markdown_add(out, text_string(&notes->items[i].text));
        text_add(out, "\n");
    }
    text_add(out, notes->count ? "\n" : "");
}

static int print_markdown_comparison(struct text *out, const struct run *run,
                                     const struct comparison *comparison) {
    struct text heading = {0}, verdict = {0};
    struct notes lines;
    struct grid grid;
    details_print_heading(comparison, &heading);
    details_print_verdict(comparison, &markdown_style, &verdict);
    text_add(out, "## ");
    markdown_add(out, text_string(&heading));
    text_add(out, "\n\n");
    markdown_add(out, text_string(&verdict));
    text_add(out, "\n\n");
    out->failed |= heading.failed || verdict.failed;
    text_clear(&heading);
    text_clear(&verdict);
    int error = details_grid_open(&grid, run, comparison, &markdown_style, &layouts[0]);
    if (error)
        return error;
    if (grid.row_count)
        grid_print_markdown(out, &grid);
    text_add(out, grid.row_count ? "\n" : "no counter\n\n");
    grid_close(&grid);
    error = details_lines_open(&lines, run, comparison);
    if (error)
        return error;
    print_markdown_lines(out, &lines);
    notes_close(&lines);
    return 0;
}

int report_details_markdown(const struct run *run, const struct report_filter *filter, FILE *stream) {
    struct text out = {0};
    struct notes notes;
    int error = 0;
    for (size_t i = 0; i < run->comparison_count && !error; i++)
        if (report_filter_matches(filter, &run->comparisons[i]))
            error = print_markdown_comparison(&out, run, &run->comparisons[i]);
    if (!error && !out.length)
        text_add(&out, "No such comparison.\n\n");
    if (!error)
        error = notes_open_details(&notes, run);
    if (!error) {
        text_add(&out, "## Notes\n\n");
        print_markdown_lines(&out, &notes);
        notes_close(&notes);
        error = text_write(&out, stream);
    }
    text_clear(&out);
    return error;
}
