#include "base/numbers.h"

#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ABSENT "–"
#define LEAST 1e-4 /* below it zeros hide the digits */
#define MOST 1e7   /* from it on they do so on the other side */

#define LONGEST 63 /* bytes of a number that is read: more digits than a double tells apart */

static size_t count_digits(const char *text, size_t length) {
    size_t count = 0;
    while (count < length && isdigit((unsigned char)text[count]))
        count++;
    return count;
}

/* [+-] digits [. digits] [e [+-] digits], with digits on one side of the point at least. */
static bool is_decimal(const char *text, size_t length) {
    size_t at = length && (text[0] == '-' || text[0] == '+');
    size_t whole = count_digits(text + at, length - at), fraction = 0;
    at += whole;
    if (at < length && text[at] == '.') {
        fraction = count_digits(text + at + 1, length - at - 1);
        if (!fraction)
            return false;
        at += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (at < length && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        at += at < length && (text[at] == '-' || text[at] == '+');
        size_t exponent = count_digits(text + at, length - at);
        if (!exponent)
            return false;
        at += exponent;
    }
    return at == length;
}

bool number_read(const char *text, size_t length, double *value) {
    char copy[LONGEST + 1];
    if (length > LONGEST || !is_decimal(text, length))
        return false;
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (plain == (locale_t)0)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    *value = strtod_l(copy, NULL, plain);
    freelocale(plain);
    return isfinite(*value);
}

bool number_read_whole(const char *text, size_t length, int64_t *value) {
    char copy[LONGEST + 1];
    size_t sign = length && text[0] == '-';
    if (length == sign || length > LONGEST || count_digits(text + sign, length - sign) != length - sign)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    errno = 0;
    *value = strtoll(copy, NULL, 10);
    return errno == 0;
}

/* Rounds to `digits` significant digits and gives the decimals that show them. */
static double round_significant(double value, int digits, int *decimals) {
    char text[NUMBER_SIZE];
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    int places = digits - 1 - atoi(strchr(text, 'e') + 1);
    *decimals = places < 0 ? 0 : places;
    return strtod(text, NULL);
}

static void drop_zeros(char *text) {
    if (!strchr(text, '.'))
        return;
    char *end = text + strlen(text);
    while (end[-1] == '0')
        *--end = '\0';
    if (end[-1] == '.')
        end[-1] = '\0';
}

/* Large numbers in the unit in which they are below a thousand. */
static const char *scale_down(double *value, int digits) {
    static const char *const units[] = {"M", "G", "T"};
    int decimals;
    *value /= 1e6;
    for (size_t unit = 0; unit < sizeof units / sizeof *units; unit++) {
        if (fabs(round_significant(*value, digits, &decimals)) < 1e3)
            return units[unit];
        *value /= 1e3;
    }
    return NULL;
}

static const char *write_number(double value, int digits, bool brief, char text[NUMBER_SIZE]) {
    const char *unit = "";
    int decimals = 0;
    if (!isfinite(value)) {
        snprintf(text, NUMBER_SIZE, ABSENT);
        return text;
    }
    double rounded = value != 0 ? round_significant(value, digits, &decimals) : 0;
    if (fabs(rounded) >= MOST) {
        unit = scale_down(&value, digits);
        rounded = unit ? round_significant(value, digits, &decimals) : 0;
    }
    if (!unit)
        snprintf(text, NUMBER_SIZE, value < 0 ? "<-999T" : ">999T");
    else if (value != 0 && fabs(rounded) < LEAST)
        snprintf(text, NUMBER_SIZE, value < 0 ? ">-0.0001" : "<0.0001");
    else
        snprintf(text, NUMBER_SIZE, "%.*f", decimals, rounded);
    if (brief)
        drop_zeros(text);
    return unit && *unit ? strcat(text, unit) : text;
}

const char *number_padded(double value, int digits, char text[NUMBER_SIZE]) {
    return write_number(value, digits, false, text);
}

const char *number_brief(double value, int digits, char text[NUMBER_SIZE]) {
    return write_number(value, digits, true, text);
}

const char *number_bytes(double bytes, char text[NUMBER_SIZE]) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    size_t unit = 0;
    if (!(bytes >= 0) || !isfinite(bytes)) {
        snprintf(text, NUMBER_SIZE, ABSENT);
        return text;
    }
    for (; unit + 1 < sizeof units / sizeof *units && bytes >= 1023.5; unit++)
        bytes /= 1024;
    if (unit == 0)
        snprintf(text, NUMBER_SIZE, "%.0f", fabs(bytes)); /* no "-0" */
    else
        number_padded(bytes, 3, text);
    strcat(text, " ");
    return strcat(text, units[unit]);
}

const char *number_seconds(double seconds, int digits, char text[NUMBER_SIZE]) {
    static const char *const units[] = {"s", "ms", "µs", "ns"};
    size_t unit = 0;
    int decimals;
    if (!(seconds >= 0) || !isfinite(seconds)) {
        snprintf(text, NUMBER_SIZE, ABSENT);
        return text;
    }
    for (; unit + 1 < sizeof units / sizeof *units && seconds > 0 &&
           round_significant(seconds, digits, &decimals) < 1;
         unit++)
        seconds *= 1e3;
    number_brief(seconds, digits, text);
    strcat(text, " ");
    return strcat(text, units[seconds > 0 ? unit : 0]);
}
