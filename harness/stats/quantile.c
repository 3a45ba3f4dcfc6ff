#include "stats/quantile.h"

#include <math.h>
#include <stdlib.h>

static int compare_values(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

void sort_values(double *values, size_t count) {
    qsort(values, count, sizeof *values, compare_values);
}

double quantile_sorted(const double *sorted, size_t count, double p) {
    if (count == 0 || !(p >= 0 && p <= 1))
        return NAN;
    double position = (double)(count - 1) * p;
    size_t below = (size_t)position;
    double fraction = position - (double)below;
    if (fraction == 0)
        return sorted[below];
    return sorted[below] + fraction * (sorted[below + 1] - sorted[below]);
}

double quantile(double *values, size_t count, double p) {
    sort_values(values, count);
    return quantile_sorted(values, count, p);
}

/* Value i covers the stretch [i, i + 1] of [0, count]; its weight is how much of that lies in the middle
 * half. */
double midmean_sorted(const double *sorted, size_t count) {
    if (count == 0)
        return NAN;
    double from = (double)count / 4, to = (double)count - from, sum = 0;
    size_t first = (size_t)from, last = (size_t)ceil(to) - 1;
    for (size_t i = first; i <= last; i++)
        sum += sorted[i] * (fmin(to, (double)(i + 1)) - fmax(from, (double)i));
    return sum / (to - from);
}

double midmean(double *values, size_t count) {
    sort_values(values, count);
    return midmean_sorted(values, count);
}

struct time_summary summarize_times(double *values, size_t count) {
    sort_values(values, count);
    return (struct time_summary){
        .median = quantile_sorted(values, count, 0.5),
        .p5 = quantile_sorted(values, count, 0.05),
        .p95 = quantile_sorted(values, count, 0.95),
        .min = quantile_sorted(values, count, 0),
    };
}
