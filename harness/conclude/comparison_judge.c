/* From the samples of two arms to an interval, a verdict and its p-value: all that a look needs. */
#include "conclude/comparison_internal.h"
#include "stats/sequential.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Going on is futile below this chance of a verdict, once so many replicates are done. */
#define HOPELESS_CHANCE 0.1
#define HOPELESS_REPLICATES 8

double comparison_ticks_per_run(const struct replicate *replicate, size_t arm, size_t round) {
    uint64_t ticks = replicate->ticks[arm][round];
    return (double)(ticks ? ticks : 1) / (double)replicate->runs[arm];
}

bool comparison_has_samples(const struct replicate *replicate, size_t arm) {
    return replicate->rounds > 0 && replicate->ticks[arm] && replicate->runs[arm] > 0;
}

double comparison_nominal_level(const struct run_settings *settings, size_t replicates, double level) {
    if (!run_is_sequential(settings))
        return level;
    return sequential_level(settings->replicates, (unsigned)replicates, level);
}

/*
 * Log ratios of the baseline to `under` in one buffer (*buffer, freed by the caller), of the replicates that
 * have samples of `candidate` as well. Replicates of one link share a group. 0 or -ENOMEM.
 */
static int collect_ratios(const struct measurement *measurement, size_t under, size_t candidate,
                          bool links_differ, struct replicate_ratios **ratios, double **buffer) {
    size_t total = 0;
    for (size_t r = 0; r < measurement->replicate_count; r++)
        total += measurement->replicates[r].rounds;
    *ratios = calloc(measurement->replicate_count + 1, sizeof **ratios);
    *buffer = malloc((total + 1) * sizeof **buffer);
    if (!*ratios || !*buffer)
        return -ENOMEM;
    double *next = *buffer;
    for (size_t r = 0; r < measurement->replicate_count; r++) {
        const struct replicate *replicate = &measurement->replicates[r];
        if (!comparison_has_samples(replicate, 0) || !comparison_has_samples(replicate, under) ||
            !comparison_has_samples(replicate, candidate))
            continue;
        (*ratios)[r] = (struct replicate_ratios){
            .log_ratio = next, .count = replicate->rounds, .group = links_differ ? replicate->layout : 0};
        for (size_t round = 0; round < replicate->rounds; round++)
            *next++ = log(comparison_ticks_per_run(replicate, 0, round) /
                          comparison_ticks_per_run(replicate, under, round));
    }
    return 0;
}

static int estimate_ratio(const struct measurement *measurement, size_t under, size_t candidate,
                          const struct run_settings *settings, struct ratio_estimate *estimate) {
    struct replicate_ratios *ratios = NULL;
    double *buffer = NULL;
    bool links_differ = strcmp(settings->layout, "random") == 0;
    int status = collect_ratios(measurement, under, candidate, links_differ, &ratios, &buffer);
    if (status == 0)
        status = estimate_log_ratio(ratios, measurement->replicate_count, settings->confidence, estimate);
    free(ratios);
    free(buffer);
    return status;
}

/*
 * The placebo against the baseline, over the candidate's replicates: what the same measurement reports for no
 * difference. It makes no claim, so its interval is that of the run's confidence whatever the number of
 * looks and comparisons. One that failed is all NAN and no floor of 0: nothing can be concluded beside it.
 * 0 or -ENOMEM.
 */
static int judge_placebo(const struct measurement *measurement, size_t candidate,
                         const struct run_settings *settings, struct judgement *judgement) {
    size_t last = measurement->arm_count - 1;
    judgement->has_placebo = measurement->arms[last].role == ARM_PLACEBO;
    judgement->placebo = estimate_unknown();
    judgement->floor = judgement->placebo.log;
    if (!judgement->has_placebo)
        return 0;
    int status = measurement->arms[last].invalid
                     ? -EINVAL
                     : estimate_ratio(measurement, last, candidate, settings, &judgement->placebo);
    judgement->floor = interval_exp(judgement->placebo.log);
    if (isnan(judgement->floor.estimate))
        judgement->floor.estimate = 1;
    return status == -ENOMEM ? status : 0;
}

/* Repeated where looks were planned; NAN stays NAN. */
static double overall_p_value(const struct run_settings *settings, size_t replicates, double nominal_p) {
    if (!run_is_sequential(settings))
        return nominal_p;
    return sequential_p_value(settings->replicates, (unsigned)replicates, nominal_p);
}

int comparison_judge(const struct measurement *measurement, size_t candidate,
                     const struct run_settings *settings, double target, struct judgement *judgement) {
    *judgement = (struct judgement){.verdict = VERDICT_INCONCLUSIVE, .p_value = NAN, .target_p_value = NAN};
    int status = judge_placebo(measurement, candidate, settings, judgement);
    if (status == 0)
        status = estimate_ratio(measurement, candidate, candidate, settings, &judgement->estimate);
    if (status)
        return status;
    const struct ratio_estimate *estimate = &judgement->estimate;
    size_t replicates = estimate->replicates;
    judgement->confidence = 1 - comparison_nominal_level(settings, replicates, 1 - settings->confidence);
    judgement->speedup = interval_exp(estimate_interval(estimate, judgement->confidence));
    judgement->verdict = verdict_of(judgement->speedup, judgement->floor, settings->delta);
    /* Of a command, each execution is a process of its own. */
    judgement->processes = measurement->arms[0].command[0] ? estimate->rounds : estimate->units;
    judgement->too_few_units =
        judgement->verdict == VERDICT_EQUIVALENT && judgement->processes < VERDICT_EQUIVALENT_UNITS;
    if (judgement->too_few_units)
        judgement->verdict = VERDICT_INCONCLUSIVE;
    if (judgement->verdict != VERDICT_INCONCLUSIVE)
        judgement->p_value =
            overall_p_value(settings, replicates,
                            family_p_value(estimate, judgement->floor, settings->delta, judgement->verdict));
    judgement->target_p_value =
        overall_p_value(settings, replicates, family_target_p_value(estimate, target));
    return 0;
}

/* Whether the replicates still to come are unlikely to bring a verdict, taken alone, at the last look. */
static bool is_hopeless(const struct judgement *judgement, const struct run_settings *settings) {
    size_t done = judgement->estimate.replicates;
    if (done < HOPELESS_REPLICATES || done >= settings->replicates)
        return false;
    if (judgement->too_few_units && settings->replicates >= VERDICT_EQUIVALENT_UNITS)
        return false;
    struct settling settling = comparison_settling(judgement, settings, 1);
    return family_chance_going_on(&settling, (double)settings->replicates / (double)done) < HOPELESS_CHANCE;
}

int comparison_progress(const struct measurement *measurement, size_t candidate,
                        const struct run_settings *settings, size_t comparisons,
                        enum arm_progress *progress) {
    struct judgement judgement;
    *progress = ARM_OPEN;
    if (!run_is_sequential(settings))
        return 0;
    if (measurement->arms[0].invalid || measurement->arms[candidate].invalid) {
        *progress = ARM_SETTLED;
        return 0;
    }
    int status = comparison_judge(measurement, candidate, settings, NAN, &judgement);
    if (status)
        return status == -EINVAL ? 0 : status;
    if (judgement.p_value <= (1 - settings->confidence) / (double)comparisons)
        *progress = ARM_SETTLED;
    else if (is_hopeless(&judgement, settings))
        *progress = ARM_HOPELESS;
    return 0;
}
