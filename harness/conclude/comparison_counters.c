/* Counters, resources and latencies of a comparison. */
#include "conclude/comparison_internal.h"
#include "conclude/simulated_counters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* What an arm has of a counter in a replicate: of a run, or as it is where the counter is absolute. NAN: absent. */
static double replicate_value(const struct replicate *replicate, size_t arm, enum counter_event event) {
    const struct arm_latency *latency = &replicate->latency[arm];
    return event == COUNTER_LATENCY_P50   ? latency->p50
           : event == COUNTER_LATENCY_P95 ? latency->p95
           : event == COUNTER_LATENCY_P99 ? latency->p99
           : event == COUNTER_LATENCY_MAX ? latency->max
                                          : replicate->counters[arm][event];
}

/* The baseline has values of its own in replicates that the candidate is not in. */
static bool is_compared(const struct replicate *replicate, size_t candidate) {
    return comparison_has_samples(replicate, 0) && comparison_has_samples(replicate, candidate);
}

static void collect_event(const struct measurement *measurement, size_t arm, size_t candidate, int event,
                          double *values) {
    for (size_t r = 0; r < measurement->replicate_count; r++) {
        const struct replicate *replicate = &measurement->replicates[r];
        double value = replicate_value(replicate, arm, (enum counter_event)event);
        values[r] = !is_compared(replicate, candidate)   ? NAN
                    : counter_event_info[event].absolute ? value
                                                         : value / measurement->items;
    }
}

static void collect_app(const struct measurement *measurement, size_t arm, size_t candidate, size_t counter,
                        double *values) {
    for (size_t r = 0; r < measurement->replicate_count; r++) {
        const struct replicate *replicate = &measurement->replicates[r];
        bool compared = is_compared(replicate, candidate);
        values[r] = compared ? replicate->app[arm][counter] / measurement->items : NAN;
    }
}

static bool is_latency(enum counter_event event) {
    return event >= COUNTER_LATENCY_P50 && event <= COUNTER_LATENCY_MAX;
}

/* Few variants record latencies: where neither does, there is nothing that could be absent. */
static bool is_told(const struct measurement *measurement, size_t candidate, const struct counter_plan *plan,
                    enum counter_event event) {
    bool told = !is_latency(event);
    for (size_t r = 0; r < measurement->replicate_count && !told; r++)
        told = !isnan(measurement->replicates[r].latency[0].max) ||
               !isnan(measurement->replicates[r].latency[candidate].max);
    return told && counter_plan_has(plan, event);
}

/* Why one of both has no such quantile. */
static void explain_latency(const struct measurement *measurement, size_t candidate,
                            struct counter_result *result) {
    size_t arm = isnan(result->baseline) ? 0 : candidate;
    bool records = false;
    for (size_t r = 0; r < measurement->replicate_count; r++)
        records |= !isnan(measurement->replicates[r].latency[arm].max);
    snprintf(result->reason, sizeof result->reason, "%s %s", measurement->arms[arm].variant,
             records ? "recorded too few items to have it" : "records no latencies");
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
    collect_event(measurement, 0, candidate, event, baseline);
    collect_event(measurement, candidate, candidate, event, other);
    compare_values(baseline, other, measurement->replicate_count, confidence, result);
    bool absent = entry->source != SOURCE_NONE && (isnan(result->baseline) || isnan(result->candidate));
    if (absent && is_latency((enum counter_event)event))
        explain_latency(measurement, candidate, result);
    else if (absent && event == COUNTER_PREPARE_TIME)
        snprintf(result->reason, sizeof result->reason, "%.64s has nothing to prepare",
                 measurement->arms[isnan(result->baseline) ? 0 : candidate].variant);
    else if (absent && (measurement->counter_problem[0] || !result->reason[0]))
        snprintf(result->reason, sizeof result->reason, "%s",
                 measurement->counter_problem[0] ? measurement->counter_problem : COUNTER_NOT_READ);
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
        bool compared = is_compared(&measurement->replicates[r], candidate);
        baseline[r] = !compared ? NAN : counts[0][COUNTER_INSTRUCTIONS] / counts[0][COUNTER_CYCLES];
        other[r] = counts[candidate][COUNTER_INSTRUCTIONS] / counts[candidate][COUNTER_CYCLES];
    }
    compare_values(baseline, other, measurement->replicate_count, confidence, result);
}

int comparison_conclude_counters(const struct measurement *measurement, size_t candidate,
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
        if (is_told(measurement, candidate, plan, (enum counter_event)event))
            conclude_event(measurement, candidate, event, plan, confidence, values,
                           &comparison->counters[events++]);
    for (size_t i = 0; i < app; i++) {
        struct counter_result *result = &comparison->counters[events + i];
        *result = (struct counter_result){.source = SOURCE_APP, .trust = TRUST_TRUSTED};
        snprintf(result->name, sizeof result->name, "%s", measurement->app_counters[i]);
        collect_app(measurement, 0, candidate, i, values);
        collect_app(measurement, candidate, candidate, i, values + measurement->replicate_count);
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

/* Median over replicates of one number of the arm's resources or latencies; NAN where none has it. `values`
 * has room for all replicates. */
static double median_of(const struct measurement *measurement, size_t arm,
                        double (*get)(const struct replicate *replicate, size_t arm), double *values) {
    size_t count = 0;
    for (size_t r = 0; r < measurement->replicate_count; r++) {
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

int comparison_conclude_resources(const struct measurement *measurement, size_t arm,
                                  struct arm_resources *resources, struct arm_latency *latency) {
    double *values = malloc((measurement->replicate_count + 1) * sizeof *values);
    if (!values)
        return -ENOMEM;
    resources->cpu_share = median_of(measurement, arm, get_cpu_share, values);
    resources->peak_rss_bytes = median_of(measurement, arm, get_peak_rss, values);
    latency->p50 = median_of(measurement, arm, get_p50, values);
    latency->p95 = median_of(measurement, arm, get_p95, values);
    latency->p99 = median_of(measurement, arm, get_p99, values);
    latency->max = median_of(measurement, arm, get_max, values);
    free(values);
    return 0;
}
