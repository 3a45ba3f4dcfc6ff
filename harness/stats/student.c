#include "stats/student.h"

#include <float.h>
#include <math.h>

/*
 * Above this the t distribution is the normal one to within 1e-10: their difference is below 0.16 / degrees.
 */
static const double normal_from_degrees = 1e10;

/*
 * Above this the continued fraction loses digits (its argument is within 1e-6 of 1), and the normal
 * approximation of Abramowitz and Stegun 26.7.8, whose error falls as 1 / degrees², is within 1e-11.
 */
static const double nearly_normal_degrees = 1e6;

double normal_cdf(double x) {
    return erfc(-x * M_SQRT1_2) / 2;
}

/*
 * Rational start of Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.2.23 (error
 * below 4.5e-4), then Halley's method, which cubes that error at each step.
 */
double normal_quantile(double p) {
    if (!(p > 0 && p < 1))
        return NAN;
    if (p > 0.5)
        return -normal_quantile(1 - p);
    double s = sqrt(-2 * log(p));
    double x =
        (2.515517 + s * (0.802853 + s * 0.010328)) / (1 + s * (1.432788 + s * (0.189269 + s * 0.001308))) - s;
    for (int i = 0; i < 3; i++) {
        double density = exp(-x * x / 2) / sqrt(2 * M_PI);
        if (density == 0)
            break;
        double step = (normal_cdf(x) - p) / density;
        x -= step / (1 + x * step / 2);
    }
    return x;
}

/* log B(a, 1/2). Differences of lgamma lose digits as a grows; DLMF 5.11.13 gives the ratio itself. */
static double log_beta_half(double a) {
    const double log_gamma_half = log(M_PI) / 2;
    int sign;
    if (a < 100)
        return lgamma_r(a, &sign) - lgamma_r(a + 0.5, &sign) + log_gamma_half;
    double r = 1 / a, r2 = r * r;
    return log_gamma_half - log(a) / 2 +
           r * (1.0 / 8 - r2 * (1.0 / 192 - r2 * (1.0 / 640 - r2 * 17.0 / 14336)));
}

/*
 * Continued fraction of the incomplete beta function, NIST DLMF 8.17.22, by the modified Lentz method
 * (Thompson and Barnett, Journal of Computational Physics 64, 1986). Converges fast for x < (a + 1) / (a + b
 * + 2); the number of terms grows as the square root of the larger parameter, which the bound on the terms
 * allows for.
 */
static double beta_fraction(double x, double a, double b) {
    const double tiny = 1e-300;
    const int terms = 1000000;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double fraction = d;
    for (int m = 1; m < terms; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double change = 1;
        for (int half = 0; half < 2; half++) {
            double coefficient = half == 0 ? even : odd;
            d = 1 + coefficient * d;
            c = 1 + coefficient / c;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = fabs(c) < tiny ? tiny : c;
            change = c * d;
            fraction *= change;
        }
        if (fabs(change - 1) < 4 * DBL_EPSILON)
            break;
    }
    return fraction;
}

/*
 * P(T > t) for t > 0: half of I_x(degrees / 2, 1 / 2) at x = degrees / (degrees + t²) (DLMF 8.17.1 and
 * Abramowitz and Stegun 26.7.1). x and 1 - x are both taken from t, so that neither loses digits near 0 or 1.
 */
static double upper_tail(double t, double degrees) {
    if (degrees > nearly_normal_degrees)
        return normal_cdf(-t * (1 - 1 / (4 * degrees)) / sqrt(1 + t * t / (2 * degrees)));
    double a = degrees / 2, b = 0.5, root = sqrt(degrees), scaled = t / root;
    double log_x = -(scaled > 1 ? 2 * log(scaled) + log1p(1 / (scaled * scaled)) : log1p(scaled * scaled));
    double x = exp(log_x), rest = -expm1(log_x);
    double log_rest = scaled > 1 ? -log1p(1 / (scaled * scaled)) : 2 * log(scaled) + log_x;
    double front = exp(a * log_x + b * log_rest - log_beta_half(a));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(x, a, b) / a / 2;
    return (1 - front * beta_fraction(rest, b, a) / b) / 2;
}

double student_cdf(double t, double degrees) {
    if (isnan(t) || !(degrees > 0))
        return NAN;
    if (t == 0)
        return 0.5;
    double tail = upper_tail(fabs(t), degrees);
    return t < 0 ? tail : 1 - tail;
}

/* d log P(T > t) / d log t; the density from Abramowitz and Stegun 26.7.1. */
static double log_tail_slope(double t, double degrees, double tail) {
    double log_density =
        -0.5 * log(degrees) - log_beta_half(degrees / 2) - (degrees + 1) / 2 * log1p(t / degrees * t);
    return -exp(log_density + log(t)) / tail;
}

/*
 * Newton's method on log tail against log t, where the tail of a t distribution is all but a straight line,
 * kept inside a bracket that shrinks at every step, so that it cannot run away.
 */
static double solve_upper_tail(double target, double degrees) {
    double low = log(DBL_MIN), high = log(DBL_MAX);
    double at = log(fmax(-normal_quantile(target), 1e-3));
    for (int i = 0; i < 400; i++) {
        double t = exp(at), tail = upper_tail(t, degrees);
        double miss = log(tail) - log(target);
        if (miss > 0)
            low = at;
        else
            high = at;
        double next = tail > 0 ? at - miss / log_tail_slope(t, degrees, tail) : NAN;
        if (fabs(next - at) < 1e-14 || fabs(exp(next) - t) < 1e-16)
            break;
        at = next > low && next < high ? next : (low + high) / 2;
    }
    return exp(at);
}

double student_quantile(double p, double degrees) {
    if (!(p > 0 && p < 1) || !(degrees > 0))
        return NAN;
    if (degrees > normal_from_degrees)
        return normal_quantile(p);
    if (p == 0.5)
        return 0;
    return p < 0.5 ? -solve_upper_tail(p, degrees) : solve_upper_tail(1 - p, degrees);
}
