#include "report/history.h"

#include "report/format.h"
#include "report/sheet.h"
#include "stats/quantile.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SPARKS 60 /* characters of a sparkline at the most */

static const char *commit_text(const char *commit, char text[32]) {
    const char *dirty = strstr(commit, "-dirty");
    snprintf(text, 32, "%.10s%s", commit[0] ? commit : "no commit", dirty ? "-dirty" : "");
    return text;
}

int report_history_runs(const struct history *history, const struct report_style *style, FILE *stream) {
    static const char *const headers[] = {"run",          "commit",  "faster",   "slower", "equivalent",
                                          "inconclusive", "invalid", "compiler", "machine"};
    struct text out = {0};
    struct sheet sheet = {0};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        sheet_add_column(&sheet, headers[i], i < 2 || i > 6);
    for (size_t i = 0; i < history->run_count; i++) {
        static const enum verdict order[] = {VERDICT_FASTER, VERDICT_SLOWER, VERDICT_EQUIVALENT,
                                             VERDICT_INCONCLUSIVE, VERDICT_INVALID};
        const struct history_run *run = &history->runs[i];
        char text[160];
        sheet_add_row(&sheet);
        snprintf(text, sizeof text, "%s%s", run->id, run->complete ? "" : " (cut short)");
        sheet_add(&sheet, PAINT_NONE, text);
        sheet_add(&sheet, PAINT_NONE, commit_text(run->commit, text));
        for (size_t k = 0; k < sizeof order / sizeof *order; k++) {
            snprintf(text, sizeof text, "%zu", run->verdicts[order[k]]);
            sheet_add(&sheet, PAINT_NONE, text);
        }
        sheet_add(&sheet, PAINT_NONE, run->compiler);
        snprintf(text, sizeof text, "%s %.4s", run->machine, run->machine_key);
        sheet_add(&sheet, PAINT_NONE, text);
    }
    sheet_print(&out, style, &sheet);
    text_printf(&out, "%zu run%s", history->run_count, history->run_count == 1 ? "" : "s");
    text_add(&out, "\n");
    out.failed |= sheet.failed;
    int status = text_write(&out, stream);
    text_clear(&out);
    sheet_clear(&sheet);
    return status;
}

static double value_of(const struct history_value *value, enum history_number number) {
    return number == HISTORY_TIME ? value->time_ns : value->speedup;
}

/* Numbers that are there, and the value that each is of. */
struct numbers {
    double *numbers;
    const struct history_value **values;
    size_t count;
};

static bool collect(const struct history_series *series, enum history_number number,
                    struct numbers *numbers) {
    numbers->count = 0;
    numbers->numbers = malloc((series->count + 1) * sizeof *numbers->numbers);
    numbers->values = malloc((series->count + 1) * sizeof *numbers->values);
    for (size_t i = 0; numbers->numbers && numbers->values && i < series->count; i++) {
        double value = value_of(&series->values[i], number);
        if (isfinite(value) && value > 0) {
            numbers->values[numbers->count] = &series->values[i];
            numbers->numbers[numbers->count++] = value;
        }
    }
    return numbers->numbers && numbers->values;
}

static void add_sparkline(struct text *out, const struct report_style *style, const struct numbers *numbers) {
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}, *const plain[] = {
                                                                                      "_", ".", "-", "~",
                                                                                      "=", "+", "*", "#"};
    size_t count = numbers->count, width = count < SPARKS ? count : SPARKS;
    double low = INFINITY, high = 0, *buffer = malloc((count + 1) * sizeof *buffer);
    out->failed |= !buffer;
    for (size_t i = 0; i < count; i++) {
        low = fmin(low, numbers->numbers[i]);
        high = fmax(high, numbers->numbers[i]);
    }
    for (size_t i = 0; buffer && i < width; i++) {
        size_t from = i * count / width, to = (i + 1) * count / width;
        memcpy(buffer, numbers->numbers + from, (to - from) * sizeof *buffer);
        double share = high > low ? log(quantile(buffer, to - from, 0.5) / low) / log(high / low) : 0;
        text_add(out, (style->unicode ? blocks : plain)[(int)fmin(7, fmax(0, floor(8 * share)))]);
    }
    free(buffer);
}

static void number_text(double value, enum history_number number, char text[FORMAT_SIZE]) {
    if (number == HISTORY_TIME)
        number_seconds(value / 1e9, 3, text);
    else
        format_factor(value, text);
}

static void add_point(struct text *out, const struct report_style *style, const struct numbers *numbers,
                      const struct change_point *point, enum history_number number) {
    const struct history_value *before = numbers->values[point->index - 1],
                               *after = numbers->values[point->index];
    char line[512], commits[2][32], levels[2][FORMAT_SIZE];
    number_text(point->before, number, levels[0]);
    number_text(point->after, number, levels[1]);
    bool worse = (point->after > point->before) == (number == HISTORY_TIME);
    snprintf(line, sizeof line, "%s → %s (%+.1f %%) with %s, %s; before it %s, %s; p = %s", levels[0],
             levels[1], 100 * (point->after / point->before - 1), after->id,
             commit_text(after->commit, commits[1]), before->id, commit_text(before->commit, commits[0]),
             BRIEF(point->p_value, 2));
    text_wrap_lead(out, style, worse ? "  worse   " : "  better  ", worse ? PAINT_RED : PAINT_GREEN,
                   PAINT_NONE, line);
    bool known = before->commit[0] && after->commit[0] && strcmp(before->commit, after->commit) != 0 &&
                 !strstr(before->commit, "-dirty") && !strstr(after->commit, "-dirty");
    if (known) {
        snprintf(line, sizeof line, "countersign bisect --git %.12s..%.12s%s", before->commit, after->commit,
                 worse ? "" : " --faster");
        text_wrap_lead(out, style, "          ", PAINT_DIM, PAINT_DIM, line);
    }
}

static void add_trend(struct text *out, const struct report_style *style, const struct history_trend *trend,
                      enum history_number number) {
    const struct history_series *series = trend->series;
    struct numbers numbers;
    char line[768], first[FORMAT_SIZE], last[FORMAT_SIZE];
    if (!collect(series, number, &numbers)) {
        out->failed = true;
    } else {
        snprintf(line, sizeof line, "%s %s/%s%s%s, on %s %.4s", series->case_name, series->candidate,
                 series->baseline, series->point[0] ? " " : "", series->point, series->machine,
                 series->machine_key);
        text_wrap(out, style, "", PAINT_BOLD, line);
        text_add(out, numbers.count ? "  " : "");
        add_sparkline(out, style, &numbers);
        text_add(out, numbers.count ? "\n" : "");
        number_text(numbers.count ? numbers.numbers[0] : NAN, number, first);
        number_text(numbers.count ? numbers.numbers[numbers.count - 1] : NAN, number, last);
        snprintf(line, sizeof line, "%zu runs, %zu of them without a number; first %s, last %s",
                 series->count, series->count - numbers.count, first, last);
        text_wrap(out, style, "  ", PAINT_NONE, line);
        for (size_t i = 0; i < trend->count; i++)
            add_point(out, style, &numbers, &trend->points[i], number);
    }
    free(numbers.numbers);
    free(numbers.values);
}

int report_history_trends(const struct history_trend *trends, size_t count, enum history_number number,
                          const struct report_style *style, FILE *stream) {
    struct text out = {0};
    size_t points = 0;
    char line[512];
    for (size_t i = 0; i < count; i++) {
        add_trend(&out, style, &trends[i], number);
        points += trends[i].count;
    }
    snprintf(
        line, sizeof line,
        "%zu series of %s, %zu change point%s. Runs of different days are not paired: these are nominations, no claims; "
        "`countersign bisect` or `countersign gate` measures them in pairs",
        count, number == HISTORY_TIME ? "the candidate's time an item" : "speedups", points,
        points == 1 ? "" : "s");
    text_wrap(&out, style, "", PAINT_NONE, line);
    int status = text_write(&out, stream);
    text_clear(&out);
    return status;
}

static void add_csv(struct text *out, const char *string, bool last) {
    size_t size = style_clean_size(string);
    char *clean = malloc(size);
    out->failed |= !clean;
    if (!clean)
        return;
    style_clean(&(struct report_style){.unicode = true}, string, clean, size);
    /* A spreadsheet takes such text for a formula. */
    text_add(out, clean[0] && strchr("=+-@|%\t", clean[0]) ? "\"'" : "\"");
    for (const char *c = clean; *c; c++)
        text_add_bytes(out, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    text_add(out, last ? "\"\r\n" : "\",");
    free(clean);
}

int report_history_csv(const struct history *history, FILE *stream) {
    struct text out = {0};
    text_add(
        &out,
        "case,kernel,point,baseline,candidate,machine,machine_key,time_ns,speedup,run,started,commit,compiler\r\n");
    for (size_t i = 0; i < history->series_count; i++)
        for (size_t k = 0; k < history->series[i].count; k++) {
            const struct history_series *series = &history->series[i];
            const struct history_value *value = &series->values[k];
            const char *const texts[] = {series->case_name,  series->kernel,    series->point,
                                         series->baseline,   series->candidate, series->machine,
                                         series->machine_key};
            for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
                add_csv(&out, texts[t], false);
            if (isfinite(value->time_ns))
                text_printf(&out, "%.12g", value->time_ns);
            text_add(&out, ",");
            if (isfinite(value->speedup))
                text_printf(&out, "%.12g", value->speedup);
            text_add(&out, ",");
            add_csv(&out, value->id, false);
            add_csv(&out, value->started, false);
            add_csv(&out, value->commit, false);
            add_csv(&out, value->compiler, true);
        }
    int status = text_write(&out, stream);
    text_clear(&out);
    return status;
}
