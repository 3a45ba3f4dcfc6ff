#include "conclude/comparison_internal.h"
#include "stats/schedule.h"
#include "stats/spread.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CARRY_OVER_CONFIDENCE 0.99

/* Of the replicates that have the candidate, too: both times are of the same ones. */
static int summarize_arm(const struct measurement *measurement, size_t arm, size_t candidate,
                         const struct sample_clock *clock, struct time_summary *summary) {
    size_t total = 0, count = 0;
    *summary = (struct time_summary){NAN, NAN, NAN, NAN};
    for (size_t r = 0; r < measurement->replicate_count; r++)
        total += measurement->replicates[r].rounds;
    double *times = malloc((total + 1) * sizeof *times);
    if (!times)
        return -ENOMEM;
    for (size_t r = 0; r < measurement->replicate_count; r++) {
        const struct replicate *replicate = &measurement->replicates[r];
        if (!comparison_has_samples(replicate, arm) || !comparison_has_samples(replicate, candidate))
            continue;
        for (size_t round = 0; round < replicate->rounds; round++)
            times[count++] =
                comparison_ticks_per_run(replicate, arm, round) / clock->ticks_per_ns / measurement->items;
    }
    if (count)
        *summary = summarize_times(times, count);
    free(times);
    return 0;
}

/*
 * Midmean of the log ratios of the rounds in which the baseline came first, less that of those in which it
 * came last, for one replicate; NAN where there are too few of either. `first` and `last` have room for all
 * rounds.
 */
static double order_effect(const struct replicate *replicate, const struct measurement *measurement,
                           size_t candidate, double *first, double *last) {
    struct schedule schedule;
    size_t live[SCHEDULE_MAX_ARMS], count = 0, first_count = 0, last_count = 0;
    for (size_t arm = 0; arm < measurement->arm_count; arm++)
        if (comparison_has_samples(replicate, arm))
            live[count++] = arm;
    schedule_start(&schedule, replicate->seed, count);
    for (size_t round = 0; round < replicate->rounds; round++) {
        const uint32_t *order = schedule_next(&schedule);
        double ratio = log(comparison_ticks_per_run(replicate, 0, round) /
                           comparison_ticks_per_run(replicate, candidate, round));
        if (live[order[0]] == 0)
            first[first_count++] = ratio;
        else if (live[order[count - 1]] == 0)
            last[last_count++] = ratio;
    }
    return first_count < 4 || last_count < 4 ? NAN : midmean(first, first_count) - midmean(last, last_count);
}

static int conclude_carry_over(const struct measurement *measurement, size_t candidate, double delta,
                               struct comparison *comparison) {
    size_t rounds = 1;
    for (size_t r = 0; r < measurement->replicate_count; r++)
        rounds += measurement->replicates[r].rounds;
    double *first = malloc(rounds * sizeof *first), *last = malloc(rounds * sizeof *last);
    double *effects = malloc((measurement->replicate_count + 1) * sizeof *effects);
    int status = first && last && effects ? 0 : -ENOMEM;
    size_t count = 0;
    for (size_t r = 0; r < measurement->replicate_count && status == 0; r++)
        if (comparison_has_samples(&measurement->replicates[r], 0) &&
            comparison_has_samples(&measurement->replicates[r], candidate))
            effects[count++] = order_effect(&measurement->replicates[r], measurement, candidate, first, last);
    if (status == 0 && count) {
        struct interval effect = mean_interval(effects, count, CARRY_OVER_CONFIDENCE);
        if (effect.low > log1p(delta) || effect.high < -log1p(delta))
            snprintf(comparison->carry_over_text, sizeof comparison->carry_over_text,
                     "order matters: the speedup is %+.1f %% where %s ran first against where it ran last",
                     100 * expm1(effect.estimate), comparison->baseline);
    }
    free(first);
    free(last);
    free(effects);
    return status;
}

static void start_comparison(const struct measurement *measurement, size_t candidate, double confidence,
                             struct comparison *comparison) {
    const struct arm *baseline = &measurement->arms[0], *other = &measurement->arms[candidate];
    const struct interval unknown = {NAN, NAN, NAN};
    const struct time_summary no_time = {NAN, NAN, NAN, NAN};
    comparison->point = measurement->point;
    memcpy(comparison->baseline, baseline->variant, sizeof comparison->baseline);
    memcpy(comparison->candidate, other->variant, sizeof comparison->candidate);
    comparison->baseline_arm = 0;
    comparison->candidate_arm = candidate;
    comparison->confidence = confidence;
    comparison->limit = verdict_limit(LIMIT_NONE);
    comparison->speedup = comparison->placebo = unknown;
    comparison->within_half = comparison->between_half = comparison->p_value = NAN;
    comparison->target_p_value = comparison->serial.p_value = NAN;
    comparison->kinds = (struct value_groups){0, 0, NAN, NAN};
    comparison->spread_round = comparison->spread_process = comparison->spread_layout = NAN;
    comparison->baseline_time = comparison->candidate_time = no_time;
    comparison->identical_code = baseline->code_bytes && baseline->code_bytes == other->code_bytes &&
                                 !strcmp(baseline->code_hash, other->code_hash);
}

static struct spread split_spread(const struct judgement *judgement, const struct run_settings *settings) {
    bool links_differ = strcmp(settings->layout, "random") == 0 && judgement->has_placebo;
    return spread_split(&judgement->estimate, links_differ ? &judgement->placebo : NULL);
}

int comparison_components(const struct measurement *measurement, size_t candidate,
                          const struct run_settings *settings, struct spread *spread) {
    struct judgement judgement;
    int status = comparison_judge(measurement, candidate, settings, 1, &judgement);
    if (status == 0)
        *spread = split_spread(&judgement, settings);
    return status;
}

static void conclude_spread(const struct judgement *judgement, const struct run_settings *settings,
                            struct comparison *comparison) {
    struct spread spread = split_spread(judgement, settings);
    comparison->spread_round = sqrt(spread.round);
    comparison->spread_process = sqrt(spread.process);
    comparison->spread_layout = sqrt(spread.layout);
}

static void conclude_verdict(const struct judgement *judgement, const struct run_settings *settings,
                             struct comparison *comparison) {
    const struct ratio_estimate *estimate = &judgement->estimate;
    comparison->speedup = judgement->speedup;
    comparison->placebo = judgement->floor;
    comparison->within_half = estimate->within_half;
    comparison->between_half = estimate->between_half;
    comparison->replicates = estimate->replicates;
    comparison->units = judgement->processes;
    comparison->serial = estimate->serial;
    comparison->kinds = estimate->kinds;
    comparison->kinds.low = exp(estimate->kinds.low);
    comparison->kinds.high = exp(estimate->kinds.high);
    comparison->verdict = judgement->verdict;
    comparison->p_value = judgement->p_value;
    comparison->target_p_value = judgement->target_p_value;
    comparison->target_met =
        judgement->verdict != VERDICT_INCONCLUSIVE && judgement->target_p_value <= 1 - settings->confidence;
    if (comparison->verdict == VERDICT_INCONCLUSIVE)
        comparison->limit = comparison_limit(judgement, settings, 1);
    verdict_limit_words(&comparison->limit, comparison->reason);
}

/* Of the arm at fault, whose reason names it. */
static void conclude_invalid(const struct arm *bad, struct comparison *comparison) {
    comparison->verdict = VERDICT_INVALID;
    comparison->limit.kind = LIMIT_INVALID_ARM;
    comparison->limit.fault = arm_fault(bad);
    comparison->verified = arm_fault(bad) == FAULT_WRONG_ANSWER ? VERIFIED_WRONG : VERIFIED_NO;
    memcpy(comparison->reason, bad->reason, sizeof comparison->reason);
}

int comparison_conclude(const struct measurement *measurement, size_t candidate,
                        const struct run_settings *settings, const struct counter_plan *plan,
                        const struct sample_clock *clock, struct comparison *comparison) {
    const struct arm *baseline = &measurement->arms[0], *other = &measurement->arms[candidate];
    start_comparison(measurement, candidate, settings->confidence, comparison);
    int status = comparison_conclude_resources(measurement, 0, &comparison->baseline_resources,
                                               &comparison->baseline_latency);
    if (status == 0)
        status = comparison_conclude_resources(measurement, candidate, &comparison->candidate_resources,
                                               &comparison->candidate_latency);
    if (status)
        return status;
    if (baseline->invalid || other->invalid) {
        conclude_invalid(other->invalid ? other : baseline, comparison);
        return 0;
    }
    struct judgement judgement;
    status = comparison_judge(measurement, candidate, settings, comparison->target, &judgement);
    if (status == -EINVAL) {
        comparison->verdict = VERDICT_INVALID;
        comparison->placebo = judgement.floor;
        comparison->limit.kind = LIMIT_NO_SAMPLE;
        verdict_limit_words(&comparison->limit, comparison->reason);
        return 0;
    }
    if (status == 0) {
        conclude_verdict(&judgement, settings, comparison);
        conclude_spread(&judgement, settings, comparison);
        status = summarize_arm(measurement, 0, candidate, clock, &comparison->baseline_time);
    }
    if (status == 0)
        status = summarize_arm(measurement, candidate, candidate, clock, &comparison->candidate_time);
    if (status == 0)
        status = comparison_conclude_counters(measurement, candidate, plan, settings->confidence, comparison);
    if (status == 0)
        status = conclude_carry_over(measurement, candidate, settings->delta, comparison);
    if (status == 0)
        status = comparison_conclude_noise(measurement, candidate, settings->delta, comparison);
    return status;
}

/* A claim that does not hold among all: what would settle it there, from the same samples. 0 or -ENOMEM. */
static int take_back(const struct run *run, size_t comparisons, struct comparison *comparison) {
    struct judgement judgement;
    int status = comparison_judge(&run->measurements[comparison->measurement], comparison->candidate_arm,
                                  &run->settings, comparison->target, &judgement);
    if (status == 0)
        comparison->limit = comparison_limit(&judgement, &run->settings, comparisons);
    comparison->limit.alone = comparison->verdict;
    comparison->limit.comparisons = (double)comparisons;
    verdict_limit_words(&comparison->limit, comparison->reason);
    comparison->verdict = VERDICT_INCONCLUSIVE;
    return status;
}

/* One that was made and makes no claim is among those that a claim was picked from: its p-value is 1. */
static size_t collect_family(const struct run *run, double *p_values) {
    size_t comparisons = 0;
    for (size_t i = 0; i < run->comparison_count; i++) {
        const struct comparison *comparison = &run->comparisons[i];
        bool made = comparison->verdict != VERDICT_INVALID;
        p_values[i] = !made ? NAN : isnan(comparison->p_value) ? 1 : comparison->p_value;
        comparisons += made;
    }
    return comparisons;
}

int comparisons_correct(struct run *run) {
    double level = 1 - run->settings.confidence;
    double *p_values = malloc((run->comparison_count + 1) * sizeof *p_values);
    bool *accepted = malloc((run->comparison_count + 1) * sizeof *accepted);
    int status = p_values && accepted ? 0 : -ENOMEM;
    size_t comparisons = status ? 0 : collect_family(run, p_values);
    if (status == 0)
        status = family_holm(p_values, run->comparison_count, level, accepted);
    for (size_t i = 0; i < run->comparison_count && status == 0; i++) {
        struct comparison *comparison = &run->comparisons[i];
        if (!isnan(comparison->p_value) && !accepted[i])
            status = take_back(run, comparisons, comparison);
        comparison->target_met = comparison->target_met && comparison->verdict != VERDICT_INCONCLUSIVE &&
                                 comparison->target_p_value <= level / (double)comparisons;
    }
    free(p_values);
    free(accepted);
    return status;
}
