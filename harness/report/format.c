#include "report/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ABSENT "–"
#define TIMES "×"

/* Rounds to `digits` significant digits and gives the decimals that show them. */
static double round_significant(double value, int digits, int *decimals) {
    char text[FORMAT_SIZE];
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    const char *exponent = strchr(text, 'e');
    int places = digits - 1 - (exponent ? atoi(exponent + 1) : 0);
    *decimals = places < 0 ? 0 : places;
    return strtod(text, NULL);
}

static void format_digits(double value, int digits, char text[FORMAT_SIZE]) {
    if (isnan(value)) {
        snprintf(text, FORMAT_SIZE, ABSENT);
        return;
    }
    int decimals = 0;
    double rounded = isfinite(value) && value != 0 ? round_significant(value, digits, &decimals) : value;
    double size = fabs(rounded);
    if (isinf(value) || size >= 1e7 || (size < 1e-4 && size > 0))
        snprintf(text, FORMAT_SIZE, "%.*g", digits, value);
    else
        snprintf(text, FORMAT_SIZE, "%.*f", decimals, rounded);
}

void format_number(double value, char text[FORMAT_SIZE]) {
    format_digits(value, 3, text);
}

void format_number_short(double value, char text[FORMAT_SIZE]) {
    format_digits(value, 2, text);
}

static const struct {
    const char *name;
    double ns;
} time_units[] = {{"ns", 1}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}};
#define TIME_UNITS (sizeof time_units / sizeof *time_units)

/* The unit in which `ns`, rounded as it will be shown, is at least 1. */
static size_t time_unit(double ns) {
    int decimals;
    size_t unit = 0;
    double rounded = isfinite(ns) && ns > 0 ? round_significant(ns, 3, &decimals) : 0;
    while (unit + 1 < TIME_UNITS && rounded >= time_units[unit + 1].ns)
        unit++;
    return unit;
}

static void format_time_in(double ns, size_t unit, char text[FORMAT_SIZE]) {
    if (isnan(ns)) {
        snprintf(text, FORMAT_SIZE, ABSENT);
        return;
    }
    char number[FORMAT_SIZE];
    format_number(ns / time_units[unit].ns, number);
    snprintf(text, FORMAT_SIZE, "%.30s %s", number, time_units[unit].name);
}

void format_times(double first_ns, double second_ns, char first[FORMAT_SIZE], char second[FORMAT_SIZE]) {
    size_t unit = time_unit(fmin(first_ns, second_ns)); /* fmin leaves a NAN out */
    while (unit + 1 < TIME_UNITS && fmax(first_ns, second_ns) / time_units[unit].ns >= 99950)
        unit++;
    format_time_in(first_ns, unit, first);
    format_time_in(second_ns, unit, second);
}

void format_bytes(double bytes, char text[FORMAT_SIZE]) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    if (isnan(bytes)) {
        snprintf(text, FORMAT_SIZE, ABSENT);
        return;
    }
    size_t unit = 0;
    for (; unit + 1 < sizeof units / sizeof *units && fabs(bytes) >= 1023.5; unit++)
        bytes /= 1024;
    char number[FORMAT_SIZE];
    format_number(bytes, number);
    if (unit == 0)
        snprintf(number, sizeof number, "%.0f", bytes);
    snprintf(text, FORMAT_SIZE, "%.30s %s", number, units[unit]);
}

void format_duration(double seconds, char text[FORMAT_SIZE]) {
    if (isnan(seconds) || seconds < 0 || seconds > 1e9) {
        snprintf(text, FORMAT_SIZE, ABSENT);
        return;
    }
    if (seconds < 9.95) {
        snprintf(text, FORMAT_SIZE, "%.2g s", seconds);
        return;
    }
    unsigned whole = (unsigned)(seconds + 0.5);
    if (whole < 60)
        snprintf(text, FORMAT_SIZE, "%u s", whole);
    else if (whole < 3600)
        snprintf(text, FORMAT_SIZE, "%u min %u s", whole / 60, whole % 60);
    else
        snprintf(text, FORMAT_SIZE, "%u h %u min", whole / 3600, whole / 60 % 60);
}

void format_percent(double share, char text[FORMAT_SIZE]) {
    if (isnan(share))
        snprintf(text, FORMAT_SIZE, ABSENT);
    else
        snprintf(text, FORMAT_SIZE, "%.3g %%", 100 * share);
}

/* Decimals with which `value` shows two significant digits. */
static int decimals_for_two_digits(double value) {
    int decimals = 0;
    if (value > 0 && isfinite(value))
        round_significant(value, 2, &decimals);
    return decimals;
}

/* Whether a value that is not 1 looks like 1 with so many decimals. */
static bool looks_like_one(double value, int decimals) {
    char text[FORMAT_SIZE];
    snprintf(text, sizeof text, "%.*f", decimals, value);
    return value != 1 && strtod(text, NULL) == 1;
}

static int speedup_decimals(struct interval speedup) {
    const int usual_most = 4, most = 7;
    double half = fmax(speedup.high - speedup.estimate, speedup.estimate - speedup.low);
    int decimals = half > 0 && isfinite(half) ? (int)ceil(-log10(half)) : usual_most;
    if (decimals > usual_most)
        decimals = usual_most;
    int least = decimals_for_two_digits(fmin(speedup.low, speedup.estimate));
    if (decimals < least)
        decimals = least > most ? most : least;
    bool excludes_one = speedup.low > 1 || speedup.high < 1;
    while (excludes_one && decimals < most &&
           (looks_like_one(speedup.low, decimals) || looks_like_one(speedup.high, decimals) ||
            looks_like_one(speedup.estimate, decimals)))
        decimals++;
    return decimals;
}

#define HOPELESS 20 /* ends of an interval that are so far apart need no common decimals */

void format_speedup(struct interval speedup, char estimate[FORMAT_SIZE], char interval[2 * FORMAT_SIZE]) {
    if (!isfinite(speedup.estimate)) {
        snprintf(estimate, FORMAT_SIZE, ABSENT);
        snprintf(interval, 2 * FORMAT_SIZE, ABSENT);
        return;
    }
    if (speedup.low > 0 && speedup.low < 1 && speedup.high > 1 && speedup.high / speedup.low > HOPELESS) {
        char low[FORMAT_SIZE], high[FORMAT_SIZE], number[FORMAT_SIZE];
        format_number_short(speedup.estimate, number);
        format_number_short(speedup.low, low);
        format_number_short(speedup.high, high);
        snprintf(estimate, FORMAT_SIZE, "%.30s" TIMES, number);
        snprintf(interval, 2 * FORMAT_SIZE, "[%.36s, %.36s]", low, high);
        return;
    }
    int decimals = speedup_decimals(speedup);
    if (fabs(speedup.estimate) >= 1e9 || fabs(speedup.high) >= 1e9) {
        snprintf(estimate, FORMAT_SIZE, "%.3g" TIMES, speedup.estimate);
        snprintf(interval, 2 * FORMAT_SIZE, "[%.3g, %.3g]", speedup.low, speedup.high);
        return;
    }
    snprintf(estimate, FORMAT_SIZE, "%.*f" TIMES, decimals, speedup.estimate);
    if (isfinite(speedup.low) && isfinite(speedup.high))
        snprintf(interval, 2 * FORMAT_SIZE, "[%.*f, %.*f]", decimals, speedup.low, decimals, speedup.high);
    else
        snprintf(interval, 2 * FORMAT_SIZE, ABSENT);
}

void format_half_width(struct interval speedup, char text[FORMAT_SIZE]) {
    double half = fmax(speedup.high - speedup.estimate, speedup.estimate - speedup.low) / speedup.estimate;
    if (!isfinite(half))
        snprintf(text, FORMAT_SIZE, "±" ABSENT);
    else
        snprintf(text, FORMAT_SIZE, half < 0.995 ? "±%.2g %%" : "±%.0f %%", 100 * half);
}

void format_factor(double factor, char text[FORMAT_SIZE]) {
    int decimals = 1;
    if (isnan(factor)) {
        snprintf(text, FORMAT_SIZE, ABSENT);
        return;
    }
    if (factor >= 1000 || factor < 0.095) {
        char number[FORMAT_SIZE];
        format_number(factor, number);
        snprintf(text, FORMAT_SIZE, "%.30s" TIMES, number);
        return;
    }
    if (factor >= 9.95)
        decimals = 0;
    else if (factor < 1.095)
        decimals = 2;
    while (decimals < 6 && looks_like_one(factor, decimals))
        decimals++;
    snprintf(text, FORMAT_SIZE, "%.*f" TIMES, decimals, factor);
}

static bool unit_is_bytes(const char *unit) {
    return strcmp(unit, "bytes") == 0 || strcmp(unit, "byte") == 0 || strcmp(unit, "B") == 0;
}

bool format_unit_is_shown(const struct point_value *value) {
    return value->choice[0] || unit_is_bytes(value->unit) || strcmp(value->unit, "%") == 0;
}

static void format_exact_bytes(int64_t bytes, struct text *text) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    while (bytes && bytes % 1024 == 0 && unit + 1 < sizeof units / sizeof *units) {
        bytes /= 1024;
        unit++;
    }
    text_printf(text, "%" PRId64 " %s", bytes, units[unit]);
}

void format_point_value(const struct point_value *value, struct text *text) {
    if (value->choice[0])
        text_add(text, value->choice);
    else if (unit_is_bytes(value->unit))
        format_exact_bytes(value->value, text);
    else
        text_printf(text, "%" PRId64 "%s", value->value, strcmp(value->unit, "%") == 0 ? " %" : "");
}

void format_point(const struct point *point, struct text *text) {
    for (size_t i = 0; i < point->count; i++) {
        text_printf(text, "%s%s = ", i ? ", " : "", point->values[i].name);
        format_point_value(&point->values[i], text);
    }
}
