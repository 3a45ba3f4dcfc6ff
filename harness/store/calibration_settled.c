/* When a rate is known well enough: intervals that hold however often they are looked at. */
#include "store/calibration.h"

#include <math.h>

/* Logarithm of the beta function. */
static double log_beta(double a, double b) {
    int sign;
    return lgamma_r(a, &sign) + lgamma_r(b, &sign) - lgamma_r(a + b, &sign);
}

/* Logarithm of the likelihood of the tries under the prior over that under `rate`: a martingale if it is
 * true. */
static double log_evidence(size_t count, size_t tries, double limit, double rate) {
    double a = 0.5, b = 0.5 / limit, hits = (double)count, misses = (double)(tries - count);
    double mixed = log_beta(a + hits, b + misses) - log_beta(a, b);
    double plain = (count ? hits * log(rate) : 0) + (count < tries ? misses * log1p(-rate) : 0);
    return mixed - plain;
}

/*
 * Where the evidence reaches what 95 % confidence allows, between `inside`, where it has not, and `outside`.
 */
static double find_end(size_t count, size_t tries, double limit, double inside, double outside) {
    double allowed = -log(1 - CALIBRATION_CONFIDENCE);
    for (int step = 0; step < 60; step++) {
        double middle = (inside + outside) / 2;
        if (log_evidence(count, tries, limit, middle) < allowed)
            inside = middle;
        else
            outside = middle;
    }
    return outside;
}

struct interval calibration_running_interval(size_t count, size_t tries, double limit) {
    if (tries == 0 || count > tries)
        return (struct interval){NAN, NAN, NAN};
    double estimate = (double)count / (double)tries;
    return (struct interval){.estimate = estimate,
                             .low = count == 0 ? 0 : find_end(count, tries, limit, estimate, 0),
                             .high = count == tries ? 1 : find_end(count, tries, limit, estimate, 1)};
}

bool calibration_settled(const struct calibration *calibration, const struct calibration_summary *summary,
                         size_t kind, size_t size) {
    const struct calibration_row *row = &summary->kinds[kind];
    const struct calibration_cell *cell = &row->cells[size];
    if (calibration->sizes[size] == 0)
        return row->false_claims.low > CALIBRATION_PROMISED_RATE ||
               summary->all.false_claims.high <= CALIBRATION_PROMISED_RATE;
    double allowed = 1 - CALIBRATION_POWER;
    struct interval missed =
        calibration_running_interval(cell->tries - cell->told_apart, cell->tries, allowed);
    return missed.low > allowed || missed.high < allowed;
}
