/* Numbers as text, in UTF-8 (style_clean makes ASCII of it), on top of base/numbers.h: no exponents. What is
 * not finite is "–" everywhere, and so is a time, a size, a speedup or a factor below 0, which none is. */
#ifndef REPORT_FORMAT_H
#define REPORT_FORMAT_H

#include "base/numbers.h"
#include "report/text.h"
#include "store/result.h"

#include <stddef.h>

#define FORMAT_SIZE NUMBER_SIZE /**< bytes enough for any single number here */

/** number_padded with three significant digits: "4.71", "1310", "0.00412", "12.3M". */
void format_number(double value, char text[FORMAT_SIZE]);

/** Two significant digits: for where room is scarce. */
void format_number_short(double value, char text[FORMAT_SIZE]);

/** Two times in one unit: that of the smaller, or a larger one where the other would need more than five
 * digits. */
void format_times(double first_ns, double second_ns, char first[FORMAT_SIZE], char second[FORMAT_SIZE]);

/** number_bytes. */
void format_bytes(double bytes, char text[FORMAT_SIZE]);

/** Seconds as "0.25 s", "34 s", "3 min 20 s", "1 h 4 min"; below 10 ms in ms, µs or ns. */
void format_duration(double seconds, char text[FORMAT_SIZE]);

/** A share as "1 %", "0.25 %". */
void format_percent(double share, char text[FORMAT_SIZE]);

/**
 * A speedup "3.12×" and its interval "[3.10, 3.14]". As many decimals as the half-width deserves (its first
 * significant one), at least two significant digits of either end, and more where an end that is not 1 would
 * be rounded to 1: an interval that excludes 1 never looks as if it held it. One that says next to nothing
 * has two digits at either end; beyond 100000× and below 0.0001× each number stands by itself, with three.
 */
void format_speedup(struct interval speedup, char estimate[FORMAT_SIZE], char interval[2 * FORMAT_SIZE]);

/** Half-width relative to the estimate, the wider side: "±0.4 %". */
void format_half_width(struct interval speedup, char text[FORMAT_SIZE]);

/** A factor above 1 for a sentence, shorter: "1.4×", "12×", "142×"; close to 1 as many digits as tell it
 * from 1. */
void format_factor(double factor, char text[FORMAT_SIZE]);

/** "1.2× to 1.4×" with " to " between; where both ends read alike, one of them. */
void format_range(const char *low, const char *high, const char *between, struct text *text);

/** Value of a parameter: the choice's name; bytes as "64 MiB" where that is exact; "50 %"; a number. */
void format_point_value(const struct point_value *value, struct text *text);

/** Whether format_point_value has written the unit with the value (bytes, %). */
bool format_unit_is_shown(const struct point_value *value);

/** All parameters: "n = 4096, hit = 50 %"; empty for a point without any. */
void format_point(const struct point *point, struct text *text);

/** The reason that a result gives, or that it gives none. */
const char *format_reason(const char *reason);

#endif
