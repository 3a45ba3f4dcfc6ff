#include "page/forest.h"

#include "report/format.h"
#include "report/html.h"

#include <math.h>

#define AXIS_MARGIN 16.0 /* px of a cell right of the axis, as the style sheet has it */
#define TICKS 7          /* more find no room on a narrow screen */
#define CHARACTER 3.4 /* width of a character of a label, in percent of the axis, where that is narrowest */

static void open_scale(struct forest *forest, struct interval range, double delta, size_t number) {
    *forest =
        (struct forest){.scale = scale_of_ratios(range, delta, 0, 100), .delta = delta, .number = number};
}

void forest_open(struct forest *forest, const struct run *run, size_t number) {
    struct interval range = {NAN, INFINITY, 0};
    for (size_t i = 0; i < run->comparison_count; i++)
        if (run->comparisons[i].verdict != VERDICT_INVALID)
            range_add(&range, run->comparisons[i].speedup);
    open_scale(forest, range, run->settings.delta, number);
}

void forest_open_load(struct forest *forest, const struct load *load, size_t number) {
    struct interval range = {NAN, INFINITY, 0};
    for (size_t i = 0; i < load->comparison_count; i++)
        if (load->comparisons[i].verdict != VERDICT_INVALID)
            range_add(&range, load->comparisons[i].ratio);
    open_scale(forest, range, load->delta, number);
}

static double place(const struct forest *forest, double value) {
    return scale_at(&forest->scale, value);
}

/* A filled part of the axis, from and to in percent of it, `wider` px beyond both ends. A place in percent of a background
 * is of what its size leaves free, hence the sums. */
static void define_part(const char *colour, double from, double to, double wider, struct text *out) {
    double share = (to - from) / 100, at = from / (1 - share);
    text_printf(out,
                "linear-gradient(var(--%s),var(--%s)) calc(%.4g%% - %.4gpx) 0/calc(%.4g%% + %.4gpx) 100%% "
                "no-repeat",
                colour, colour, at, AXIS_MARGIN * (from + at * share) / 100 + wider * (1 - 2 * at / 100),
                100 * share, 2 * wider - AXIS_MARGIN * share);
}

/* As a background: elements of their own in each of thousands of rows are what a browser is slow at. Of fills, since not
 * all that prints draws the sharp steps of a gradient. */
void forest_define(const struct forest *forest, struct text *out) {
    double ticks[SCALE_TICKS];
    size_t count = scale_ticks(&forest->scale, TICKS, ticks);
    text_printf(out, "#r%zu td.f{background:", forest->number);
    define_part("dim", place(forest, 1), place(forest, 1), 0.75, out);
    for (size_t i = 0; i < count; i++) {
        text_add(out, ",");
        define_part("line", place(forest, ticks[i]), place(forest, ticks[i]), 0.5, out);
    }
    if (isfinite(forest->delta)) {
        text_add(out, ",");
        define_part("band", place(forest, 1 / (1 + forest->delta)), place(forest, 1 + forest->delta), 0, out);
    }
    text_add(out, "}");
}

/* Where a tick's label lies, in percent. */
struct label {
    double from, to, at;
    const char *anchor;
    char text[FORMAT_SIZE];
    bool shown;
};

static void place_label(const struct forest *forest, double value, struct label *label) {
    if (value < 1e-4) /* which is "<0.0001" elsewhere */
        snprintf(label->text, sizeof label->text, "%.0e×", value);
    else
        snprintf(label->text, sizeof label->text, "%s×", BRIEF(value, 3));
    double x = place(forest, value), width = CHARACTER * (double)style_width(label->text);
    bool starts = x<width / 2, ends = x> 100 - width / 2;
    label->at = x;
    label->anchor = starts ? "start" : ends ? "end" : "middle";
    label->from = starts ? x : ends ? x - width : x - width / 2;
    label->to = label->from + width;
    label->shown = false;
}

/* Of those that would lie upon one another the first is shown, and 1× in any case. */
static void choose_labels(struct label *labels, size_t count, size_t one) {
    for (size_t k = 0; k <= count; k++) {
        size_t i = k ? k - 1 : one;
        bool free = i < count && !labels[i].shown;
        for (size_t j = 0; j < count && free; j++)
            free = !labels[j].shown || labels[j].to + CHARACTER / 2 < labels[i].from ||
                   labels[i].to + CHARACTER / 2 < labels[j].from;
        if (free)
            labels[i].shown = true;
    }
}

void forest_axis(const struct forest *forest, struct text *out) {
    double ticks[SCALE_TICKS];
    struct label labels[SCALE_TICKS];
    size_t count = scale_ticks(&forest->scale, TICKS, ticks), one = count;
    for (size_t i = 0; i < count; i++) {
        place_label(forest, ticks[i], &labels[i]);
        if (fabs(ticks[i] - 1) < 1e-9)
            one = i;
    }
    choose_labels(labels, count, one);
    text_add(out, "<svg class=\"row\" aria-hidden=\"true\">");
    for (size_t i = 0; i < count; i++)
        if (labels[i].shown)
            text_printf(out, "<text x=\"%.2f%%\" text-anchor=\"%s\">%s</text>", labels[i].at,
                        labels[i].anchor, labels[i].text);
    text_add(out, "</svg>");
}

static bool is_drawn(enum verdict verdict, struct interval speedup) {
    return verdict != VERDICT_INVALID && speedup.estimate > 0 && isfinite(speedup.estimate);
}

void forest_cell(const struct forest *forest, enum verdict verdict, struct interval ratio, struct text *out) {
    text_add(out, "<td class=\"f");
    if (is_drawn(verdict, ratio)) {
        text_printf(out, " %s%s%s\" style=\"", verdict_name(verdict),
                    ratio.low < forest->scale.low ? " low" : "",
                    ratio.high > forest->scale.high ? " high" : "");
        if (isfinite(ratio.low) && isfinite(ratio.high))
            text_printf(out, "--l:%.4g;--h:%.4g;", place(forest, ratio.low), place(forest, ratio.high));
        text_printf(out, "--e:%.4g", place(forest, ratio.estimate));
    }
    text_add(out, "\">");
}

/* Heights are the style sheet's, and colours are inherited. */
static void draw(const struct forest *forest, enum verdict kind, struct interval speedup, struct text *out) {
    const char *verdict = verdict_name(kind);
    if (!is_drawn(kind, speedup))
        return;
    text_printf(out, "<g class=\"%s\">", verdict);
    if (isfinite(speedup.low) && isfinite(speedup.high))
        text_printf(out, "<line x1=\"%.2f%%\" x2=\"%.2f%%\"/>", place(forest, speedup.low),
                    place(forest, speedup.high));
    if (speedup.low < forest->scale.low)
        text_add(out, "<use href=\"#m-left\"/>");
    if (speedup.high > forest->scale.high)
        text_add(out, "<use href=\"#m-right\" x=\"100%\"/>");
    text_printf(out, "<use href=\"#m-%s\" x=\"%.2f%%\"/></g>", verdict, place(forest, speedup.estimate));
}

/* "12 points from 0.7× to 142×". */
static void add_words(const struct case_view *view, struct text *out) {
    double least = INFINITY, most = 0;
    size_t told = 0;
    for (size_t i = 0; i < view->count; i++) {
        double estimate = view->rows[i]->speedup.estimate;
        if (view->rows[i]->verdict == VERDICT_INVALID || !isfinite(estimate))
            continue;
        least = fmin(least, estimate);
        most = fmax(most, estimate);
        told++;
    }
    if (told == 1)
        text_printf(out, "speedup %s×", BRIEF(least, 3));
    else if (told)
        text_printf(out, "%zu speedups from %s× to %s×", told, BRIEF(least, 3), BRIEF(most, 3));
    else
        text_add(out, "no speedup");
}

void forest_points(const struct forest *forest, const struct case_view *view, struct text *out) {
    text_add(out, "<svg class=\"row\" role=\"img\" aria-label=\"");
    add_words(view, out);
    text_add(out, "\">");
    for (size_t i = 0; i < view->count; i++)
        draw(forest, view->rows[i]->verdict, view->rows[i]->speedup, out);
    text_add(out, "</svg>");
}
