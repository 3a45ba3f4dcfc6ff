#include "page/scaling.h"

#include "page/chart.h"
#include "page/names.h"
#include "report/format.h"
#include "report/html.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define THREADS "threads"
#define TICKS 8
#define STEPS 48
#define PEAK_HEIGHT 15.0
#define MOST_CURVES 16
#define PEAK_REACH 4.0 /* a peak beyond so many times the threads that were measured is told, not drawn */

/* A variant: its fit, where it was measured, and the time of one thread by either law. */
struct curve {
    const struct scaling_fit *scaling;
    const struct comparison **rows; /* of each number of threads the one that was fitted */
    size_t count;
    double one_usl, one_amdahl;
};

struct chart {
    const struct case_view *view;
    struct curve curves[MOST_CURVES];
    size_t count;
    struct scale x, y;
};

static double usl_share(const struct scaling *fit, double threads) {
    return (1 + fit->contention.estimate * (threads - 1) +
            fit->coherence.estimate * threads * (threads - 1)) /
           threads;
}

static double amdahl_share(const struct scaling *fit, double threads) {
    return fit->serial.estimate + (1 - fit->serial.estimate) / threads;
}

static const struct time_summary *time_of(const struct curve *curve, size_t index) {
    const struct comparison *row = curve->rows[index];
    bool candidate = strcmp(row->candidate, curve->scaling->variant) == 0;
    return candidate ? &row->candidate_time : &row->baseline_time;
}

static double threads_of(const struct comparison *row) {
    const struct point_value *value = point_find(&row->point, THREADS);
    return value && !value->choice[0] ? (double)value->value : NAN;
}

/* One thread's time, of which a law tells the shares: what makes the sum of squares of relative errors least. */
static double fit_one(const struct curve *curve, double (*share)(const struct scaling *, double)) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < curve->count; i++) {
        double ratio = share(&curve->scaling->fit, threads_of(curve->rows[i])) / time_of(curve, i)->median;
        sum += ratio;
        squares += ratio * ratio;
    }
    return sum / squares;
}

static void keep_row(struct curve *curve, const struct comparison *row) {
    size_t i = 0;
    while (i < curve->count && threads_of(curve->rows[i]) < threads_of(row))
        i++;
    if (i < curve->count && threads_of(curve->rows[i]) == threads_of(row)) {
        if (row->replicates > curve->rows[i]->replicates)
            curve->rows[i] = row;
        return;
    }
    memmove(&curve->rows[i + 1], &curve->rows[i], (curve->count++ - i) * sizeof(const struct comparison *));
    curve->rows[i] = row;
}

/* In the order in which the fit chose among them. 0 or -ENOMEM. */
static int open_curve(struct curve *curve, const struct case_view *view, const struct scaling_fit *scaling) {
    *curve = (struct curve){.scaling = scaling,
                            .rows = calloc(view->run->comparison_count + 1, sizeof(struct comparison *))};
    if (!curve->rows)
        return -ENOMEM;
    for (size_t i = 0; i < view->run->comparison_count; i++) {
        const struct comparison *row = &view->run->comparisons[i];
        bool candidate = strcmp(row->candidate, scaling->variant) == 0;
        if (strcmp(row->case_name, scaling->case_name) == 0 && row->verdict != VERDICT_INVALID &&
            (candidate || strcmp(row->baseline, scaling->variant) == 0) &&
            point_has_values(&row->point, &scaling->point) && threads_of(row) >= 1 &&
            (candidate ? row->candidate_time : row->baseline_time).median > 0)
            keep_row(curve, row);
    }
    curve->one_usl = fit_one(curve, usl_share);
    curve->one_amdahl = fit_one(curve, amdahl_share);
    return 0;
}

/* Of as few points as coefficients there is no interval. */
static bool has_peak(const struct scaling *fit) {
    return fit->coherence.low > 0 && isfinite(fit->peak.estimate);
}

static bool draws_peak(const struct scaling *fit) {
    return has_peak(fit) && fit->peak.estimate <= PEAK_REACH * fit->most_threads;
}

/* What a chart shows at a number of threads: one thread's time ÷ the time there. */
static struct interval shown(const struct curve *curve, size_t index) {
    const struct time_summary *time = time_of(curve, index);
    return (struct interval){curve->one_usl / time->median, curve->one_usl / time->p95,
                             curve->one_usl / time->p5};
}

static void open_scales(struct chart *chart) {
    double most = 1, high = 1;
    for (size_t i = 0; i < chart->count; i++) {
        const struct scaling *fit = &chart->curves[i].scaling->fit;
        most = fmax(most, fit->most_threads);
        if (draws_peak(fit)) {
            most = fmax(most, 1.15 * fit->peak.estimate);
            high = fmax(high, 1 / usl_share(fit, fit->peak.estimate));
        }
        for (size_t k = 0; k < chart->curves[i].count; k++) {
            struct interval value = shown(&chart->curves[i], k);
            high = fmax(high, isfinite(value.high) ? fmin(value.high, 2 * value.estimate) : value.estimate);
        }
    }
    chart->x =
        (struct scale){.linear = true, .low = 0, .high = most, .from = CHART_LEFT, .to = CHART_RIGHT - 12};
    chart->y =
        (struct scale){.linear = true, .low = 0, .high = 1.08 * high, .from = CHART_BOTTOM, .to = CHART_TOP};
}

static void draw_axes(const struct chart *chart, struct text *out) {
    double ticks[SCALE_TICKS], end = fmin(chart->x.high, chart->y.high), free_from = 0;
    size_t count = scale_ticks(&chart->x, TICKS, ticks);
    chart_grid(&chart->y, TICKS, chart_ratio_label, out);
    for (size_t i = 0; i < count; i++)
        if (ticks[i] >= 1 && fabs(ticks[i] - round(ticks[i])) < 1e-6)
            chart_tick(scale_at(&chart->x, ticks[i]), BRIEF(ticks[i], 15), &free_from, out);
    chart_axis_name(THREADS, out);
    text_printf(out, "<path class=\"one\" d=\"M%.1f %.1fL%.1f %.1f\"/>", scale_at(&chart->x, 0),
                scale_at(&chart->y, 0), scale_at(&chart->x, end), scale_at(&chart->y, end));
}

/* A law from one thread to the end of the axis; a share that is not positive has no place. */
static void draw_law(const struct chart *chart, const struct curve *curve, const char *kind,
                     double (*share)(const struct scaling *, double), double scale, size_t style,
                     struct text *out) {
    bool open = false;
    text_printf(out, "<path class=\"%s s%zu\" d=\"", kind, style);
    for (size_t i = 0; i <= STEPS; i++) {
        double threads = 1 + (chart->x.high - 1) * (double)i / STEPS;
        double speedup = scale / share(&curve->scaling->fit, threads);
        bool there = speedup > 0 && speedup <= chart->y.high;
        if (there)
            text_printf(out, "%s%.1f %.1f", open ? "L" : "M", scale_at(&chart->x, threads),
                        scale_at(&chart->y, speedup));
        open = there;
    }
    text_add(out, "\"/>");
}

static void draw_points(const struct chart *chart, const struct curve *curve, size_t style,
                        struct text *out) {
    text_printf(out, "<g class=\"s%zu\">", style);
    for (size_t i = 0; i < curve->count; i++) {
        struct interval value = shown(curve, i);
        double x = scale_at(&chart->x, threads_of(curve->rows[i]));
        if (isfinite(value.low) && isfinite(value.high))
            text_printf(out, "<path class=\"i\" d=\"M%.1f %.1fV%.1f\"/>", x, scale_at(&chart->y, value.low),
                        scale_at(&chart->y, value.high));
        text_printf(out, "<circle class=\"k\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>", x,
                    scale_at(&chart->y, value.estimate));
    }
    text_add(out, "</g>");
}

/* The interval as a band, the estimate as a line with its number. */
static void draw_peak(const struct chart *chart, const struct scaling *fit, size_t style, struct text *out) {
    double x = scale_at(&chart->x, fit->peak.estimate);
    if (isfinite(fit->peak.low) && isfinite(fit->peak.high)) {
        double from = scale_at(&chart->x, fit->peak.low), to = scale_at(&chart->x, fit->peak.high);
        text_printf(out, "<rect class=\"turn s%zu\" x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" height=\"%.0f\"/>",
                    style, from, CHART_TOP, to - from, CHART_BOTTOM - CHART_TOP);
    }
    text_printf(out,
                "<path class=\"peak s%zu\" d=\"M%.1f %.0fV%.0f\"/><text class=\"name s%zu\" x=\"%.1f\" "
                "y=\"%.0f\" text-anchor=\"end\">peak %s</text>",
                style, x, CHART_TOP, CHART_BOTTOM, style, x - 4,
                CHART_BOTTOM - 6 - PEAK_HEIGHT * (double)style, BRIEF(fit->peak.estimate, 3));
}

static void tell_peak(const struct scaling_fit *scaling, struct text *text) {
    const struct scaling *fit = &scaling->fit;
    text_printf(text, "; %s: ", scaling->variant);
    if (!has_peak(fit)) {
        text_add(text, "where more threads cease to help these data cannot tell");
        return;
    }
    text_printf(text, "peak at %s threads", BRIEF(fit->peak.estimate, 3));
    if (isfinite(fit->peak.low) && isfinite(fit->peak.high))
        text_printf(text, " [%s, %s]", BRIEF(fit->peak.low, 3), BRIEF(fit->peak.high, 3));
    if (fit->peak.estimate > fit->most_threads)
        text_printf(text, ", beyond the %s measured", BRIEF(fit->most_threads, 3));
}

static void print_caption(const struct chart *chart, struct text *out) {
    struct text text = {0}, where = {0};
    case_view_point_text(chart->view, &chart->curves[0].scaling->point, true, &where);
    text_printf(
        &text,
        "Speedup over one thread%s%s; bars from the 5th to the 95th percentile; dashed: Amdahl's law; "
        "dotted: the universal scalability law; straight: one thread's work shared out in full",
        where.length ? ", " : "", text_string(&where));
    for (size_t i = 0; i < chart->count; i++)
        tell_peak(chart->curves[i].scaling, &text);
    html_add(out, text_string(&text));
    out->failed |= text.failed | where.failed;
    text_clear(&where);
    text_clear(&text);
}

/* As in the charts of times, where the baseline comes first. */
static size_t style_of(const struct chart *chart, size_t index) {
    bool baseline = strcmp(chart->curves[0].scaling->variant, chart->view->rows[0]->baseline) == 0;
    return (index + !baseline) % LINE_STYLES;
}

static void draw_curve(const struct chart *chart, size_t index, struct text *out) {
    const struct curve *curve = &chart->curves[index];
    const struct scaling *fit = &curve->scaling->fit;
    size_t style = style_of(chart, index);
    if (draws_peak(fit))
        draw_peak(chart, fit, style, out);
    draw_law(chart, curve, "amdahl", amdahl_share, curve->one_usl / curve->one_amdahl, style, out);
    draw_law(chart, curve, "fit", usl_share, 1, style, out);
    draw_points(chart, curve, style, out);
}

static void print_chart(const struct chart *chart, struct text *out) {
    struct name_place places[MOST_CURVES];
    text_add(out, "<figure><figcaption>");
    print_caption(chart, out);
    chart_open(out);
    print_caption(chart, out);
    text_add(out, "\">");
    draw_axes(chart, out);
    for (size_t i = 0; i < chart->count; i++) {
        const struct curve *curve = &chart->curves[i];
        draw_curve(chart, i, out);
        places[i] = (struct name_place){curve->scaling->variant, style_of(chart, i),
                                        scale_at(&chart->y, shown(curve, curve->count - 1).estimate)};
    }
    names_print(places, chart->count, CHART_RIGHT + 4, CHART_BOTTOM, out);
    text_add(out, "</svg></figure>");
}

static bool is_drawn(const struct case_view *view, const struct scaling_fit *scaling) {
    return scaling->fit.points >= SCALING_USL_POINTS &&
           strcmp(scaling->case_name, view->rows[0]->case_name) == 0;
}

/* All variants at the other parameters of the fit `index`, where none before it has them. 0 or -ENOMEM. */
static int print_group(const struct case_view *view, size_t index, struct text *out) {
    const struct scaling_fit *scaling = view->run->scaling;
    struct chart chart = {.view = view};
    int status = 0;
    for (size_t i = 0; i < index; i++)
        if (is_drawn(view, &scaling[i]) && point_has_values(&scaling[i].point, &scaling[index].point))
            return 0;
    for (size_t i = index; i < view->run->scaling_count && chart.count < MOST_CURVES && !status; i++)
        if (is_drawn(view, &scaling[i]) && point_has_values(&scaling[i].point, &scaling[index].point)) {
            struct curve *curve = &chart.curves[chart.count];
            status = open_curve(curve, view, &scaling[i]);
            bool usable = !status && curve->count && curve->one_usl > 0 && curve->one_amdahl > 0 &&
                          isfinite(curve->one_usl + curve->one_amdahl);
            if (usable)
                chart.count++;
            else
                free(curve->rows);
        }
    if (!status && chart.count) {
        open_scales(&chart);
        print_chart(&chart, out);
    }
    for (size_t i = 0; i < chart.count; i++)
        free(chart.curves[i].rows);
    return status;
}

int scaling_charts(const struct case_view *view, struct text *out) {
    int status = 0;
    size_t any = 0;
    for (size_t i = 0; view->count && i < view->run->scaling_count && !status; i++)
        if (is_drawn(view, &view->run->scaling[i])) {
            text_add(out, any++ ? "" : "<div class=\"charts\">");
            status = print_group(view, i, out);
        }
    text_add(out, any ? "</div>" : "");
    return status;
}
