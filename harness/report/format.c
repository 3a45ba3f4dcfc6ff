#include "report/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ABSENT "–"
#define TIMES "×"

void format_number(double value, char text[FORMAT_SIZE]) {
    number_padded(value, 3, text);
}

void format_number_short(double value, char text[FORMAT_SIZE]) {
    number_padded(value, 2, text);
}

static const struct {
    const char *name;
    double ns;
} time_units[] = {{"ns", 1}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}};
#define TIME_UNITS (sizeof time_units / sizeof *time_units)

/* The unit in which `ns`, rounded as it will be shown, is at least 1. */
static size_t time_unit(double ns) {
    size_t unit = 0;
    while (unit + 1 < TIME_UNITS && ns >= 0.9995 * time_units[unit + 1].ns)
        unit++;
    return unit;
}

/* No time is below 0: what says so is none. */
static void format_time_in(double ns, size_t unit, char text[FORMAT_SIZE]) {
    if (!(ns >= 0) || !isfinite(ns)) {
        snprintf(text, FORMAT_SIZE, ABSENT);
        return;
    }
    format_number(ns / time_units[unit].ns, text);
    strcat(strcat(text, " "), time_units[unit].name);
}

void format_times(double first_ns, double second_ns, char first[FORMAT_SIZE], char second[FORMAT_SIZE]) {
    double least = fmin(first_ns, second_ns); /* fmin leaves a NAN out */
    double most = fmax(first_ns, second_ns);
    size_t unit = time_unit(isfinite(least) ? least : 0);
    while (unit + 1 < TIME_UNITS && isfinite(most) && most / time_units[unit].ns >= 99950)
        unit++;
    format_time_in(first_ns, unit, first);
    format_time_in(second_ns, unit, second);
}

void format_bytes(double bytes, char text[FORMAT_SIZE]) {
    number_bytes(bytes, text);
}

void format_duration(double seconds, char text[FORMAT_SIZE]) {
    if (!(seconds >= 0) || seconds > 1e9) {
        snprintf(text, FORMAT_SIZE, ABSENT);
        return;
    }
    unsigned whole = (unsigned)(seconds + 0.5);
    if (seconds < 0.0095)
        number_seconds(seconds, 2, text);
    else if (seconds < 9.95)
        snprintf(text, FORMAT_SIZE, "%s s", BRIEF(seconds, 2));
    else if (whole < 60)
        snprintf(text, FORMAT_SIZE, "%u s", whole);
    else if (whole < 3600)
        snprintf(text, FORMAT_SIZE, "%u min %u s", whole / 60, whole % 60);
    else
        snprintf(text, FORMAT_SIZE, "%u h %u min", whole / 3600, whole / 60 % 60);
}

void format_percent(double share, char text[FORMAT_SIZE]) {
    number_brief(100 * share, 3, text);
    if (isfinite(share))
        strcat(text, " %");
}

/* Decimals with which `value` shows two significant digits. */
static int decimals_for_two_digits(double value) {
    int decimals = value > 0 && isfinite(value) ? 1 - (int)floor(log10(value)) : 0;
    return decimals < 0 ? 0 : decimals;
}

/* Whether a value that is not 1 looks like 1 with so many decimals. */
static bool looks_like_one(double value, int decimals) {
    char text[FORMAT_SIZE];
    snprintf(text, sizeof text, "%.*f", decimals, value);
    return value != 1 && strtod(text, NULL) == 1;
}

#define MOST_DECIMALS 7

static int speedup_decimals(struct interval speedup) {
    const int usual_most = 4;
    double half = fmax(speedup.high - speedup.estimate, speedup.estimate - speedup.low);
    int decimals = half > 0 && isfinite(half) ? (int)ceil(-log10(half)) : usual_most;
    if (decimals > usual_most)
        decimals = usual_most;
    if (speedup.estimate >= 10) /* five digits in all */
        decimals = decimals > 4 - (int)log10(speedup.estimate) ? 4 - (int)log10(speedup.estimate) : decimals;
    int least = decimals_for_two_digits(fmin(speedup.low, speedup.estimate));
    if (decimals < least)
        decimals = least > MOST_DECIMALS ? MOST_DECIMALS : least;
    bool excludes_one = speedup.low > 1 || speedup.high < 1;
    while (excludes_one && decimals < MOST_DECIMALS &&
           (looks_like_one(speedup.low, decimals) || looks_like_one(speedup.high, decimals) ||
            looks_like_one(speedup.estimate, decimals)))
        decimals++;
    return decimals;
}

/* One of three numbers that have no decimals in common: so many digits, more where it would look like 1. */
static void format_end(double value, int digits, char text[FORMAT_SIZE]) {
    int decimals = 3;
    number_padded(value, digits, text);
    while (decimals < MOST_DECIMALS && looks_like_one(value, decimals))
        decimals++;
    if (value < 2 && value != 1 && strtod(text, NULL) == 1)
        snprintf(text, FORMAT_SIZE, "%.*f", decimals, value);
}

static void format_apart(struct interval speedup, int digits, char estimate[FORMAT_SIZE],
                         char interval[2 * FORMAT_SIZE]) {
    char low[FORMAT_SIZE], high[FORMAT_SIZE];
    format_end(speedup.estimate, digits, estimate);
    strcat(estimate, TIMES);
    format_end(speedup.low, digits, low);
    format_end(speedup.high, digits, high);
    snprintf(interval, 2 * FORMAT_SIZE, "[%.36s, %.36s]", low, high);
}

#define HOPELESS 20 /* ends of an interval that are so far apart need no common decimals */
#define LARGE 1e5   /* nor do numbers of which the decimals mean nothing */
#define SMALL 1e-4

void format_speedup(struct interval speedup, char estimate[FORMAT_SIZE], char interval[2 * FORMAT_SIZE]) {
    bool bounded = isfinite(speedup.low) && isfinite(speedup.high);
    snprintf(interval, 2 * FORMAT_SIZE, ABSENT);
    if (!isfinite(speedup.estimate) || speedup.estimate < 0 || (bounded && speedup.low < 0)) {
        snprintf(estimate, FORMAT_SIZE, ABSENT); /* no ratio of times is below 0 */
        return;
    }
    double least = bounded ? fmin(speedup.low, speedup.estimate) : speedup.estimate;
    double most = bounded ? fmax(speedup.high, speedup.estimate) : speedup.estimate;
    bool hopeless = bounded && speedup.low > 0 && speedup.low < 1 && speedup.high > 1 &&
                    speedup.high / speedup.low > HOPELESS;
    if (hopeless || most >= LARGE || least < SMALL) {
        format_apart(speedup, hopeless ? 2 : 3, estimate, interval);
    } else {
        int decimals = speedup_decimals(speedup);
        snprintf(estimate, FORMAT_SIZE, "%.*f" TIMES, decimals, speedup.estimate);
        snprintf(interval, 2 * FORMAT_SIZE, "[%.*f, %.*f]", decimals, speedup.low, decimals, speedup.high);
    }
    if (!bounded)
        snprintf(interval, 2 * FORMAT_SIZE, ABSENT);
}

void format_half_width(struct interval speedup, char text[FORMAT_SIZE]) {
    double half = fmax(speedup.high - speedup.estimate, speedup.estimate - speedup.low) / speedup.estimate;
    if (isfinite(half) && half >= 0)
        snprintf(text, FORMAT_SIZE, "±%s %%", BRIEF(100 * half, half < 0.995 ? 2 : 3));
    else
        snprintf(text, FORMAT_SIZE, "±" ABSENT);
}

void format_factor(double factor, char text[FORMAT_SIZE]) {
    int decimals = factor >= 9.95 ? 0 : factor < 1.095 ? 2 : 1;
    if (!isfinite(factor) || factor < 0) {
        snprintf(text, FORMAT_SIZE, ABSENT);
        return;
    }
    while (decimals < 6 && looks_like_one(factor, decimals))
        decimals++;
    if (factor >= 1000 || factor < 0.095)
        format_number(factor, text);
    else
        snprintf(text, FORMAT_SIZE, "%.*f", decimals, factor);
    strcat(text, TIMES);
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

void format_range(const char *low, const char *high, const char *between, struct text *text) {
    text_add(text, low);
    if (strcmp(low, high) != 0)
        text_printf(text, "%s%s", between, high);
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

const char *format_reason(const char *reason) {
    return reason[0] ? reason : "the result gives no reason";
}
