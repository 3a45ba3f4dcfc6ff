/* The counters of one comparison as rows of text. */
#include "report/details.h"

#include "report/format.h"
#include "report/story.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define VARIANT_COLUMNS 16 /* a longer name of a variant would widen its column */

static void add_headers(struct grid *grid, const struct comparison *comparison,
                        const struct report_style *style, const struct details_options *options) {
    char item[RESULT_NAME + 8], variants[2][4 * VARIANT_COLUMNS + 8], percent[FORMAT_SIZE],
        interval[FORMAT_SIZE + 16];
    snprintf(item, sizeof item, "per %s", comparison->item);
    snprintf(variants[0], sizeof variants[0], "%.64s", comparison->baseline);
    snprintf(variants[1], sizeof variants[1], "%.64s", comparison->candidate);
    format_percent(comparison->confidence, percent);
    snprintf(interval, sizeof interval, "%s interval", percent);
    grid_add_header(grid, style, item, false);
    for (int i = 0; i < 2; i++) {
        style_cut(style, variants[i], VARIANT_COLUMNS);
        grid_add_header(grid, style, variants[i], true);
        if (options->half_widths)
            grid_add_header(grid, style, "", false);
    }
    grid_add_header(grid, style, "ratio", true);
    grid_add_header(grid, style, interval, false);
    grid_add_header(grid, style, "source", false);
    if (options->trust)
        grid_add_header(grid, style, "trust", false);
}

static bool is_whole(const struct counter_result *counter) {
    return counter_is_whole(counter_event_by_name(counter->name));
}

/* Worth a row. A variant without a table of its own has no time to build it: the other's is told all the same. */
static bool is_shown(const struct counter_result *counter) {
    bool one = is_whole(counter) && (isfinite(counter->baseline) || isfinite(counter->candidate));
    return (counter_is_usable(counter) || one) && !counter_is_zero(counter);
}

/* Half-width of a value's interval; nothing for what is exact or has none. */
static void print_half_width(struct interval interval, struct text *text) {
    double half = fmax(interval.high - interval.estimate, interval.estimate - interval.low);
    char width[FORMAT_SIZE];
    if (!isfinite(half) || half <= 0 || interval.estimate <= 0)
        return;
    format_half_width(interval, width);
    text_add(text, width);
}

/* State while the cells of one row are filled from left to right. */
struct filling {
    struct grid_row *row;
    const struct report_style *style;
    size_t column;
};

static void fill(struct filling *filling, struct text *text) {
    grid_fill(filling->row, filling->column++, filling->style, text_string(text), PAINT_NONE);
    text_clear(text);
}

static void exact_text(double value, char number[FORMAT_SIZE]) {
    if (value == floor(value) && fabs(value) < 1e15)
        snprintf(number, FORMAT_SIZE, "%.0f", value + 0.0); /* no "-0" */
    else
        number_brief(value, 6, number);
}

/* What is exact is worth more digits than what is measured. */
static void format_value(double value, struct interval interval, char number[FORMAT_SIZE]) {
    if (isfinite(value) && interval.low == interval.high)
        exact_text(value, number);
    else
        format_number(value, number);
}

static void fill_value(struct filling *filling, double value, struct interval interval, bool estimate,
                       const struct details_options *options) {
    char number[FORMAT_SIZE];
    struct text text = {0};
    format_value(value, interval, number);
    text_printf(&text, "%s%s", estimate ? "≈" : "", number);
    fill(filling, &text);
    if (!options->half_widths)
        return;
    print_half_width(interval, &text);
    fill(filling, &text);
}

/* A ratio without a spread has no half-width to take its digits from. */
static void format_ratio(struct interval ratio, char estimate[FORMAT_SIZE], char interval[2 * FORMAT_SIZE]) {
    char number[FORMAT_SIZE];
    format_speedup(ratio, estimate, interval);
    if (!isfinite(ratio.estimate) || ratio.low != ratio.high)
        return;
    format_number(ratio.estimate, number);
    snprintf(estimate, FORMAT_SIZE, "%.30s×", number);
    snprintf(interval, 2 * FORMAT_SIZE, "[%.30s, %.30s]", number, number);
}

static void fill_ratio(struct filling *filling, const struct counter_result *counter, bool scaled) {
    char estimate[FORMAT_SIZE], interval[2 * FORMAT_SIZE];
    bool known = isfinite(counter->ratio.estimate), simulated = counter->source == SOURCE_SIM;
    bool exact = known && simulated && counter->ratio.low == counter->ratio.high;
    struct text text = {0};
    format_ratio(counter->ratio, estimate, interval);
    text_printf(&text, "%s%s%s", known && counter_is_estimate(counter, scaled) ? "≈" : "", estimate,
                known && scaled && simulated ? SCALED_MARK : "");
    fill(filling, &text);
    text_add(&text, exact ? "exact" : interval);
    fill(filling, &text);
}

/* Per item unless the name says otherwise: "task-clock, ns", "memory, bytes in all". */
static void fill_name(struct filling *filling, const struct counter_result *counter) {
    bool whole = is_whole(counter), has_unit = strcmp(counter->unit, "ns") == 0 || whole;
    struct text text = {0};
    text_printf(&text, "%s%s%s%s%s", counter->name, has_unit ? ", " : "", has_unit ? counter->unit : "",
                whole && strcmp(counter->unit, "ns") ? "s" : "", whole ? " in all" : "");
    fill(filling, &text);
}

static void fill_row(struct grid_row *row, const struct counter_result *counter, bool scaled,
                     const struct report_style *style, const struct details_options *options) {
    struct filling filling = {.row = row, .style = style};
    bool estimate = counter_is_estimate(counter, scaled);
    struct text text = {0};
    fill_name(&filling, counter);
    fill_value(&filling, counter->baseline, counter->baseline_interval, estimate, options);
    fill_value(&filling, counter->candidate, counter->candidate_interval, estimate, options);
    fill_ratio(&filling, counter, scaled);
    text_add(&text, counter_source_name(counter->source));
    fill(&filling, &text);
    text_add(&text, counter_trust_name(counter->trust));
    if (options->trust)
        fill(&filling, &text);
    text_clear(&text);
}

int details_grid_open(struct grid *grid, const struct run *run, const struct comparison *comparison,
                      const struct report_style *style, const struct details_options *options) {
    const struct measurement *measurement = measurement_of(run, comparison);
    bool scaled = measurement && measurement->simulation.scaled;
    *grid = (struct grid){0};
    grid->rows = calloc(comparison->counter_count + 1, sizeof *grid->rows);
    if (!grid->rows)
        return -ENOMEM;
    add_headers(grid, comparison, style, options);
    for (size_t i = 0; i < comparison->counter_count; i++) {
        const struct counter_result *counter = &comparison->counters[i];
        if (!is_shown(counter))
            continue;
        struct grid_row *row = &grid->rows[grid->row_count++];
        row->comparison = comparison;
        fill_row(row, counter, scaled, style, options);
    }
    return 0;
}
