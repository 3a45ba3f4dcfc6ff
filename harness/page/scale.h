/* From numbers to places on a chart. */
#ifndef PAGE_SCALE_H
#define PAGE_SCALE_H

#include "stats/estimate.h"

#include <stdbool.h>
#include <stddef.h>

/** Logarithmic, or linear: `low` lies at `from`, `high` at `to`. */
struct scale {
    bool linear;
    double low, high;
    double from, to;
};

#define SCALE_TICKS 12

#define SCALE_PLACE 24

/** A place in a drawing, to a tenth of its unit, without ".0": a page has thousands of them. Returns `text`. */
const char *scale_write(double place, char text[SCALE_PLACE]);

/** The same in an expression. */
#define PLACE(place) scale_write(place, (char[SCALE_PLACE]){0})

/** Where a value lies; what is outside, at the nearer end. */
double scale_at(const struct scale *scale, double value);

/**
 * Round numbers within the scale, upwards, at most `most` (<= SCALE_TICKS): powers of ten, or 1, 2, 5 times those,
 * or equal steps where the scale spans less than a factor of four.
 */
size_t scale_ticks(const struct scale *scale, size_t most, double ticks[SCALE_TICKS]);

/** Widens a range of ratios, which starts as {NAN, INFINITY, 0}, so that it holds an estimate, and its interval as
 * far as that is within a factor of four of it. Ignores what is not a ratio. */
void range_add(struct interval *range, struct interval ratio);

/** The scale of a range of ratios that holds 1 and both ends of ±delta, with some room at either end. */
struct scale scale_of_ratios(struct interval range, double delta, double from, double to);

#endif
