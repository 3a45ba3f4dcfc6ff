#include "stats/spread.h"

#include <math.h>

struct spread spread_split(const struct ratio_estimate *estimate, const struct ratio_estimate *placebo) {
    double between = estimate->between_variance, elsewhere = placebo ? placebo->between_variance : NAN;
    struct spread spread = {.round = estimate->within_variance, .process = between, .layout = NAN};
    if (isnan(between) || isnan(elsewhere))
        return spread;
    spread.layout = fmin(between, elsewhere);
    spread.process = between - spread.layout;
    return spread;
}

static double known(double variance) {
    return isnan(variance) ? 0 : variance;
}

struct spread spread_shares(struct spread variances) {
    double sum = known(variances.round) + known(variances.process) + known(variances.layout);
    double scale = sum > 0 ? 1 / sum : NAN;
    return (struct spread){variances.round * scale, variances.process * scale, variances.layout * scale};
}
