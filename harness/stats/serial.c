#include "stats/serial.h"

#include "stats/student.h"

#include <math.h>

static void rank_values(const double *values, size_t count, double *ranks) {
    for (size_t i = 0; i < count; i++) {
        size_t below = 0, equal = 0;
        for (size_t k = 0; k < count; k++) {
            below += values[k] < values[i];
            equal += values[k] == values[i];
        }
        ranks[i] = (double)below + ((double)equal + 1) / 2;
    }
}

/* P(X <= x) of the beta distribution with both parameters `shape`, which is Student's t in other words. */
static double symmetric_beta_cdf(double x, double shape) {
    if (x <= 0)
        return 0;
    if (x >= 1)
        return 1;
    return student_cdf(sqrt(2 * shape) * (2 * x - 1) / (2 * sqrt(x * (1 - x))), 2 * shape);
}

/* Bartels' approximation, whose variance is the exact one: 4 (n - 2) (5 n² - 2 n - 9) / (5 n (n + 1) (n -
 * 1)²). */
static double ratio_cdf(double ratio, double n) {
    double shape = 5 * n * (n + 1) * (n - 1) * (n - 1) / (2 * (n - 2) * (5 * n * n - 2 * n - 9)) - 0.5;
    return symmetric_beta_cdf(ratio / 4, shape);
}

/* A correlation r of n values is expected about (1 + 4 r) / n too low (Kendall, "Note on Bias in the
 * Estimation of Autocorrelation", Biometrika 41, 1954). */
static double without_bias(double correlation, double n) {
    return fmin((n * correlation + 1) / (n - 4), 1);
}

struct serial_dependence serial_dependence(const double *values, size_t count, double *ranks) {
    struct serial_dependence unknown = {NAN, 0};
    double n = (double)count, middle = (n + 1) / 2, steps = 0, spread = 0;
    if (count < SERIAL_LEAST)
        return unknown;
    rank_values(values, count, ranks);
    for (size_t i = 0; i < count; i++) {
        double step = i > 0 ? ranks[i] - ranks[i - 1] : 0;
        steps += step * step;
        spread += (ranks[i] - middle) * (ranks[i] - middle);
    }
    if (spread == 0)
        return unknown;
    double ratio = steps / spread;
    return (struct serial_dependence){ratio_cdf(ratio, n), without_bias(1 - ratio / 2, n)};
}
