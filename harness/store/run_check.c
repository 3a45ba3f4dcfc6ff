/* What cannot be together in one run. */
#include "store/result_json.h"

#include <string.h>
#include <time.h>

/* An estimate lies in its interval, but for the last digits. */
#define ROUNDING 1e-9

static int check_comparison_refers(const struct run *run, const struct comparison *comparison,
                                   const struct json_place *place, struct problem *problem) {
    if (comparison->measurement >= run->measurement_count)
        return json_problem(place, problem, "measurement %zu does not exist, there are %zu",
                            comparison->measurement, run->measurement_count);
    size_t arms = run->measurements[comparison->measurement].arm_count;
    if (comparison->baseline_arm >= arms || comparison->candidate_arm >= arms)
        return json_problem(place, problem, "arms %zu and %zu, but measurement %zu has %zu",
                            comparison->baseline_arm, comparison->candidate_arm, comparison->measurement,
                            arms);
    if (comparison->baseline_arm == comparison->candidate_arm)
        return json_problem(place, problem, "arm %zu is compared with itself", comparison->baseline_arm);
    return 0;
}

int check_references(const struct run *run, struct problem *problem) {
    struct json_place array = {NULL, "comparisons", 0};
    int error = 0;
    for (size_t i = 0; i < run->comparison_count && !error; i++) {
        struct json_place place = {&array, NULL, i};
        error = check_comparison_refers(run, &run->comparisons[i], &place, problem);
    }
    return error;
}

/* Absent numbers are in any order. */
static int check_order(const double *values, const char *const *names, size_t count,
                       const struct json_place *place, const char *key, struct problem *problem) {
    struct json_place inner = {place, key, 0};
    for (size_t i = 1; i < count; i++)
        if (values[i - 1] > values[i] * (1 + ROUNDING))
            return json_problem(&inner, problem, "impossible: %s %g is above %s %g", names[i - 1],
                                values[i - 1], names[i], values[i]);
    return 0;
}

static int check_times(const struct time_summary *time, const struct json_place *place, const char *key,
                       struct problem *problem) {
    static const char *const names[] = {"min", "p5", "median", "p95"};
    double values[] = {time->min, time->p5, time->median, time->p95};
    return check_order(values, names, 4, place, key, problem);
}

static int check_latency(const struct arm_latency *latency, const struct json_place *place, const char *key,
                         struct problem *problem) {
    static const char *const names[] = {"p50", "p95", "p99", "max"};
    double values[] = {latency->p50, latency->p95, latency->p99, latency->max};
    return check_order(values, names, 4, place, key, problem);
}

static int check_interval(const struct interval *interval, const struct json_place *place, const char *key,
                          struct problem *problem) {
    static const char *const names[] = {"low", "estimate", "high"};
    double values[] = {interval->low, interval->estimate, interval->high};
    struct json_place inner = {place, key, 0};
    if (isnan(interval->estimate) && !(isnan(interval->low) && isnan(interval->high)))
        return json_problem(&inner, problem, "impossible: an interval without its estimate");
    return check_order(values, names, 3, place, key, problem);
}

/* What its arms say is above what it says of itself. */
static int check_verdict(const struct run *run, const struct comparison *comparison,
                         const struct json_place *place, struct problem *problem) {
    const struct arm *arms = run->measurements[comparison->measurement].arms;
    bool invalid = arms[comparison->baseline_arm].invalid || arms[comparison->candidate_arm].invalid;
    struct json_place inner = {place, "verdict", 0};
    if (comparison->verdict == VERDICT_INVALID)
        return 0;
    if (invalid)
        return json_problem(&inner, problem,
                            "impossible: %s, but measurement %zu says that an arm is invalid",
                            verdict_name(comparison->verdict), comparison->measurement);
    if (comparison->verified == VERIFIED_WRONG)
        return json_problem(&inner, problem, "impossible: %s with a wrong answer",
                            verdict_name(comparison->verdict));
    return 0;
}

static int check_comparison(const struct run *run, const struct comparison *comparison,
                            const struct json_place *place, struct problem *problem) {
    int error = check_verdict(run, comparison, place, problem);
    if (!error)
        error = check_interval(&comparison->speedup, place, "speedup", problem);
    if (!error)
        error = check_interval(&comparison->placebo, place, "placebo", problem);
    if (!error)
        error = check_times(&comparison->baseline_time, place, "baseline_time_ns", problem);
    if (!error)
        error = check_times(&comparison->candidate_time, place, "candidate_time_ns", problem);
    for (size_t i = 0; i < comparison->counter_count && !error; i++) {
        struct json_place array = {place, "counters", 0}, inner = {&array, NULL, i};
        error = check_interval(&comparison->counters[i].ratio, &inner, "ratio", problem);
    }
    return error;
}

/* One for each thread that parallel variants are given. */
static size_t count_cpus(const struct point *point) {
    for (size_t i = 0; i < point->count; i++)
        if (!strcmp(point->values[i].name, "threads") && point->values[i].value > 0)
            return (size_t)point->values[i].value;
    return 1;
}

/* Each of several threads has a CPU of its own; where there are more threads than CPUs, they begin with the first again. */
static int check_threads(const struct replicate *replicate, size_t cpus, const struct json_place *place,
                         struct problem *problem) {
    struct json_place array = {place, "threads", 0};
    for (size_t i = 0; i < replicate->thread_count; i++) {
        const struct thread_binding *binding = &replicate->threads[i];
        struct json_place inner = {&array, NULL, i};
        if (binding->thread < 0 || binding->cpu < -1)
            return json_problem(&inner, problem, "impossible: thread %d on CPU %d", binding->thread,
                                binding->cpu);
        for (size_t k = 0; k < i; k++)
            if (binding->cpu >= 0 && binding->cpu == replicate->threads[k].cpu && (i - k) % cpus)
                return json_problem(&inner, problem, "impossible: threads %d and %d are both bound to CPU %d",
                                    replicate->threads[k].thread, binding->thread, binding->cpu);
    }
    return 0;
}

static int check_replicate(const struct measurement *measurement, const struct replicate *replicate,
                           const struct json_place *place, struct problem *problem) {
    struct json_place samples = {place, "samples", 0};
    int error = check_threads(replicate, count_cpus(&measurement->point), place, problem);
    for (size_t arm = 0; arm < measurement->arm_count && !error; arm++) {
        struct json_place inner = {&samples, NULL, arm};
        if (replicate->ticks[arm] && replicate->rounds && !replicate->runs[arm])
            return json_problem(&inner, problem, "impossible: samples of 0 runs");
        error = check_latency(&replicate->latency[arm], &inner, "latency_ns", problem);
    }
    return error;
}

static int check_measurement(const struct run *run, const struct measurement *measurement,
                             const struct json_place *place, struct problem *problem) {
    struct json_place array = {place, "replicates", 0}, events = {place, "native_events", 0};
    if (!counter_same_native(measurement->native_events,
                             run_plan_of(run, measurement->case_name)->native_events))
        return json_problem(&events, problem,
                            "impossible: not the native events of the counter plan of case %s",
                            measurement->case_name);
    if (measurement->replicate_count > run->settings.replicates)
        return json_problem(&array, problem, "impossible: %zu, but the settings allow %u",
                            measurement->replicate_count, run->settings.replicates);
    int error = 0;
    for (size_t i = 0; i < measurement->replicate_count && !error; i++) {
        struct json_place inner = {&array, NULL, i};
        error = check_replicate(measurement, &measurement->replicates[i], &inner, problem);
    }
    return error;
}

int check_started(const char *started, struct problem *problem) {
    struct json_place place = {NULL, "started", 0};
    struct tm time = {0};
    const char *end = strptime(started, "%Y-%m-%dT%H:%M:%SZ", &time);
    if (!*started || (end && !*end))
        return 0;
    return json_problem(&place, problem, "impossible: expected a time as 2026-11-20T11:23:10Z, got \"%.40s\"",
                        started);
}

int check_possible(const struct run *run, struct problem *problem) {
    struct json_place comparisons = {NULL, "comparisons", 0}, measurements = {NULL, "measurements", 0};
    int error = check_started(run->started, problem);
    for (size_t i = 0; i < run->comparison_count && !error; i++) {
        struct json_place place = {&comparisons, NULL, i};
        error = check_comparison(run, &run->comparisons[i], &place, problem);
    }
    for (size_t i = 0; i < run->measurement_count && !error; i++) {
        struct json_place place = {&measurements, NULL, i};
        error = check_measurement(run, &run->measurements[i], &place, problem);
    }
    return error;
}
