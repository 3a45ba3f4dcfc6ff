#include "stats/verdict.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const char *const verdict_names[] = {
    [VERDICT_INVALID] = "invalid",
    [VERDICT_FASTER] = "faster",
    [VERDICT_SLOWER] = "slower",
    [VERDICT_EQUIVALENT] = "equivalent",
    [VERDICT_INCONCLUSIVE] = "inconclusive",
};
static const int verdict_count = sizeof verdict_names / sizeof *verdict_names;

const char *verdict_name(enum verdict verdict) {
    int index = (int)verdict;
    return index >= 0 && index < verdict_count ? verdict_names[index] : "unknown";
}

int verdict_by_name(const char *name) {
    for (int i = 0; i < verdict_count; i++)
        if (strcmp(name, verdict_names[i]) == 0)
            return i;
    return -EINVAL;
}

/* A placebo that was sampled but has no interval hides an unknown error, which is not an error of 0. */
static double floor_of(struct interval placebo) {
    if (isnan(placebo.estimate) && isnan(placebo.low) && isnan(placebo.high))
        return 0;
    if (!(placebo.low > 0 && placebo.low <= placebo.high))
        return INFINITY;
    return fmax(fabs(log(placebo.low)), fabs(log(placebo.high)));
}

enum verdict verdict_of(struct interval speedup, struct interval placebo, double delta) {
    if (!(speedup.low > 0 && speedup.low <= speedup.high) || !(delta >= 0))
        return VERDICT_INCONCLUSIVE;
    double low = log(speedup.low), high = log(speedup.high);
    double worth = log(1 + delta), floor = floor_of(placebo), bar = fmax(worth, floor);
    if (low > bar)
        return VERDICT_FASTER;
    if (high < -bar)
        return VERDICT_SLOWER;
    if (low >= -worth && high <= worth && floor < worth)
        return VERDICT_EQUIVALENT;
    return VERDICT_INCONCLUSIVE;
}

double verdict_missed_share(size_t units) {
    return -expm1(log(0.05) / (double)units);
}

bool target_met(struct interval speedup, double target) {
    return speedup.low >= target;
}
