#include "page/load_chart.h"

#include "conclude/load.h"
#include "page/chart.h"
#include "page/names.h"
#include "report/html.h"
#include "report/load_words.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ASIDE 5.0        /* variants stand beside one another at one share, so that each interval is seen */
#define BOUND_BEYOND 8.0 /* a bound as many times outside of what was measured is told, not drawn */

static const enum slo_quantity quantities[] = {SLO_P50, SLO_P99, SLO_P999};
#define QUANTITIES (sizeof quantities / sizeof *quantities)

/* The lines of one quantile. */
struct lines {
    struct chart_line lines[CHART_LINES];
    bool open[CHART_LINES][LOAD_SHARES]; /* nothing is claimed there */
    size_t count;
    bool any_open;
};

struct charts {
    const struct load *load;
    struct scale x, y;
    struct lines quantiles[QUANTITIES];
};

static void open_shares(struct charts *charts) {
    const struct load *load = charts->load;
    double least = load->shares[0], most = load->shares[load->share_count - 1];
    charts->x = (struct scale){.linear = !(least > 0 && most >= 8 * least),
                               .low = least,
                               .high = most,
                               .from = CHART_LEFT + 24,
                               .to = CHART_RIGHT - 24};
    if (charts->x.linear)
        charts->x.low = 0;
}

static void collect_line(const struct charts *charts, size_t arm, enum slo_quantity quantity,
                         struct lines *lines) {
    const struct load *load = charts->load;
    size_t index = lines->count++;
    struct chart_line *line = &lines->lines[index];
    line->name = load->arms[arm].variant;
    line->style = index % LINE_STYLES;
    line->count = load->share_count;
    for (size_t i = 0; i < load->share_count; i++) {
        line->places[i] = scale_at(&charts->x, load->shares[i]);
        line->values[i] = load_level(load, arm, load->shares[i], quantity);
        lines->open[index][i] = load_objection(load, arm, load->shares[i]) != NULL;
        lines->any_open |= lines->open[index][i] && isfinite(line->values[i].estimate);
    }
}

static void stand_aside(struct lines *lines) {
    for (size_t i = 0; i < lines->count; i++)
        for (size_t k = 0; k < lines->lines[i].count; k++)
            lines->lines[i].places[k] += ASIDE * ((double)i - ((double)lines->count - 1) / 2);
}

static void collect_lines(struct charts *charts, size_t quantile) {
    const struct load *load = charts->load;
    struct lines *lines = &charts->quantiles[quantile];
    for (size_t arm = 0; arm < load->arm_count && lines->count < CHART_LINES; arm++)
        if (load->arms[arm].role != ARM_PLACEBO && !load->arms[arm].invalid[0])
            collect_line(charts, arm, quantities[quantile], lines);
    stand_aside(lines);
}

static bool is_drawn(const struct interval *range, double bound) {
    return bound * BOUND_BEYOND >= range->low && bound <= range->high * BOUND_BEYOND;
}

/* One axis for all quantiles, so that they are compared by height. */
static void open_times(struct charts *charts) {
    struct interval range = {NAN, INFINITY, 0}, with_bounds;
    for (size_t q = 0; q < QUANTITIES; q++)
        for (size_t i = 0; i < charts->quantiles[q].count; i++)
            for (size_t k = 0; k < charts->quantiles[q].lines[i].count; k++)
                range_add(&range, charts->quantiles[q].lines[i].values[k]);
    with_bounds = range;
    for (size_t i = 0; i < charts->load->slo.count; i++) {
        const struct slo_target *target = &charts->load->slo.targets[i];
        if (target->quantity >= SLO_P50 && target->quantity <= SLO_P999 && is_drawn(&range, target->bound))
            range_add(&with_bounds, (struct interval){target->bound, target->bound, target->bound});
    }
    charts->y = chart_time_scale(with_bounds);
}

static bool is_known(const struct lines *lines) {
    for (size_t i = 0; i < lines->count; i++)
        for (size_t k = 0; k < lines->lines[i].count; k++)
            if (isfinite(lines->lines[i].values[k].estimate))
                return true;
    return false;
}

/* Whether a bound lies on the axis. */
static bool is_on_axis(const struct charts *charts, double bound) {
    return bound >= charts->y.low && bound <= charts->y.high;
}

static void print_caption(const struct charts *charts, size_t quantile, struct text *out) {
    const struct slo *slo = &charts->load->slo;
    text_printf(out, "%s of latency from the intended start; bars: 95 %% interval over the processes",
                load_quantity_word(quantities[quantile]));
    for (size_t i = 0; i < slo->count; i++)
        if (slo->targets[i].quantity == quantities[quantile]) {
            text_add(out, is_on_axis(charts, slo->targets[i].bound) ? "; line across: target "
                                                                    : "; target, not on this axis: ");
            html_add(out, slo->targets[i].text);
        }
    if (charts->quantiles[quantile].any_open)
        text_add(out, "; hollow: requests failed or were not served, so nothing is claimed there");
}

static void print_bounds(const struct charts *charts, enum slo_quantity quantity, struct text *out) {
    for (size_t i = 0; i < charts->load->slo.count; i++) {
        const struct slo_target *target = &charts->load->slo.targets[i];
        double y = scale_at(&charts->y, target->bound);
        if (target->quantity != quantity || !is_on_axis(charts, target->bound))
            continue;
        text_printf(out, "<path class=\"bound\" d=\"M%.0f %.1fH%.0f\"/><text x=\"%.0f\" y=\"%.1f\">target ",
                    CHART_LEFT, y, CHART_RIGHT, CHART_LEFT + 4, y > CHART_TOP + 14 ? y - 4 : y + 13);
        html_add(out, target->text);
        text_add(out, "</text>");
    }
}

static void print_axes(const struct charts *charts, struct text *out) {
    double free_from = 0;
    chart_grid(&charts->y, CHART_TICKS, chart_time_label, out);
    for (size_t i = 0; i < charts->load->share_count; i++) {
        char label[FORMAT_SIZE];
        snprintf(label, sizeof label, "%s %%", BRIEF(100 * charts->load->shares[i], 3));
        chart_tick(scale_at(&charts->x, charts->load->shares[i]), label, &free_from, out);
    }
    chart_axis_name("share of saturation", out);
}

static void print_marks(const struct charts *charts, const struct lines *lines, size_t index,
                        struct text *out) {
    const struct chart_line *line = &lines->lines[index];
    text_printf(out, "<g class=\"s%zu\">", line->style);
    for (size_t i = 0; i < line->count; i++) {
        struct interval value = line->values[i];
        if (!isfinite(value.estimate))
            continue;
        if (isfinite(value.low) && isfinite(value.high))
            text_printf(out, "<path class=\"i\" d=\"M%.1f %.1fV%.1f\"/>", line->places[i],
                        scale_at(&charts->y, value.low), scale_at(&charts->y, value.high));
        text_printf(out, "<circle class=\"k%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"/>",
                    lines->open[index][i] ? " open" : "", line->places[i],
                    scale_at(&charts->y, value.estimate));
    }
    text_add(out, "</g>");
}

static void print_chart(const struct charts *charts, size_t quantile, struct text *out) {
    const struct lines *lines = &charts->quantiles[quantile];
    text_add(out, "<figure><figcaption>");
    print_caption(charts, quantile, out);
    chart_open(out);
    print_caption(charts, quantile, out);
    text_add(out, ", against the share of saturation; the numbers are in the table below\">");
    print_axes(charts, out);
    print_bounds(charts, quantities[quantile], out);
    for (size_t i = 0; i < lines->count; i++)
        chart_path(&charts->y, &lines->lines[i], out);
    for (size_t i = 0; i < lines->count; i++)
        print_marks(charts, lines, i, out);
    chart_names(&charts->y, lines->lines, lines->count, out);
    text_add(out, "</svg></figure>");
}

int load_charts_print(const struct load *load, struct text *out) {
    struct charts *charts = load->share_count ? calloc(1, sizeof *charts) : NULL;
    if (!charts)
        return load->share_count ? -ENOMEM : 0;
    charts->load = load;
    open_shares(charts);
    for (size_t i = 0; i < QUANTITIES; i++)
        collect_lines(charts, i);
    open_times(charts);
    text_add(out, "<div class=\"charts\">");
    for (size_t i = 0; i < QUANTITIES && charts->y.high > charts->y.low; i++)
        if (is_known(&charts->quantiles[i]))
            print_chart(charts, i, out);
    text_add(out, "</div>");
    free(charts);
    return 0;
}
