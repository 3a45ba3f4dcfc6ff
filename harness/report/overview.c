#include "report/overview.h"

#include "report/case_view.h"
#include "report/format.h"
#include "report/grid.h"
#include "report/overview_where.h"
#include "report/story.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INDENT 2     /* columns before a candidate that stands below its case */
#define FEW_CASES 12 /* of more a case has no line of its own: it stands before its first candidate */

const enum verdict overview_verdicts[OVERVIEW_VERDICTS] = {VERDICT_FASTER, VERDICT_SLOWER, VERDICT_EQUIVALENT,
                                                           VERDICT_INCONCLUSIVE, VERDICT_INVALID};

const char *verdict_mark(enum verdict verdict) {
    static const char *const marks[] = {[VERDICT_FASTER] = "▲",
                                        [VERDICT_SLOWER] = "▼",
                                        [VERDICT_EQUIVALENT] = "■",
                                        [VERDICT_INCONCLUSIVE] = "◇",
                                        [VERDICT_INVALID] = "✕"};
    return marks[verdict];
}

/* From the fullest to the barest; the first that fits the width is printed. Without a column what tells why goes below. */
static const struct layout {
    size_t label; /* columns of names; the case's table has them whole */
    size_t faster_where, slower_where,
        why;    /* columns that such a cell may take; 0: there is no such column */
    bool brief; /* two digits of a counter's ratio instead of three */
} layouts[] = {{48, 40, 40, 40, false}, {40, 24, 24, 30, false}, {30, 20, 18, 28, true},
               {30, 20, 14, 24, true},  {30, 16, 14, 23, true},  {30, 13, 13, 21, true},
               {30, 13, 0, 23, true},   {30, 13, 0, 21, true},   {30, 10, 0, 21, true},
               {30, 10, 0, 18, true},   {30, 0, 0, 18, true},    {26, 0, 0, 18, true},
               {22, 0, 0, 18, true},    {22, 0, 0, 0, true}};
#define LAYOUTS (sizeof layouts / sizeof *layouts)

/* What is printed, and how. */
struct overview {
    const struct run *run;
    const struct report_style *style;
    const struct report_groups *groups;
    bool counted[OVERVIEW_VERDICTS]; /* whether any comparison has it */
    bool grouped, dense;
};

static const char *group_of(const struct overview *overview, const char *case_name) {
    const char *group = overview->groups ? overview->groups->of(overview->groups->context, case_name) : NULL;
    return group ? group : "other";
}

static void add_count_header(struct grid *grid, const struct report_style *style, enum verdict verdict) {
    grid->close[grid->columns] = grid->columns > 1;
    grid_add_header(grid, style, verdict_mark(verdict), true);
}

static bool is_counted(const struct overview *overview, enum verdict verdict) {
    for (size_t i = 0; i < OVERVIEW_VERDICTS; i++)
        if (overview_verdicts[i] == verdict)
            return overview->counted[i];
    return false;
}

/* None where nothing in the run is faster, or slower. */
static void add_factor_headers(struct grid *grid, const struct overview *overview, enum verdict verdict,
                               const char *name, size_t where_columns) {
    if (!is_counted(overview, verdict))
        return;
    grid_add_header(grid, overview->style, name, true);
    if (where_columns)
        grid_add_header(grid, overview->style, "where", false);
}

static void add_headers(struct grid *grid, const struct overview *overview, const struct layout *layout) {
    const struct report_style *style = overview->style;
    grid_add_header(grid, style, "candidate", false);
    for (size_t i = 0; i < OVERVIEW_VERDICTS; i++)
        if (overview->counted[i])
            add_count_header(grid, style, overview_verdicts[i]);
    add_factor_headers(grid, overview, VERDICT_FASTER, "faster", layout->faster_where);
    add_factor_headers(grid, overview, VERDICT_SLOWER, "slower", layout->slower_where);
    if (layout->why)
        grid_add_header(grid, style, "why", false);
}

/* In so many columns; the mark of what was cut needs some that are. */
static void cut(const struct report_style *style, char *string, size_t columns) {
    size_t over = style_width(string) > columns ? style_width(string) - columns : 0;
    style_cut(style, string, columns > 2 && over == 1 ? columns - 1 : columns);
}

/* "instructions 0.083× sim" in so many columns: the number is never cut, the name may be. */
static void print_counter(const struct overview *overview, const struct comparison *comparison,
                          const struct layout *layout, struct text *text) {
    const struct measurement *measurement = measurement_of(overview->run, comparison);
    struct story story;
    story_choose(comparison, &story);
    story.scaled = measurement && measurement->simulation.scaled;
    story.brief = layout->brief;
    story_print(&story, 1, true, text);
    size_t width = style_width(text_string(text));
    if (!story.told[0] || !layout->why || width <= layout->why)
        return;
    struct counter_result shortened = *story.told[0];
    size_t name = style_width(shortened.name), over = width - layout->why;
    cut(overview->style, shortened.name, name > over + 3 ? name - over : 3);
    story.told[0] = &shortened;
    text_clear(text);
    story_print(&story, 1, true, text);
}

static bool all_identical(const struct case_view *view) {
    for (size_t i = 0; i < view->count; i++)
        if (!view->rows[i]->identical_code)
            return false;
    return view->count > 0;
}

static void print_why(const struct overview *overview, const struct case_view *view,
                      const struct layout *layout, struct text *text) {
    const struct comparison *row = telling_row(view);
    if (row->verdict == VERDICT_INVALID)
        text_add(text, "see below");
    else if (all_identical(view))
        text_add(text, layout->why < 17 ? "same code" : "same machine code");
    else
        print_counter(overview, row, layout, text);
}

/* Fills cells of a row from left to right. */
struct filling {
    const struct overview *overview;
    struct grid_row *row;
    size_t column;
};

static void fill(struct filling *filling, struct text *text, enum paint paint) {
    grid_fill(filling->row, filling->column++, filling->overview->style, text_string(text), paint);
    filling->row->below.failed |= text->failed;
    text_clear(text);
}

static void fill_counts(struct filling *filling, const struct case_view *view) {
    for (size_t i = 0; i < OVERVIEW_VERDICTS; i++) {
        struct text text = {0};
        size_t count = verdict_count(view, overview_verdicts[i]);
        if (!filling->overview->counted[i])
            continue;
        if (count)
            text_printf(&text, "%zu", count);
        fill(filling, &text, style_verdict_paint(overview_verdicts[i]));
    }
}

static void fill_factors(struct filling *filling, const struct case_view *view, enum verdict verdict,
                         size_t where_columns) {
    struct text factors = {0}, where = {0};
    if (!is_counted(filling->overview, verdict))
        return;
    if (verdict_count(view, verdict))
        factors_print(view, verdict, &factors);
    fill(filling, &factors, style_verdict_paint(verdict));
    if (!where_columns)
        return;
    where_print(view, verdict, where_columns, &where);
    fill(filling, &where, PAINT_NONE);
}

/* Columns of the longest name of a candidate of this case. */
static size_t candidate_columns(const struct overview *overview, const char *case_name) {
    const struct run *run = overview->run;
    size_t most = 0;
    for (size_t i = 0; i < run->comparison_count; i++) {
        char name[2 * RESULT_NAME];
        if (strcmp(run->comparisons[i].case_name, case_name))
            continue;
        style_clean(overview->style, run->comparisons[i].candidate, name, sizeof name);
        most = style_width(name) > most ? style_width(name) : most;
    }
    return most;
}

/* "soa"; where cases have no lines, "aos-vs-soa soa" of the first, and the others below "soa". Names that do not fit
   side by side stand below each other: a name that is cut can be asked for by nobody. */
static void fill_label(struct filling *filling, bool opens_case, size_t columns) {
    const struct overview *overview = filling->overview;
    const struct comparison *comparison = filling->row->comparison;
    char name[2 * RESULT_NAME], candidate[2 * RESULT_NAME];
    struct text text = {0};
    style_clean(overview->style, comparison->case_name, name, sizeof name);
    style_clean(overview->style, comparison->candidate, candidate, sizeof candidate);
    size_t before = overview->dense ? style_width(name) + 1 : 0;
    bool apart = overview->dense && before + candidate_columns(overview, comparison->case_name) > columns;
    if (apart) {
        before = INDENT;
        if (opens_case) {
            cut(overview->style, name, overview->style->width - INDENT);
            text_repeat(&filling->row->above, " ", overview->grouped ? INDENT : 0);
            text_paint(&filling->row->above, overview->style, PAINT_BOLD, name);
        }
    }
    cut(overview->style, candidate, columns - before);
    bool beside = overview->dense && opens_case && !apart;
    if (beside)
        text_printf(&text, "%s ", name);
    else
        text_repeat(&text, " ", before);
    text_add(&text, candidate);
    fill(filling, &text, beside ? PAINT_BOLD : PAINT_NONE);
}

static void fill_candidate(struct grid_row *row, const struct overview *overview,
                           const struct case_view *view, const struct layout *layout, bool opens_case) {
    struct filling filling = {overview, row, 0};
    struct text why = {0};
    row->comparison = telling_row(view);
    fill_label(&filling, opens_case, layout->label);
    fill_counts(&filling, view);
    fill_factors(&filling, view, VERDICT_FASTER, layout->faster_where);
    fill_factors(&filling, view, VERDICT_SLOWER, layout->slower_where);
    print_why(overview, view, layout, &why);
    if (layout->why)
        fill(&filling, &why, PAINT_NONE);
    else
        text_printf(&row->below, "why: %s", text_string(&why));
    text_clear(&why);
}

/* "aos-vs-soa against aos: Array of structs against struct of arrays", in one line. */
static void print_case_line(const struct overview *overview, const struct comparison *first,
                            struct text *out) {
    const struct report_style *style = overview->style;
    char name[2 * RESULT_NAME], rest[2 * sizeof first->case_title + 2 * RESULT_NAME + 32], line[sizeof rest];
    style_clean(style, first->case_name, name, sizeof name);
    snprintf(line, sizeof line, " against %s%s%s", first->baseline, first->case_title[0] ? ": " : "",
             first->case_title);
    style_clean(style, line, rest, sizeof rest);
    style_cut(style, name, style->width);
    style_cut(style, rest, style->width - style_width(name));
    text_paint(out, style, PAINT_BOLD, name);
    text_paint(out, style, PAINT_DIM, rest);
}

static bool opens_candidate(const struct run *run, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (!strcmp(run->comparisons[i].case_name, run->comparisons[index].case_name) &&
            !strcmp(run->comparisons[i].candidate, run->comparisons[index].candidate))
            return false;
    return true;
}

/* Rows of one case, in the order of its candidates. */
static int add_case(struct grid *grid, const struct overview *overview, const struct layout *layout,
                    size_t first) {
    const struct run *run = overview->run;
    const char *name = run->comparisons[first].case_name;
    for (size_t i = first; i < run->comparison_count; i++) {
        struct case_view view;
        struct grid_row *row = &grid->rows[grid->row_count];
        if (strcmp(run->comparisons[i].case_name, name) || !opens_candidate(run, i))
            continue;
        int status = case_view_open(&view, run, name, run->comparisons[i].candidate);
        if (status)
            return status;
        grid->row_count++;
        if (i == first && !overview->dense)
            print_case_line(overview, &run->comparisons[i], &row->above);
        fill_candidate(row, overview, &view, layout, i == first);
        case_view_close(&view);
    }
    return 0;
}

/* Rows of all cases of the group of the case that begins at `first`; none where it was begun by an earlier one. */
static int add_group(struct grid *grid, const struct overview *overview, const struct layout *layout,
                     size_t first) {
    const struct run *run = overview->run;
    const char *group = group_of(overview, run->comparisons[first].case_name);
    size_t row = grid->row_count;
    int status = 0;
    for (size_t i = 0; i < run->comparison_count && !status; i++) {
        if (first_of_case(run, i) != i || strcmp(group_of(overview, run->comparisons[i].case_name), group))
            continue;
        if (i < first)
            return 0;
        status = add_case(grid, overview, layout, i);
    }
    if (overview->grouped)
        grid->rows[row].opens_group = group;
    return status;
}

static int open_grid(struct grid *grid, const struct overview *overview, const struct layout *layout) {
    *grid = (struct grid){.rows = calloc(overview->run->comparison_count + 1, sizeof *grid->rows)};
    int status = grid->rows ? 0 : -ENOMEM;
    if (status == 0)
        add_headers(grid, overview, layout);
    for (size_t i = 0; i < overview->run->comparison_count && status == 0; i++)
        if (first_of_case(overview->run, i) == i)
            status = add_group(grid, overview, layout, i);
    for (size_t i = 0; i < grid->row_count && status == 0; i++)
        status = grid->rows[i].above.failed || grid->rows[i].below.failed ? -ENOMEM : 0;
    if (status)
        grid_close(grid);
    return status;
}

static void look_over(struct overview *overview) {
    const struct run *run = overview->run;
    size_t cases = 0;
    for (size_t i = 0; i < run->comparison_count; i++) {
        const struct report_groups *groups = overview->groups;
        cases += first_of_case(run, i) == i;
        overview->grouped |= groups && groups->of(groups->context, run->comparisons[i].case_name);
        for (size_t k = 0; k < OVERVIEW_VERDICTS; k++)
            overview->counted[k] |= run->comparisons[i].verdict == overview_verdicts[k];
    }
    overview->dense = cases > FEW_CASES;
}

int overview_print(struct text *out, const struct report_style *style, const struct run *run,
                   const struct report_groups *groups) {
    struct overview overview = {.run = run, .style = style, .groups = groups};
    look_over(&overview);
    for (size_t i = 0; i < LAYOUTS; i++) {
        struct grid grid;
        int status = open_grid(&grid, &overview, &layouts[i]);
        if (status)
            return status;
        bool fits = grid_width(&grid) <= style->width;
        if (fits)
            grid_print(out, style, &grid);
        else if (i + 1 == LAYOUTS)
            grid_print_stacked(out, style, &grid);
        grid_close(&grid);
        if (fits)
            break;
    }
    return 0;
}
