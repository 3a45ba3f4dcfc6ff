#include "stats/proportion.h"

#include <float.h>
#include <math.h>

static double log_factorial(size_t n) {
    int sign;
    return lgamma_r((double)n + 1, &sign);
}

/*
 * P(X >= count) for X of the binomial distribution with 0 < p < 1. From its largest term outwards terms only
 * shrink, so that what is left out once they no longer change the sum is below rounding.
 */
static double upper_tail(size_t count, size_t tries, double p) {
    size_t mode = (size_t)((double)(tries + 1) * p);
    size_t first = mode < count ? count : mode > tries ? tries : mode;
    double odds = p / (1 - p);
    double largest = exp(log_factorial(tries) - log_factorial(first) - log_factorial(tries - first) +
                         (double)first * log(p) + (double)(tries - first) * log1p(-p));
    double sum = largest, term = largest;
    for (size_t k = first; k < tries && term > sum * DBL_EPSILON / 4; k++) {
        term *= (double)(tries - k) / (double)(k + 1) * odds;
        sum += term;
    }
    term = largest;
    for (size_t k = first; k > count && term > sum * DBL_EPSILON / 4; k--) {
        term *= (double)k / (double)(tries - k + 1) / odds;
        sum += term;
    }
    return sum;
}

/* The rate at which `count` or more of `tries` have the probability `tail`: the tail rises with the rate. */
static double solve_rate(size_t count, size_t tries, double tail) {
    double low = 0, high = 1;
    for (;;) {
        double middle = (low + high) / 2;
        if (middle <= low || middle >= high || high - low < 1e-15)
            return middle;
        if (upper_tail(count, tries, middle) < tail)
            low = middle;
        else
            high = middle;
    }
}

struct interval proportion_interval(size_t count, size_t tries, double confidence) {
    if (tries == 0 || count > tries || !(confidence > 0 && confidence < 1))
        return (struct interval){NAN, NAN, NAN};
    double outside = (1 - confidence) / 2;
    /* At most `count` are as unlikely as at least count + 1 are likely. */
    return (struct interval){.estimate = (double)count / (double)tries,
                             .low = count == 0 ? 0 : solve_rate(count, tries, outside),
                             .high = count == tries ? 1 : solve_rate(count + 1, tries, 1 - outside)};
}
