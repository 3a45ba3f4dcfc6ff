#include "conclude/bisection.h"

#include "stats/verdict.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define PLACEBO_CONFIDENCE 0.95

int bisection_start(struct bisection *bisection, size_t last) {
    *bisection = (struct bisection){.bad = last, .last = last, .skipped = calloc(last + 1, sizeof(bool))};
    return bisection->skipped ? 0 : -ENOMEM;
}

void bisection_clear(struct bisection *bisection) {
    free(bisection->skipped);
    *bisection = (struct bisection){0};
}

size_t bisection_next(const struct bisection *bisection) {
    size_t middle = bisection->good + (bisection->bad - bisection->good) / 2;
    for (size_t distance = 0; distance < bisection->bad - bisection->good; distance++) {
        size_t below = middle - distance, above = middle + distance;
        if (distance < middle - bisection->good && !bisection->skipped[below])
            return below;
        if (above < bisection->bad && above > bisection->good && !bisection->skipped[above])
            return above;
    }
    return 0;
}

unsigned bisection_decisions(size_t commits) {
    unsigned decisions = 0;
    for (size_t left = commits; left > 1; left = (left + 1) / 2)
        decisions++;
    return decisions;
}

static bool has_samples(const struct replicate *replicate, size_t arm) {
    return replicate->rounds > 0 && replicate->ticks[arm] && replicate->runs[arm] > 0;
}

static double log_time(const struct replicate *replicate, size_t arm, size_t round) {
    uint64_t ticks = replicate->ticks[arm][round];
    return log((double)(ticks ? ticks : 1) / (double)replicate->runs[arm]);
}

/* A sum of log times, weighted, for each round; with the arms' weights summing to 0 a log ratio. */
struct contrast {
    size_t arms[3];
    double weights[3];
    size_t count;
};

static int estimate_contrast(const struct measurement *measurement, const struct contrast *contrast,
                             double confidence, struct interval *log_ratio) {
    size_t total = 0;
    for (size_t r = 0; r < measurement->replicate_count; r++)
        total += measurement->replicates[r].rounds;
    struct replicate_ratios *ratios = calloc(measurement->replicate_count + 1, sizeof *ratios);
    double *values = malloc((total + 1) * sizeof *values), *next = values;
    struct ratio_estimate estimate;
    int status = ratios && values ? 0 : -ENOMEM;
    for (size_t r = 0; r < measurement->replicate_count && status == 0; r++) {
        const struct replicate *replicate = &measurement->replicates[r];
        bool complete = true;
        for (size_t i = 0; i < contrast->count; i++)
            complete = complete && has_samples(replicate, contrast->arms[i]);
        if (!complete)
            continue;
        ratios[r] = (struct replicate_ratios){.log_ratio = next, .count = replicate->rounds};
        for (size_t round = 0; round < replicate->rounds; round++, next++) {
            *next = 0;
            for (size_t i = 0; i < contrast->count; i++)
                *next += contrast->weights[i] * log_time(replicate, contrast->arms[i], round);
        }
    }
    if (status == 0)
        status = estimate_log_ratio(ratios, measurement->replicate_count, confidence, &estimate);
    if (status == 0)
        *log_ratio = estimate.log;
    free(ratios);
    free(values);
    return status;
}

static int estimate_ratio(const struct measurement *measurement, size_t over, size_t under, double confidence,
                          struct interval *ratio) {
    struct contrast contrast = {.arms = {over, under}, .weights = {1, -1}, .count = 2};
    struct interval log_ratio;
    int status = estimate_contrast(measurement, &contrast, confidence, &log_ratio);
    if (status == 0)
        *ratio = interval_exp(log_ratio);
    return status;
}

/* The placebo's interval; all NAN where there is none. Always at the confidence that every run takes for it:
 * it is a guard against the method's own error, while the probability of a wrong decision is that of the
 * decision's own interval. */
static struct interval placebo_interval(const struct measurement *measurement) {
    struct interval placebo = {NAN, NAN, NAN};
    size_t last = measurement->arm_count - 1;
    if (last > 0 && measurement->arms[last].role == ARM_PLACEBO)
        estimate_ratio(measurement, 0, last, PLACEBO_CONFIDENCE, &placebo);
    return placebo;
}

static bool differs(struct interval ratio, struct interval placebo, double delta) {
    enum verdict verdict = verdict_of(ratio, placebo, delta);
    return verdict == VERDICT_FASTER || verdict == VERDICT_SLOWER;
}

int bisection_judge(const struct measurement *measurement, size_t good, size_t bad, size_t commit,
                    bool slower, double delta, double confidence, struct bisection_finding *finding) {
    struct contrast contrast = {.arms = {commit, good, bad}, .weights = {1, -0.5, -0.5}, .count = 3};
    struct interval middle, to_bad;
    *finding = (struct bisection_finding){0};
    int status = estimate_contrast(measurement, &contrast, confidence, &middle);
    if (status == 0)
        status = estimate_ratio(measurement, bad, good, confidence, &finding->change);
    if (status == 0)
        status = estimate_ratio(measurement, commit, good, confidence, &finding->level);
    if (status == 0)
        status = estimate_ratio(measurement, commit, bad, confidence, &to_bad);
    if (status)
        return status;
    struct interval placebo = placebo_interval(measurement);
    finding->middle = interval_exp(middle);
    /* In verdict_of's sense, a ratio above 1 is the commit's taking more time than the middle. */
    enum verdict verdict = verdict_of(finding->middle, placebo, 0);
    if (verdict == VERDICT_FASTER)
        finding->side = slower ? SIDE_BAD : SIDE_GOOD;
    else if (verdict == VERDICT_SLOWER)
        finding->side = slower ? SIDE_GOOD : SIDE_BAD;
    finding->between = differs(finding->level, placebo, delta) && differs(to_bad, placebo, delta);
    return 0;
}

int bisection_compare(const struct measurement *measurement, size_t first, size_t second, double delta,
                      double confidence, struct interval *ratio, enum verdict *verdict) {
    struct interval speedup;
    int status = estimate_ratio(measurement, second, first, confidence, ratio);
    if (status == 0)
        status = estimate_ratio(measurement, first, second, confidence, &speedup);
    if (status == 0)
        *verdict = verdict_of(speedup, placebo_interval(measurement), delta);
    return status;
}
