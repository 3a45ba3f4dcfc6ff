#include "measure/comparison.h"

#include "measure/schedule.h"
#include "measure/simulated_counters.h"
#include "stats/family.h"
#include "stats/sequential.h"
#include "stats/spread.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CARRY_OVER_CONFIDENCE 0.99
#define MOST_REPLICATES 1000

static double ticks_per_run(const struct replicate *replicate, size_t arm, size_t round) {
    uint64_t ticks = replicate->ticks[arm][round];
    return (double)(ticks ? ticks : 1) / (double)replicate->runs[arm];
}

static bool has_samples(const struct replicate *replicate, size_t arm) {
    return replicate->rounds > 0 && replicate->ticks[arm] && replicate->runs[arm] > 0;
}

/* Log ratios of all replicates in one buffer (*buffer, freed by the caller). 0 or -ENOMEM. */
static int collect_ratios(const struct measurement *measurement, size_t over, size_t under,
                          struct replicate_ratios **ratios, double **buffer) {
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
        if (!has_samples(replicate, over) || !has_samples(replicate, under))
            continue;
        (*ratios)[r] = (struct replicate_ratios){.log_ratio = next, .count = replicate->rounds};
        for (size_t round = 0; round < replicate->rounds; round++)
            *next++ = log(ticks_per_run(replicate, over, round) / ticks_per_run(replicate, under, round));
    }
    return 0;
}

static int estimate_ratio(const struct measurement *measurement, size_t over, size_t under, double confidence,
                          struct ratio_estimate *estimate) {
    struct replicate_ratios *ratios = NULL;
    double *buffer = NULL;
    int status = collect_ratios(measurement, over, under, &ratios, &buffer);
    if (status == 0)
        status = estimate_log_ratio(ratios, measurement->replicate_count, confidence, estimate);
    free(ratios);
    free(buffer);
    return status;
}

static int summarize_arm(const struct measurement *measurement, size_t arm, const struct sample_clock *clock,
                         struct time_summary *summary) {
    size_t total = 0, count = 0;
    *summary = (struct time_summary){NAN, NAN, NAN, NAN};
    for (size_t r = 0; r < measurement->replicate_count; r++)
        total += measurement->replicates[r].rounds;
    double *times = malloc((total + 1) * sizeof *times);
    if (!times)
        return -ENOMEM;
    for (size_t r = 0; r < measurement->replicate_count; r++)
        for (size_t round = 0;
             has_samples(&measurement->replicates[r], arm) && round < measurement->replicates[r].rounds;
             round++)
            times[count++] = ticks_per_run(&measurement->replicates[r], arm, round) / clock->ticks_per_ns /
                             measurement->items;
    if (count)
        *summary = summarize_times(times, count);
    free(times);
    return 0;
}

/*
 * Ratio of the sums over replicates, with the jackknife's interval (Quenouille 1956, Tukey 1958): for counts
 * that are 0 in some replicates, whose own ratios would not exist or leave those replicates out.
 */
static struct interval ratio_of_sums(const double *baseline, const double *candidate, size_t count,
                                     double confidence) {
    const struct interval unknown = {NAN, NAN, NAN};
    double under = 0, over = 0, *values = malloc((count + 1) * sizeof *values);
    size_t usable = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(baseline[i]) && !isnan(candidate[i])) {
            under += baseline[i];
            over += candidate[i];
            usable++;
        }
    if (!values || under <= 0) {
        free(values);
        return unknown;
    }
    for (size_t i = 0; i < count; i++) {
        bool counts = !isnan(baseline[i]) && !isnan(candidate[i]) && under - baseline[i] > 0;
        values[i] = counts ? (double)usable * over / under -
                                 (double)(usable - 1) * (over - candidate[i]) / (under - baseline[i])
                           : NAN;
    }
    struct interval ratio = mean_interval(values, count, confidence);
    free(values);
    double half = (ratio.high - ratio.low) / 2, estimate = over / under;
    /* Counts are not negative, though an interval around a small mean may be. */
    return (struct interval){estimate, isnan(half) ? NAN : fmax(0, estimate - half), estimate + half};
}

/* The mean over replicates of the log of their ratios, where all counts are above 0. */
static struct interval mean_of_ratios(const double *baseline, const double *candidate, size_t count,
                                      double confidence) {
    const struct interval unknown = {NAN, NAN, NAN};
    double *logs = malloc((count + 1) * sizeof *logs);
    if (!logs)
        return unknown;
    for (size_t i = 0; i < count; i++)
        logs[i] = log(candidate[i] / baseline[i]);
    struct interval ratio = interval_exp(mean_interval(logs, count, confidence));
    free(logs);
    return ratio;
}

/* The mean of counts, which are not negative, though an interval around a small mean may be. */
static struct interval count_interval(const double *values, size_t count, double confidence) {
    struct interval interval = mean_interval(values, count, confidence);
    interval.low = isnan(interval.low) ? NAN : fmax(0, interval.low);
    return interval;
}

/* One value a replicate of each; NAN where it was not counted. */
static void compare_values(const double *baseline, const double *candidate, size_t count, double confidence,
                           struct counter_result *result) {
    bool positive = true;
    for (size_t i = 0; i < count; i++)
        if (!isnan(baseline[i]) && !isnan(candidate[i]))
            positive = positive && baseline[i] > 0 && candidate[i] > 0;
    result->baseline_interval = count_interval(baseline, count, confidence);
    result->candidate_interval = count_interval(candidate, count, confidence);
    result->baseline = result->baseline_interval.estimate;
    result->candidate = result->candidate_interval.estimate;
    result->ratio = positive ? mean_of_ratios(baseline, candidate, count, confidence)
                             : ratio_of_sums(baseline, candidate, count, confidence);
}

static void collect_event(const struct measurement *measurement, size_t arm, int event, double *values) {
    for (size_t r = 0; r < measurement->replicate_count; r++)
        values[r] = measurement->replicates[r].counters[arm][event] / measurement->items;
}

static void collect_app(const struct measurement *measurement, size_t arm, size_t counter, double *values) {
    for (size_t r = 0; r < measurement->replicate_count; r++)
        values[r] = measurement->replicates[r].app[arm][counter] / measurement->items;
}

static void conclude_event(const struct measurement *measurement, size_t candidate, int event,
                           const struct counter_plan *plan, double confidence, double *values,
                           struct counter_result *result) {
    const struct counter_plan_entry *entry = &plan->entries[event];
    *result = (struct counter_result){.source = entry->source, .trust = entry->trust};
    snprintf(result->name, sizeof result->name, "%s", counter_plan_name(plan, (enum counter_event)event));
    snprintf(result->unit, sizeof result->unit, "%s", counter_event_info[event].unit);
    snprintf(result->reason, sizeof result->reason, "%s", entry->reason);
    double *baseline = values, *other = values + measurement->replicate_count;
    collect_event(measurement, 0, event, baseline);
    collect_event(measurement, candidate, event, other);
    compare_values(baseline, other, measurement->replicate_count, confidence, result);
    if (entry->source != SOURCE_NONE && isnan(result->baseline) &&
        (measurement->counter_problem[0] || !result->reason[0]))
        snprintf(result->reason, sizeof result->reason, "%s",
                 measurement->counter_problem[0] ? measurement->counter_problem
                                                 : "could not be read while this was measured");
}

/* Both counted by a PMU and fit for use. */
static bool is_ipc_counted(const struct counter_plan *plan) {
    static const enum counter_event parts[] = {COUNTER_INSTRUCTIONS, COUNTER_CYCLES};
    for (size_t i = 0; i < 2; i++) {
        const struct counter_plan_entry *entry = &plan->entries[parts[i]];
        bool counted = entry->source == SOURCE_HW || entry->source == SOURCE_HW_GENERIC;
        if (!counted || entry->trust == TRUST_UNTRUSTED)
            return false;
    }
    return true;
}

static void conclude_ipc(const struct measurement *measurement, size_t candidate,
                         const struct counter_plan *plan, double confidence, double *values,
                         struct counter_result *result) {
    const struct counter_plan_entry *instructions = &plan->entries[COUNTER_INSTRUCTIONS],
                                    *cycles = &plan->entries[COUNTER_CYCLES];
    const struct counter_plan_entry *weaker = cycles->trust > instructions->trust ? cycles : instructions;
    *result = (struct counter_result){.source = weaker->source, .trust = weaker->trust};
    snprintf(result->name, sizeof result->name, "ipc");
    snprintf(result->unit, sizeof result->unit, "instruction/cycle");
    snprintf(result->reason, sizeof result->reason, "%s", weaker->reason);
    double *baseline = values, *other = values + measurement->replicate_count;
    for (size_t r = 0; r < measurement->replicate_count; r++) {
        const double(*counts)[COUNTER_EVENTS] = measurement->replicates[r].counters;
        baseline[r] = counts[0][COUNTER_INSTRUCTIONS] / counts[0][COUNTER_CYCLES];
        other[r] = counts[candidate][COUNTER_INSTRUCTIONS] / counts[candidate][COUNTER_CYCLES];
    }
    compare_values(baseline, other, measurement->replicate_count, confidence, result);
}

static int conclude_counters(const struct measurement *measurement, size_t candidate,
                             const struct counter_plan *plan, double confidence,
                             struct comparison *comparison) {
    size_t app = 0;
    while (app < RESULT_APP_COUNTERS && measurement->app_counters[app][0])
        app++;
    double *values = malloc((2 * measurement->replicate_count + 1) * sizeof *values);
    comparison->counters =
        calloc(COUNTER_EVENTS + app + 1 + SIMULATED_COUNTERS, sizeof *comparison->counters);
    if (!values || !comparison->counters) {
        free(values);
        return -ENOMEM;
    }
    size_t events = 0;
    for (int event = 0; event < COUNTER_EVENTS; event++)
        if (counter_plan_has(plan, (enum counter_event)event))
            conclude_event(measurement, candidate, event, plan, confidence, values,
                           &comparison->counters[events++]);
    for (size_t i = 0; i < app; i++) {
        struct counter_result *result = &comparison->counters[events + i];
        *result = (struct counter_result){.source = SOURCE_APP, .trust = TRUST_TRUSTED};
        snprintf(result->name, sizeof result->name, "%s", measurement->app_counters[i]);
        collect_app(measurement, 0, i, values);
        collect_app(measurement, candidate, i, values + measurement->replicate_count);
        compare_values(values, values + measurement->replicate_count, measurement->replicate_count,
                       confidence, result);
    }
    size_t count = events + app;
    bool ipc = is_ipc_counted(plan);
    if (ipc)
        conclude_ipc(measurement, candidate, plan, confidence, values, &comparison->counters[count++]);
    count += simulated_counters(measurement, candidate, !ipc, &comparison->counters[count]);
    comparison->counter_count = count;
    free(values);
    return 0;
}

/* Median over replicates of one number of the arm's resources or latencies; NAN where none has it. */
static double median_of(const struct measurement *measurement, size_t arm,
                        double (*get)(const struct replicate *replicate, size_t arm)) {
    double values[1024];
    size_t count = 0;
    for (size_t r = 0; r < measurement->replicate_count && count < 1024; r++) {
        double value = get(&measurement->replicates[r], arm);
        if (!isnan(value))
            values[count++] = value;
    }
    return count ? quantile(values, count, 0.5) : NAN;
}

static double get_cpu_share(const struct replicate *replicate, size_t arm) {
    return replicate->resources[arm].cpu_share;
}
static double get_peak_rss(const struct replicate *replicate, size_t arm) {
    return replicate->resources[arm].peak_rss_bytes;
}
static double get_p50(const struct replicate *replicate, size_t arm) {
    return replicate->latency[arm].p50;
}
static double get_p95(const struct replicate *replicate, size_t arm) {
    return replicate->latency[arm].p95;
}
static double get_p99(const struct replicate *replicate, size_t arm) {
    return replicate->latency[arm].p99;
}
static double get_max(const struct replicate *replicate, size_t arm) {
    return replicate->latency[arm].max;
}

static void conclude_resources(const struct measurement *measurement, size_t arm,
                               struct arm_resources *resources, struct arm_latency *latency) {
    resources->cpu_share = median_of(measurement, arm, get_cpu_share);
    resources->peak_rss_bytes = median_of(measurement, arm, get_peak_rss);
    latency->p50 = median_of(measurement, arm, get_p50);
    latency->p95 = median_of(measurement, arm, get_p95);
    latency->p99 = median_of(measurement, arm, get_p99);
    latency->max = median_of(measurement, arm, get_max);
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
        if (has_samples(replicate, arm))
            live[count++] = arm;
    schedule_start(&schedule, replicate->seed, count);
    for (size_t round = 0; round < replicate->rounds; round++) {
        const uint32_t *order = schedule_next(&schedule);
        double ratio = log(ticks_per_run(replicate, 0, round) / ticks_per_run(replicate, candidate, round));
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
        if (has_samples(&measurement->replicates[r], 0) &&
            has_samples(&measurement->replicates[r], candidate))
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

/*
 * The placebo against the baseline, in `room`; NULL where there was none. One that failed is all NAN and no
 * floor of 0: nothing can be concluded beside it.
 */
static const struct ratio_estimate *estimate_placebo(const struct measurement *measurement, double confidence,
                                                     struct ratio_estimate *room) {
    const struct interval unknown = {NAN, NAN, NAN};
    size_t last = measurement->arm_count - 1;
    if (measurement->arms[last].role != ARM_PLACEBO)
        return NULL;
    if (measurement->arms[last].invalid || estimate_ratio(measurement, 0, last, confidence, room))
        *room = (struct ratio_estimate){unknown, NAN, NAN, NAN, NAN, NAN, NAN, 0, 0};
    return room;
}

static void conclude_placebo(const struct ratio_estimate *placebo, struct comparison *comparison) {
    if (!placebo)
        return;
    comparison->placebo = interval_exp(placebo->log);
    if (isnan(comparison->placebo.estimate))
        comparison->placebo.estimate = 1;
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
    comparison->speedup = comparison->placebo = unknown;
    comparison->within_half = comparison->between_half = comparison->p_value = NAN;
    comparison->spread_round = comparison->spread_process = comparison->spread_layout = NAN;
    comparison->baseline_time = comparison->candidate_time = no_time;
    comparison->identical_code = baseline->code_bytes && baseline->code_bytes == other->code_bytes &&
                                 !strcmp(baseline->code_hash, other->code_hash);
}

/* What would settle it, if all goes on as it was: as many more replicates, each as long as before. */
static void say_what_settles(const struct ratio_estimate *estimate, const struct ratio_estimate *placebo,
                             const struct run_settings *settings, size_t claims,
                             struct comparison *comparison) {
    double factor = family_settling_factor(estimate, placebo, settings->delta, settings->confidence, claims);
    double replicates = ceil(factor * settings->replicates);
    if (isnan(factor))
        return;
    if (replicates > MOST_REPLICATES)
        snprintf(comparison->reason, sizeof comparison->reason,
                 "too near the limit of %.3g %% for any budget in reach", 100 * settings->delta);
    else if (replicates <= settings->replicates)
        snprintf(comparison->reason, sizeof comparison->reason,
                 "the same budget again would settle it (even odds)");
    else
        snprintf(comparison->reason, sizeof comparison->reason,
                 "about %.2g times the budget would settle it (even odds): --budget %.3g --replicates %.0f",
                 factor, settings->budget_s * replicates / settings->replicates, replicates);
}

static struct spread split_spread(const struct ratio_estimate *estimate, const struct ratio_estimate *placebo,
                                  const struct run_settings *settings) {
    return spread_split(estimate, strcmp(settings->layout, "random") ? NULL : placebo);
}

int comparison_components(const struct measurement *measurement, size_t candidate,
                          const struct run_settings *settings, struct spread *spread) {
    struct ratio_estimate estimate, room;
    const struct ratio_estimate *placebo = estimate_placebo(measurement, settings->confidence, &room);
    int status = estimate_ratio(measurement, 0, candidate, settings->confidence, &estimate);
    if (status == 0)
        *spread = split_spread(&estimate, placebo, settings);
    return status;
}

static void conclude_spread(const struct ratio_estimate *estimate, const struct ratio_estimate *placebo,
                            const struct run_settings *settings, struct comparison *comparison) {
    struct spread spread = split_spread(estimate, placebo, settings);
    comparison->spread_round = sqrt(spread.round);
    comparison->spread_process = sqrt(spread.process);
    comparison->spread_layout = sqrt(spread.layout);
}

static void conclude_verdict(const struct ratio_estimate *estimate, const struct ratio_estimate *placebo,
                             const struct run_settings *settings, struct comparison *comparison) {
    comparison->speedup = interval_exp(estimate->log);
    comparison->within_half = estimate->within_half;
    comparison->between_half = estimate->between_half;
    comparison->verdict = verdict_of(comparison->speedup, comparison->placebo, settings->delta);
    if (comparison->verdict == VERDICT_INCONCLUSIVE)
        say_what_settles(estimate, placebo, settings, 1, comparison);
    else
        comparison->p_value =
            family_p_value(estimate, comparison->placebo, settings->delta, comparison->verdict);
    comparison->target_met = target_met(comparison->speedup, comparison->target);
}

int comparison_conclude(const struct measurement *measurement, size_t candidate,
                        const struct run_settings *settings, const struct counter_plan *plan,
                        const struct sample_clock *clock, struct comparison *comparison) {
    const struct arm *baseline = &measurement->arms[0], *other = &measurement->arms[candidate];
    start_comparison(measurement, candidate, settings->confidence, comparison);
    conclude_resources(measurement, 0, &comparison->baseline_resources, &comparison->baseline_latency);
    conclude_resources(measurement, candidate, &comparison->candidate_resources,
                       &comparison->candidate_latency);
    if (baseline->invalid || other->invalid) {
        comparison->verdict = VERDICT_INVALID;
        const struct arm *bad = other->invalid ? other : baseline;
        comparison->verified = strncmp(bad->reason, "wrong answer", 12) ? VERIFIED_NO : VERIFIED_WRONG;
        memcpy(comparison->reason, bad->reason, sizeof comparison->reason);
        return 0;
    }
    struct ratio_estimate estimate, room;
    const struct ratio_estimate *placebo = estimate_placebo(measurement, settings->confidence, &room);
    conclude_placebo(placebo, comparison);
    int status = estimate_ratio(measurement, 0, candidate, settings->confidence, &estimate);
    if (status == -EINVAL) {
        comparison->verdict = VERDICT_INVALID;
        snprintf(comparison->reason, sizeof comparison->reason, "no sample was taken");
        return 0;
    }
    if (status == 0) {
        conclude_verdict(&estimate, placebo, settings, comparison);
        conclude_spread(&estimate, placebo, settings, comparison);
        status = summarize_arm(measurement, 0, clock, &comparison->baseline_time);
    }
    if (status == 0)
        status = summarize_arm(measurement, candidate, clock, &comparison->candidate_time);
    if (status == 0)
        status = conclude_counters(measurement, candidate, plan, settings->confidence, comparison);
    if (status == 0)
        status = conclude_carry_over(measurement, candidate, settings->delta, comparison);
    if (status == 0)
        status = comparison_conclude_noise(measurement, candidate, settings->delta, comparison);
    return status;
}

/* What settles a claim among all: Holm's last step, from the same samples. 0 or -ENOMEM. */
static int say_what_settles_among(const struct run *run, size_t claims, struct comparison *comparison) {
    const struct measurement *measurement = &run->measurements[comparison->measurement];
    struct ratio_estimate estimate, room;
    int status = estimate_ratio(measurement, comparison->baseline_arm, comparison->candidate_arm,
                                run->settings.confidence, &estimate);
    if (status == 0)
        say_what_settles(&estimate, estimate_placebo(measurement, run->settings.confidence, &room),
                         &run->settings, claims, comparison);
    return status;
}

int comparisons_correct(struct run *run) {
    double level = 1 - run->settings.confidence;
    double *p_values = malloc((run->comparison_count + 1) * sizeof *p_values);
    bool *accepted = malloc((run->comparison_count + 1) * sizeof *accepted);
    size_t claims = 0;
    int status = p_values && accepted ? 0 : -ENOMEM;
    for (size_t i = 0; i < run->comparison_count && status == 0; i++) {
        p_values[i] = run->comparisons[i].p_value;
        claims += !isnan(p_values[i]);
    }
    if (status == 0)
        status = family_holm(p_values, run->comparison_count, level, accepted);
    for (size_t i = 0; i < run->comparison_count && status == 0; i++) {
        struct comparison *comparison = &run->comparisons[i];
        if (isnan(p_values[i]) || accepted[i])
            continue;
        char alone[32];
        snprintf(alone, sizeof alone, "%s", verdict_name(comparison->verdict));
        comparison->verdict = VERDICT_INCONCLUSIVE;
        status = say_what_settles_among(run, claims, comparison);
        char settles[RESULT_REASON];
        memcpy(settles, comparison->reason, sizeof settles);
        snprintf(comparison->reason, sizeof comparison->reason,
                 "%s alone, but not among %zu comparisons; %.250s", alone, claims, settles);
    }
    free(p_values);
    free(accepted);
    return status;
}

int comparison_progress(const struct measurement *measurement, size_t candidate,
                        const struct run_settings *settings, size_t comparisons,
                        enum arm_progress *progress) {
    *progress = ARM_OPEN;
    struct ratio_estimate e, room;
    unsigned done = (unsigned)measurement->replicate_count;
    double level =
        sequential_level(settings->replicates, done, (1 - settings->confidence) / (double)comparisons);
    const struct ratio_estimate *placebo = estimate_placebo(measurement, settings->confidence, &room);
    int status = estimate_ratio(measurement, 0, candidate, 1 - level, &e);
    if (status)
        return status == -EINVAL ? 0 : status;
    struct interval none = {NAN, NAN, NAN};
    enum verdict v =
        verdict_of(interval_exp(e.log), placebo ? interval_exp(placebo->log) : none, settings->delta);
    if (v != VERDICT_INCONCLUSIVE)
        *progress = ARM_SETTLED;
    return 0;
}
