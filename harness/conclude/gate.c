#include "conclude/gate.h"

#include "conclude/comparison_internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POWER_QUANTILE 1.6449 /* of the standard normal distribution at 95 % */

int gate_judge_slowdown(const struct run *run, const struct comparison *comparison, double most, double level,
                        struct gate_slowdown *slowdown) {
    struct judgement judgement;
    const struct measurement *measurement = &run->measurements[comparison->measurement];
    *slowdown = (struct gate_slowdown){
        .ratio = {NAN, NAN, NAN}, .floor = NAN, .detectable = NAN, .outcome = GATE_OPEN};
    int status = comparison_judge(measurement, comparison->candidate_arm, &run->settings, comparison->target,
                                  &judgement);
    if (status)
        return status;
    const struct ratio_estimate *estimate = &judgement.estimate;
    double nominal = comparison_nominal_level(&run->settings, estimate->replicates, level);
    struct interval speedup = interval_exp(estimate_interval(estimate, 1 - nominal));
    double bound = log1p(most), floor = fmax(fabs(log(judgement.floor.low)), fabs(log(judgement.floor.high)));
    slowdown->ratio = (struct interval){1 / speedup.estimate, 1 / speedup.high, 1 / speedup.low};
    slowdown->floor = expm1(floor);
    double beyond = judgement.has_placebo ? fmax(bound, floor) : bound;
    double half = estimate_half_width(estimate, 1 - nominal);
    slowdown->detectable = expm1(beyond + half + POWER_QUANTILE * estimate->between_error);
    if (judgement.has_placebo && isnan(floor))
        slowdown->detectable = NAN; /* a placebo that failed: nothing can be refuted beside it */
    else if (log(slowdown->ratio.low) > beyond)
        slowdown->outcome = GATE_REFUTED;
    if (slowdown->ratio.high <= 1 + most)
        slowdown->outcome = GATE_HELD;
    return 0;
}

enum gate_outcome gate_judge_counter(const struct comparison *comparison, const struct case_condition *bound,
                                     const struct counter_result **counter) {
    *counter = NULL;
    for (size_t i = 0; i < comparison->counter_count && !*counter; i++)
        if (!strcmp(comparison->counters[i].name, bound->name) &&
            isfinite(comparison->counters[i].ratio.estimate) &&
            comparison->counters[i].trust != TRUST_UNTRUSTED)
            *counter = &comparison->counters[i];
    if (!*counter)
        return GATE_OPEN;
    struct interval ratio = (*counter)->ratio;
    if (!isfinite(ratio.low) || !isfinite(ratio.high))
        return GATE_OPEN;
    bool low = case_condition_holds(bound, ratio.low), high = case_condition_holds(bound, ratio.high);
    return low && high ? GATE_HELD : !low && !high ? GATE_REFUTED : GATE_OPEN;
}

enum gate_outcome gate_judge_target(struct interval speedup, double target) {
    return speedup.low >= target ? GATE_HELD : speedup.high < target ? GATE_REFUTED : GATE_OPEN;
}

enum gate_outcome gate_judge_verdict(enum verdict verdict, unsigned allowed) {
    return allowed & 1u << verdict ? GATE_HELD : verdict == VERDICT_INCONCLUSIVE ? GATE_OPEN : GATE_REFUTED;
}

double gate_median_ns(const struct run *run, const struct measurement *measurement, size_t arm) {
    size_t total = 0, count = 0;
    for (size_t r = 0; r < measurement->replicate_count; r++)
        total += measurement->replicates[r].rounds;
    double *times = malloc((total + 1) * sizeof *times);
    for (size_t r = 0; times && r < measurement->replicate_count; r++)
        for (size_t i = 0; comparison_has_samples(&measurement->replicates[r], arm) &&
                           i < measurement->replicates[r].rounds;
             i++)
            times[count++] = comparison_ticks_per_run(&measurement->replicates[r], arm, i) /
                             (run->host.clock.ticks_per_ns * measurement->items);
    double median = times ? quantile(times, count, 0.5) : NAN;
    free(times);
    return median;
}
