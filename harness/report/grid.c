#include "report/grid.h"

#include "report/commands.h"
#include "report/fits.h"
#include "report/format.h"
#include "report/story.h"
#include "report/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAME_COLUMNS 10 /* a longer name of a variant would widen its column of times */

const char *answer_mark(const struct report_style *style, enum verified verified, bool short_mark) {
    static const char *const marks[2][2][4] = {
        {{"-", "v yes", "v checked", "X wrong"}, {"-", "=", "v", "X"}},
        {{"–", "✓ yes", "✓ checked", "✗ wrong"}, {"–", "=", "✓", "✗"}},
    };
    return marks[style->unicode][short_mark][verified];
}

const char *target_mark(const struct report_style *style) {
    return style->unicode ? "★" : "*";
}

bool earns_star(const struct comparison *comparison) {
    return comparison->target_met && comparison->verdict != VERDICT_INVALID &&
           comparison->verdict != VERDICT_INCONCLUSIVE;
}

/* State while the cells of one row are filled from left to right. */
struct filling {
    const struct report_style *style;
    struct grid_row *row;
    size_t column;
};

void grid_fill(struct grid_row *row, size_t column, const struct report_style *style, const char *string,
               enum paint paint) {
    struct grid_cell *cell = &row->cells[column];
    style_clean(style, string, cell->text, sizeof cell->text);
    cell->paint = paint;
}

static void fill(struct filling *filling, const char *string, enum paint paint) {
    grid_fill(filling->row, filling->column++, filling->style, string, paint);
}

static void fill_text(struct filling *filling, struct text *text, enum paint paint) {
    fill(filling, text_string(text), paint);
    text_clear(text);
}

void grid_add_header(struct grid *grid, const struct report_style *style, const char *name, bool right) {
    style_clean(style, name, grid->headers[grid->columns], sizeof grid->headers[0]);
    grid->right[grid->columns++] = right;
}

static bool several_candidates(const struct case_view *view) {
    return view->count && first_of_candidate(view, view->count - 1) != 0;
}

/* Name of a column of times: the variant's where all rows have that one and it is short. */
static const char *time_header(const struct case_view *view, bool candidate, const char *general) {
    if (!view->count || (candidate && several_candidates(view)))
        return general;
    const char *name = candidate ? view->rows[0]->candidate : view->rows[0]->baseline;
    return style_width(name) <= NAME_COLUMNS ? name : general;
}

/* The source that all told counters have, which then stands once in the header; SOURCE_NONE where they
 * differ. */
static enum counter_source common_source(const struct case_view *view, size_t counters) {
    enum counter_source common = SOURCE_NONE;
    for (size_t i = 0; i < view->count; i++) {
        struct story story;
        story_choose(view->rows[i], &story);
        for (size_t k = 0; k < counters && story.told[k]; k++) {
            if (common != SOURCE_NONE && story.told[k]->source != common)
                return SOURCE_NONE;
            common = story.told[k]->source;
        }
    }
    return common;
}

static void add_counters_header(struct grid *grid, const struct case_view *view,
                                const struct report_style *style, size_t counters) {
    char header[FORMAT_SIZE];
    enum counter_source source = common_source(view, counters);
    grid->source_in_header = source != SOURCE_NONE;
    snprintf(header, sizeof header, source == SOURCE_NONE ? "counters" : "counters (%s)",
             counter_source_name(source));
    grid_add_header(grid, style, header, false);
}

static void add_headers(struct grid *grid, const struct case_view *view, const struct report_style *style,
                        const struct grid_options *options) {
    char interval[FORMAT_SIZE + 16], percent[FORMAT_SIZE];
    format_percent(view->count ? view->rows[0]->confidence : NAN, percent);
    snprintf(interval, sizeof interval, "%s interval", percent);
    for (size_t i = 0; i < view->parameter_count; i++)
        if (view->parameters[i].varies)
            grid_add_header(grid, style, view->parameters[i].name, view->parameters[i].numeric);
    if (several_candidates(view) && !grid->grouped)
        grid_add_header(grid, style, "candidate", false);
    grid_add_header(grid, style, time_header(view, false, "baseline"), true);
    grid_add_header(grid, style, time_header(view, true, "candidate"), true);
    grid_add_header(grid, style, "speedup", true);
    grid_add_header(grid, style, interval, false);
    if (options->counters)
        add_counters_header(grid, view, style, options->counters);
    grid_add_header(grid, style, options->short_marks ? "" : "answer", false);
    grid_add_header(grid, style, "verdict", false);
}

static void fill_parameters(struct filling *filling, const struct case_view *view,
                            const struct comparison *row) {
    for (size_t i = 0; i < view->parameter_count; i++) {
        if (!view->parameters[i].varies)
            continue;
        struct text text = {0};
        const struct point_value *value = point_find(&row->point, view->parameters[i].name);
        if (value)
            format_point_value(value, &text);
        else
            text_add(&text, "–");
        fill_text(filling, &text, PAINT_NONE);
    }
}

static void fill_measured(struct filling *filling, const struct comparison *row) {
    char baseline[FORMAT_SIZE], candidate[FORMAT_SIZE], estimate[FORMAT_SIZE], interval[2 * FORMAT_SIZE];
    bool valid = row->verdict != VERDICT_INVALID;
    struct interval none = {NAN, NAN, NAN};
    format_times(valid ? row->baseline_time.median : NAN, valid ? row->candidate_time.median : NAN, baseline,
                 candidate);
    format_speedup(valid ? row->speedup : none, estimate, interval);
    fill(filling, baseline, PAINT_NONE);
    fill(filling, candidate, PAINT_NONE);
    fill(filling, estimate, style_verdict_paint(row->verdict));
    fill(filling, interval, PAINT_NONE);
}

static void fill_judged(struct filling *filling, const struct comparison *row, bool short_mark) {
    char verdict[48];
    bool met = earns_star(row);
    snprintf(verdict, sizeof verdict, "%s%s%s", verdict_name(row->verdict), met ? " " : "",
             met ? target_mark(filling->style) : "");
    fill(filling, answer_mark(filling->style, row->verified, short_mark),
         row->verified == VERIFIED_WRONG ? PAINT_MAGENTA : PAINT_NONE);
    fill(filling, verdict, style_verdict_paint(row->verdict));
}

/* Why a comparison has no speedup, or what would settle an undecided one. */
static void set_below(struct grid_row *row, const struct story *story, bool counters_below) {
    const struct comparison *comparison = row->comparison;
    if (comparison->verdict == VERDICT_INVALID) {
        text_printf(&row->below, "invalid: %s", format_reason(comparison->reason));
        row->below_paint = PAINT_MAGENTA;
        return;
    }
    if (counters_below && story->told[0])
        story_print(story, STORY_COUNTERS, true, &row->below);
    if (comparison->verdict == VERDICT_INCONCLUSIVE && comparison->reason[0]) {
        text_printf(&row->below, "%sinconclusive: %s", row->below.length ? "; " : "", comparison->reason);
        row->below_paint = PAINT_YELLOW;
    }
}

static void fill_row(struct grid *grid, size_t index, const struct case_view *view,
                     const struct report_style *style, const struct grid_options *options) {
    struct grid_row *row = &grid->rows[index];
    const struct comparison *comparison = row->comparison = view->rows[index];
    struct filling filling = {.style = style, .row = row};
    struct story story;
    const struct measurement *measurement = measurement_of(view->run, comparison);
    story_choose(comparison, &story);
    story.brief = options->short_ratios;
    story.scaled = measurement && measurement->simulation.scaled;
    row->opens_candidate = grid->grouped && first_of_candidate(view, index) == index;
    fill_parameters(&filling, view, comparison);
    if (several_candidates(view) && !grid->grouped)
        fill(&filling, comparison->candidate, PAINT_NONE);
    fill_measured(&filling, comparison);
    if (options->counters) {
        struct text text = {0};
        story_print(&story, options->counters, !grid->source_in_header, &text);
        fill_text(&filling, &text, PAINT_NONE);
    }
    fill_judged(&filling, comparison, options->short_marks);
    set_below(row, &story, !options->counters);
}

int grid_open(struct grid *grid, const struct case_view *view, const struct report_style *style,
              const struct grid_options *options) {
    *grid = (struct grid){.ends_in_verdict = true, .grouped = several_candidates(view) && view->has_axis};
    grid->rows = calloc(view->count + 1, sizeof *grid->rows);
    if (!grid->rows)
        return -ENOMEM;
    add_headers(grid, view, style, options);
    grid->row_count = view->count;
    bool failed = false;
    for (size_t i = 0; i < view->count; i++) {
        fill_row(grid, i, view, style, options);
        failed |= grid->rows[i].below.failed;
    }
    if (failed) {
        grid_close(grid);
        return -ENOMEM;
    }
    return 0;
}

void grid_close(struct grid *grid) {
    for (size_t i = 0; i < grid->row_count; i++) {
        text_clear(&grid->rows[i].above);
        text_clear(&grid->rows[i].below);
    }
    free(grid->rows);
    *grid = (struct grid){0};
}

void case_facts_print(const struct case_view *view, struct text *text) {
    const struct comparison *first = view->rows[0];
    char target[FORMAT_SIZE];
    format_number(first->target, target);
    text_printf(text, "time per %s; baseline: %s", first->item, first->baseline);
    if (!several_candidates(view))
        text_printf(text, "; candidate: %s", first->candidate);
    if (isfinite(first->target) && first->target > 0)
        text_printf(text, "; target: %s×", target);
    for (size_t i = 0; i < view->parameter_count; i++) {
        const struct case_parameter *parameter = &view->parameters[i];
        const struct point_value *value = point_find(&first->point, parameter->name);
        if (!value)
            continue;
        if (parameter->varies) {
            if (strcmp(value->unit, parameter->name) != 0 && value->unit[0] && !format_unit_is_shown(value))
                text_printf(text, "; %s in %s", parameter->name, value->unit);
            continue;
        }
        text_printf(text, "; %s = ", parameter->name);
        format_point_value(value, text);
        if (strcmp(value->unit, parameter->name) != 0 && value->unit[0] && !format_unit_is_shown(value))
            text_printf(text, " %s", value->unit);
    }
}

bool comparison_memory(const struct comparison *row, double *baseline, double *candidate) {
    bool own = false;
    *baseline = row->baseline_resources.peak_rss_bytes;
    *candidate = row->candidate_resources.peak_rss_bytes;
    for (size_t i = 0; i < row->counter_count; i++)
        if (!strcmp(row->counters[i].name, counter_event_info[COUNTER_MEMORY].name) &&
            counter_is_usable(&row->counters[i])) {
            *baseline = row->counters[i].baseline;
            *candidate = row->counters[i].candidate;
            own = true;
        }
    return own;
}

/* The row whose memory changed by most bytes, of those where it changed by more than a tenth. */
static const struct comparison *most_memory_changed(const struct case_view *view) {
    const struct comparison *most = NULL;
    double most_bytes = 0;
    for (size_t i = 0; i < view->count; i++) {
        const struct comparison *row = view->rows[i];
        double before, after;
        comparison_memory(row, &before, &after);
        double bytes = fabs(after - before);
        if (row->verdict != VERDICT_INVALID && fabs(log(after / before)) > log(1.1) && bytes > most_bytes) {
            most = row;
            most_bytes = bytes;
        }
    }
    return most;
}

static void print_at(const struct case_view *view, const struct comparison *row, struct text *text) {
    if (!view->has_axis)
        return;
    text_add(text, " at ");
    case_view_point_text(view, &row->point, true, text);
}

static void memory_print(const struct case_view *view, struct text *text) {
    const struct comparison *row = most_memory_changed(view);
    if (!row)
        return;
    char baseline[FORMAT_SIZE], candidate[FORMAT_SIZE], ratio[FORMAT_SIZE];
    double before, after;
    comparison_memory(row, &before, &after);
    format_bytes(before, baseline);
    format_bytes(after, candidate);
    format_number(after / before, ratio);
    bool peak = isfinite(row->baseline_resources.peak_rss_bytes);
    text_printf(text, "%s: %s against %s", peak ? "peak memory" : "memory of its own", candidate, baseline);
    if (before > 0)
        text_printf(text, " (%s×)", ratio);
    print_at(view, row, text);
}

/* Latencies of the last row that has them. */
static void latency_print(const struct case_view *view, struct text *text) {
    for (size_t i = view->count; i-- > 0;) {
        const struct comparison *row = view->rows[i];
        const struct arm_latency *before = &row->baseline_latency, *after = &row->candidate_latency;
        if (row->verdict == VERDICT_INVALID || !isfinite(before->p50 + before->p99 + after->p50 + after->p99))
            continue;
        char p50[2][FORMAT_SIZE], p99[2][FORMAT_SIZE];
        format_times(before->p50, after->p50, p50[0], p50[1]);
        format_times(before->p99, after->p99, p99[0], p99[1]);
        text_printf(text, "latency: p50 %s against %s, p99 %s against %s", p50[1], p50[0], p99[1], p99[0]);
        print_at(view, row, text);
        return;
    }
}

void candidate_lines(const struct case_view *view, void (*line)(void *context, const char *text),
                     void *context) {
    static void (*const printers[])(const struct case_view *, struct text *) = {
        summary_print, mechanism_print, crossover_print, growth_print,
        scaling_print, memory_print,    latency_print};
    for (size_t i = 0; i < sizeof printers / sizeof *printers; i++) {
        struct text text = {0};
        printers[i](view, &text);
        if (text.length)
            line(context, text_string(&text));
        text_clear(&text);
    }
    command_lines(view, line, context);
}
