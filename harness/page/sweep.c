#include "page/sweep.h"

#include "page/chart.h"
#include "page/names.h"
#include "report/format.h"
#include "report/html.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIT_STEPS 24

/* The swept parameter: its values in order, and where each lies. */
struct axis {
    const struct case_parameter *parameter;
    const struct point_value *values[CHART_POINTS];
    double places[CHART_POINTS];
    size_t count;
    struct scale scale;
};

/* The comparisons of one candidate, or, for times of the baseline, of the first one, by value of the axis. */
struct series {
    const char *name;
    const struct comparison *rows[CHART_POINTS]; /* NULL: none there */
    bool baseline;
};

struct chart {
    const struct case_view *view;
    struct axis axis;
    struct series series[CHART_LINES];
    struct chart_line lines[CHART_LINES]; /* of the series */
    size_t series_count;
    struct scale y;
    bool times;
};

static bool same_value(const struct point_value *first, const struct point_value *second) {
    return first->value == second->value && strcmp(first->choice, second->choice) == 0;
}

static size_t find_value(const struct axis *axis, const struct point_value *value) {
    size_t i = 0;
    while (i < axis->count && !same_value(axis->values[i], value))
        i++;
    return i;
}

static void place_values(struct axis *axis) {
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < axis->count; i++) {
        least = fmin(least, (double)axis->values[i]->value);
        most = fmax(most, (double)axis->values[i]->value);
    }
    struct scale scale = {
        .linear = !(least > 0 && most >= 8 * least), .from = CHART_LEFT + 12, .to = CHART_RIGHT - 12};
    bool choices = !axis->parameter->numeric;
    scale.linear |= choices;
    scale.low = choices ? -0.5 : least;
    scale.high = choices ? (double)axis->count - 0.5 : most;
    for (size_t i = 0; i < axis->count; i++)
        axis->places[i] = scale_at(&scale, choices ? (double)i : (double)axis->values[i]->value);
    axis->scale = scale;
}

/* All of the view, so that charts of its groups have the same axis. */
static void open_axis(struct axis *axis, const struct case_view *view) {
    *axis = (struct axis){.parameter = case_view_axis(view)};
    for (size_t i = 0; i < view->count; i++) {
        const struct point_value *value = point_find(&view->rows[i]->point, axis->parameter->name);
        if (value && find_value(axis, value) == axis->count && axis->count < CHART_POINTS) {
            size_t k = axis->count++;
            for (; k > 0 && axis->parameter->numeric && axis->values[k - 1]->value > value->value; k--)
                axis->values[k] = axis->values[k - 1];
            axis->values[k] = value;
        }
    }
    place_values(axis);
}

static struct series *find_series(struct chart *chart, const char *name) {
    for (size_t i = 0; i < chart->series_count; i++)
        if (strcmp(chart->series[i].name, name) == 0)
            return &chart->series[i];
    if (chart->series_count == CHART_LINES)
        return NULL;
    chart->series[chart->series_count] = (struct series){.name = name};
    return &chart->series[chart->series_count++];
}

static void collect_series(struct chart *chart, const struct point *group) {
    chart->series_count = 0;
    if (chart->times)
        chart->series[chart->series_count++] =
            (struct series){.name = chart->view->rows[0]->baseline, .baseline = true};
    for (size_t i = 0; i < chart->view->count; i++) {
        const struct comparison *row = chart->view->rows[i];
        const struct point_value *value = point_find(&row->point, chart->axis.parameter->name);
        size_t index = value ? find_value(&chart->axis, value) : CHART_POINTS;
        if (index >= chart->axis.count || row->verdict == VERDICT_INVALID ||
            !case_view_same_group(chart->view, group, &row->point))
            continue;
        struct series *series = find_series(chart, row->candidate);
        if (series)
            series->rows[index] = row;
        if (chart->times && !chart->series[0].rows[index])
            chart->series[0].rows[index] = row;
    }
}

/* What a chart shows of one point: its estimate and the ends of its band. */
static struct interval shown(const struct chart *chart, const struct series *series, size_t index) {
    const struct comparison *row = series->rows[index];
    if (!row)
        return (struct interval){NAN, NAN, NAN};
    if (!chart->times)
        return row->speedup;
    const struct time_summary *time = series->baseline ? &row->baseline_time : &row->candidate_time;
    return (struct interval){time->median, time->p5, time->p95};
}

static void collect_lines(struct chart *chart) {
    for (size_t i = 0; i < chart->series_count; i++) {
        struct chart_line *line = &chart->lines[i];
        line->name = chart->series[i].name;
        line->style = (i + !chart->times) % LINE_STYLES;
        line->separate = !chart->axis.parameter->numeric;
        line->count = chart->axis.count;
        memcpy(line->places, chart->axis.places, sizeof line->places);
        for (size_t k = 0; k < chart->axis.count; k++)
            line->values[k] = shown(chart, &chart->series[i], k);
    }
}

static void open_scale(struct chart *chart) {
    struct interval range = {NAN, INFINITY, 0};
    for (size_t i = 0; i < chart->series_count; i++)
        for (size_t k = 0; k < chart->axis.count; k++)
            range_add(&range, chart->lines[i].values[k]);
    chart->y = chart->times
                   ? chart_time_scale(range)
                   : scale_of_ratios(range, chart->view->run->settings.delta, CHART_BOTTOM, CHART_TOP);
}

static void print_axes(const struct chart *chart, struct text *out) {
    double free_from = 0;
    chart_grid(&chart->y, CHART_TICKS, chart->times ? chart_time_label : chart_ratio_label, out);
    for (size_t i = 0; i < chart->axis.count; i++) {
        struct text label = {0};
        format_point_value(chart->axis.values[i], &label);
        chart_tick(chart->axis.places[i], text_string(&label), &free_from, out);
        out->failed |= label.failed;
        text_clear(&label);
    }
    chart_axis_name(chart->axis.parameter->name, out);
}

static void print_delta(const struct chart *chart, struct text *out) {
    double delta = chart->view->run->settings.delta, one = scale_at(&chart->y, 1);
    double top = scale_at(&chart->y, 1 + delta), bottom = scale_at(&chart->y, 1 / (1 + delta));
    text_printf(
        out,
        "<rect class=\"band\" x=\"%.0f\" y=\"%.1f\" width=\"%.0f\" height=\"%.1f\"/><path class=\"one\" "
        "d=\"M%.0f %.1fH%.0f\"/>",
        CHART_LEFT, top, CHART_RIGHT - CHART_LEFT, bottom - top, CHART_LEFT, one, CHART_RIGHT);
}

/* The next place at or behind *at where a claim is followed by one of the opposite direction; false at the end. */
static bool next_turn(const struct chart *chart, const struct series *series, size_t *last, size_t *at) {
    for (; *at < chart->axis.count; ++*at) {
        const struct comparison *row = series->rows[*at];
        if (!row || (row->verdict != VERDICT_FASTER && row->verdict != VERDICT_SLOWER))
            continue;
        if (*last < CHART_POINTS && series->rows[*last]->verdict != row->verdict)
            return true;
        *last = *at;
    }
    return false;
}

/* Where a candidate starts or ceases to win, as a band. */
static void draw_turns(const struct chart *chart, const struct series *series, size_t style,
                       struct text *out) {
    for (size_t last = CHART_POINTS, at = 0; next_turn(chart, series, &last, &at); last = at++) {
        double from = chart->axis.places[last], to = chart->axis.places[at];
        text_printf(out, "<rect class=\"turn s%zu\" x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" height=\"%.0f\"/>",
                    style, from, CHART_TOP, to - from, CHART_BOTTOM - CHART_TOP);
    }
}

/* The same in words. */
static void tell_turns(const struct chart *chart, const struct series *series, struct text *out) {
    for (size_t last = CHART_POINTS, at = 0; next_turn(chart, series, &last, &at); last = at++) {
        struct text text = {0};
        text_printf(&text, "; %s %s to win between %s = ", series->name,
                    series->rows[at]->verdict == VERDICT_FASTER ? "starts" : "ceases",
                    chart->axis.parameter->name);
        format_point_value(chart->axis.values[last], &text);
        text_add(&text, " and ");
        format_point_value(chart->axis.values[at], &text);
        html_add(out, text_string(&text));
        out->failed |= text.failed;
        text_clear(&text);
    }
}

static void print_line(const struct chart *chart, size_t index, struct text *out) {
    const struct chart_line *line = &chart->lines[index];
    chart_path(&chart->y, line, out);
    text_printf(out, chart->times ? "<path class=\"dots s%zu\" d=\"" : "<g class=\"s%zu\">", line->style);
    for (size_t i = 0; i < line->count; i++) {
        double value = line->values[i].estimate;
        if (!isfinite(value))
            continue;
        const char *x = PLACE(line->places[i]), *y = PLACE(scale_at(&chart->y, value));
        if (chart->times)
            text_printf(out, "M%s %sz", x, y);
        else
            text_printf(out, "<use href=\"#m-%s\" x=\"%s\" y=\"%s\"/>",
                        verdict_name(chart->series[index].rows[i]->verdict), x, y);
    }
    text_add(out, chart->times ? "\"/>" : "</g>");
}

/* The growth of a line's variant along the axis, at the other parameters of `group`, where its kind is known; or NULL. */
static const struct growth_fit *find_growth(const struct chart *chart, const struct series *series,
                                            const struct point *group) {
    const struct run *run = chart->view->run;
    for (size_t i = 0; i < run->growth_count && chart->times && chart->axis.parameter->numeric; i++) {
        const struct growth_fit *growth = &run->growth[i];
        bool same = growth_possible(&growth->fit) == 1 && growth->fit.possible[growth->fit.best] &&
                    !strcmp(growth->parameter, chart->axis.parameter->name) &&
                    !strcmp(growth->variant, series->name) &&
                    !strcmp(growth->case_name, chart->view->rows[0]->case_name);
        for (size_t k = 0; k < growth->point.count && same; k++) {
            const struct point_value *value = point_find(group, growth->point.values[k].name);
            same = value && same_value(value, &growth->point.values[k]);
        }
        if (same)
            return growth;
    }
    return NULL;
}

/* What was fitted, over the values that it was fitted to. */
static void draw_growth(const struct chart *chart, const struct growth_fit *growth, size_t style,
                        struct text *out) {
    const struct growth *fit = &growth->fit;
    double ratio = (double)growth->last / (double)growth->first;
    if (growth->first <= 0 || !(ratio > 1))
        return;
    text_printf(out, "<path class=\"fit s%zu\" d=\"", style);
    for (size_t i = 0; i <= FIT_STEPS; i++) {
        double size = (double)growth->first * pow(ratio, (double)i / FIT_STEPS), time = fit->fixed.estimate;
        if (fit->best != GROWTH_CONSTANT)
            time += fit->step.estimate * growth_term(fit->best, size);
        text_printf(out, "%s%s %s", i ? "L" : "M", PLACE(scale_at(&chart->axis.scale, size)),
                    PLACE(scale_at(&chart->y, time)));
    }
    text_add(out, "\"/>");
}

static bool any_growth(const struct chart *chart, const struct point *group) {
    bool any = false;
    for (size_t i = 0; i < chart->series_count; i++)
        any |= find_growth(chart, &chart->series[i], group) != NULL;
    return any;
}

static void print_caption(const struct chart *chart, const struct point *group, struct text *out) {
    struct text where = {0};
    char percent[FORMAT_SIZE];
    case_view_point_text(chart->view, group, false, &where);
    html_add(out, chart->times ? "Time per " : "Speedup over ");
    html_add(out, chart->times ? chart->view->rows[0]->item : chart->view->rows[0]->baseline);
    text_add(out, where.length ? ", " : "");
    html_add(out, text_string(&where));
    format_percent(chart->view->rows[0]->confidence, percent);
    if (chart->times)
        text_printf(out, "; bands from the 5th to the 95th percentile%s",
                    any_growth(chart, group) ? "; dotted: the growth that was fitted" : "");
    else
        text_printf(out, "; bands: %s interval", percent);
    for (size_t i = 0; !chart->times && i < chart->series_count; i++)
        tell_turns(chart, &chart->series[i], out);
    out->failed |= where.failed;
    text_clear(&where);
}

static void print_chart(struct chart *chart, const struct point *group, bool times, struct text *out) {
    chart->times = times;
    collect_series(chart, group);
    collect_lines(chart);
    open_scale(chart);
    if (!(chart->y.high > chart->y.low) || !chart->series_count)
        return;
    text_add(out, "<figure><figcaption>");
    print_caption(chart, group, out);
    chart_open(out);
    print_caption(chart, group, out);
    text_add(out, ", against ");
    html_add(out, chart->axis.parameter->name);
    text_add(out, "; the numbers are in the table below\">");
    for (size_t i = 0; !times && i < chart->series_count; i++)
        draw_turns(chart, &chart->series[i], chart->lines[i].style, out);
    print_axes(chart, out);
    if (!times)
        print_delta(chart, out);
    for (size_t i = 0; i < chart->series_count; i++)
        chart_band(&chart->y, &chart->lines[i], out);
    for (size_t i = 0; i < chart->series_count; i++)
        print_line(chart, i, out);
    for (size_t i = 0; i < chart->series_count; i++) {
        const struct growth_fit *growth = find_growth(chart, &chart->series[i], group);
        if (growth)
            draw_growth(chart, growth, chart->lines[i].style, out);
    }
    chart_names(&chart->y, chart->lines, chart->series_count, out);
    text_add(out, "</svg></figure>");
}

/* Whether no row before it is of the same combination. */
static bool opens_group(const struct case_view *view, size_t row) {
    for (size_t i = 0; i < row; i++)
        if (case_view_same_group(view, &view->rows[i]->point, &view->rows[row]->point))
            return false;
    return true;
}

int sweep_print(const struct case_view *view, struct text *out) {
    if (!view->count || !view->has_axis)
        return 0;
    struct chart *chart = calloc(1, sizeof *chart);
    if (!chart)
        return -ENOMEM;
    chart->view = view;
    open_axis(&chart->axis, view);
    text_add(out, "<div class=\"charts\">");
    for (size_t i = 0; i < view->count; i++)
        if (opens_group(view, i)) {
            print_chart(chart, &view->rows[i]->point, false, out);
            print_chart(chart, &view->rows[i]->point, true, out);
        }
    text_add(out, "</div>");
    free(chart);
    return 0;
}
