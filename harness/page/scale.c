#include "page/scale.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *scale_write(double place, char text[SCALE_PLACE]) {
    int length = snprintf(text, SCALE_PLACE, "%.1f", place);
    if (length >= 2 && length < SCALE_PLACE && strcmp(&text[length - 2], ".0") == 0)
        text[length - 2] = '\0';
    return strcmp(text, "-0") == 0 ? "0" : text;
}

double scale_at(const struct scale *scale, double value) {
    double share = scale->linear ? (value - scale->low) / (scale->high - scale->low)
                                 : log(value / scale->low) / log(scale->high / scale->low);
    share = share >= 0 ? fmin(share, 1) : 0; /* NAN, too, as the logarithm of what is below 0 */
    return scale->from + share * (scale->to - scale->from);
}

/* Multiples of a step within the scale. Counts those that find no room, too. */
static size_t equal_steps(const struct scale *scale, double step, double ticks[SCALE_TICKS]) {
    size_t count = 0;
    for (double k = ceil(scale->low / step - 1e-9); k * step <= scale->high * (1 + 1e-12); k++) {
        if (count < SCALE_TICKS)
            ticks[count] = k * step;
        count++;
    }
    return count;
}

/* Every `stride`-th decade, times each of `factors`. */
static size_t decades(const struct scale *scale, int stride, const double *factors, size_t factor_count,
                      double ticks[SCALE_TICKS]) {
    size_t count = 0;
    int first = (int)floor(log10(scale->low)), last = (int)ceil(log10(scale->high));
    first -= ((first % stride) + stride) % stride; /* so that 1 is among them */
    for (int decade = first; decade <= last; decade += stride)
        for (size_t i = 0; i < factor_count; i++) {
            double value = factors[i] * pow(10, decade);
            if (value < scale->low * (1 - 1e-9) || value > scale->high * (1 + 1e-9))
                continue;
            if (count < SCALE_TICKS)
                ticks[count] = value;
            count++;
        }
    return count;
}

size_t scale_ticks(const struct scale *scale, size_t most, double ticks[SCALE_TICKS]) {
    static const double all[] = {1, 2, 5}, ends[] = {1};
    size_t count;
    if (scale->linear || scale->high < 4 * scale->low) {
        double decade = pow(10, floor(log10(scale->high - scale->low)) - 1);
        static const double steps[] = {1, 2, 5, 10, 20, 50};
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
            if ((count = equal_steps(scale, steps[i] * decade, ticks)) <= most)
                return count;
        return 0;
    }
    if ((count = decades(scale, 1, all, 3, ticks)) <= most)
        return count;
    for (int stride = 1; stride < 400; stride++)
        if ((count = decades(scale, stride, ends, 1, ticks)) <= most)
            return count;
    return 0;
}

#define SHOWN_BEYOND 4.0

void range_add(struct interval *range, struct interval ratio) {
    if (!isfinite(ratio.estimate) || ratio.estimate <= 0)
        return;
    double low = ratio.low > 0 ? fmax(ratio.low, ratio.estimate / SHOWN_BEYOND) : ratio.estimate;
    double high = isfinite(ratio.high) ? fmin(ratio.high, ratio.estimate * SHOWN_BEYOND) : ratio.estimate;
    range->low = fmin(range->low, low);
    range->high = fmax(range->high, high);
}

struct scale scale_of_ratios(struct interval range, double delta, double from, double to) {
    double least = isfinite(delta) && delta > 0 ? 1 + 2 * delta : 1.02;
    double low = fmin(range.low, 1 / least), high = fmax(range.high, least);
    double room = pow(high / low, 0.04);
    return (struct scale){.low = low / room, .high = high * room, .from = from, .to = to};
}
