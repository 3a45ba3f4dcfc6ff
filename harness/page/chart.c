#include "page/chart.h"

#include "page/names.h"
#include "report/html.h"

#include <math.h>
#include <string.h>

#define DIGIT 7.2 /* width of a character of a label */

struct scale chart_time_scale(struct interval range) {
    double room = pow(range.high / range.low, 0.05);
    room = room > 1.02 ? room : 1.05;
    return (struct scale){
        .low = range.low / room, .high = range.high * room, .from = CHART_BOTTOM, .to = CHART_TOP};
}

void chart_time_label(double value, char text[FORMAT_SIZE]) {
    char other[FORMAT_SIZE];
    format_times(value, value, text, other);
    if (!strchr(text, '.')) /* "2.00 ns" */
        return;
    char *end = strchr(text, ' '), *last = end;
    while (last && last > text && last[-1] == '0')
        last--;
    if (last && last > text && last[-1] == '.')
        last--;
    if (last)
        memmove(last, end, strlen(end) + 1);
}

void chart_ratio_label(double value, char text[FORMAT_SIZE]) {
    snprintf(text, FORMAT_SIZE, "%s×", BRIEF(value, 4));
}

void chart_open(struct text *out) {
    text_printf(out, "</figcaption><svg class=\"chart\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"",
                CHART_WIDTH, CHART_HEIGHT);
}

void chart_grid(const struct scale *y, size_t most, void (*label)(double value, char text[FORMAT_SIZE]),
                struct text *out) {
    double ticks[SCALE_TICKS];
    size_t count = scale_ticks(y, most, ticks);
    text_add(out, "<path class=\"grid\" d=\"");
    for (size_t i = 0; i < count; i++)
        text_printf(out, "M%.0f %sH%.0f", CHART_LEFT, PLACE(scale_at(y, ticks[i])), CHART_RIGHT);
    text_printf(out, "\"/><g class=\"up\" transform=\"translate(%.0f 4)\">", CHART_LEFT - 6);
    for (size_t i = 0; i < count; i++) {
        char text[FORMAT_SIZE];
        label(ticks[i], text);
        text_printf(out, "<text y=\"%s\">%s</text>", PLACE(scale_at(y, ticks[i])), text);
    }
    text_printf(out, "</g><g class=\"along\" transform=\"translate(0 %.0f)\">", CHART_BOTTOM);
}

void chart_tick(double x, const char *label, double *free_from, struct text *out) {
    double half = DIGIT * (double)style_width(label) / 2;
    text_printf(out, "<path d=\"M%s 0v5\"/>", PLACE(x));
    if (x - half < *free_from)
        return;
    text_printf(out, "<text x=\"%s\" y=\"18\">", PLACE(x));
    html_add(out, label);
    text_add(out, "</text>");
    *free_from = x + half + DIGIT;
}

void chart_axis_name(const char *name, struct text *out) {
    text_printf(out, "<text class=\"name\" x=\"%.0f\" y=\"%.0f\">", (CHART_LEFT + CHART_RIGHT) / 2,
                CHART_HEIGHT - 6 - CHART_BOTTOM);
    html_add(out, name);
    text_add(out, "</text></g>");
}

static bool has_band(const struct chart_line *line, size_t i) {
    return i < line->count && isfinite(line->values[i].low) && isfinite(line->values[i].high);
}

void chart_band(const struct scale *y, const struct chart_line *line, struct text *out) {
    for (size_t i = 0, end; i < line->count; i = end + 1) {
        for (end = i; has_band(line, end); end++)
            ;
        if (end == i)
            continue;
        text_printf(out, "<path class=\"area s%zu\" d=\"M", line->style);
        for (size_t k = i; k < end; k++)
            text_printf(out, "%s %s ", PLACE(line->places[k]), PLACE(scale_at(y, line->values[k].high)));
        for (size_t k = end; k-- > i;)
            text_printf(out, "%s %s ", PLACE(line->places[k]), PLACE(scale_at(y, line->values[k].low)));
        text_add(out, "z\"/>");
    }
}

void chart_path(const struct scale *y, const struct chart_line *line, struct text *out) {
    bool open = false;
    text_printf(out, "<path class=\"line s%zu\" d=\"", line->style);
    for (size_t i = 0; i < line->count; i++) {
        double value = line->values[i].estimate;
        if (isfinite(value))
            text_printf(out, "%s%s %s", open && !line->separate ? "L" : "M", PLACE(line->places[i]),
                        PLACE(scale_at(y, value)));
        open = isfinite(value);
    }
    text_add(out, "\"/>");
}

void chart_names(const struct scale *y, const struct chart_line *lines, size_t count, struct text *out) {
    struct name_place places[CHART_LINES];
    size_t shown = 0;
    for (size_t i = 0; i < count; i++) {
        double last = NAN;
        for (size_t k = 0; k < lines[i].count; k++)
            if (isfinite(lines[i].values[k].estimate))
                last = lines[i].values[k].estimate;
        if (isfinite(last))
            places[shown++] = (struct name_place){lines[i].name, lines[i].style, scale_at(y, last)};
    }
    names_print(places, shown, CHART_RIGHT + 4, CHART_BOTTOM, out);
}
