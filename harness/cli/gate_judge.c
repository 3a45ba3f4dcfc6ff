/* Judging what a gate measured against its requirements. */
#include "cli/gate_measure.h"

#include "conclude/gate.h"

#include <math.h>
#include <string.h>

#define WRONG_ALARM 0.01 /* probability allowed of refuting what holds, over all subjects, at each try */

bool gate_is_about(const struct gate_expectation *expectation, const char *subject) {
    return !expectation->of[0] || strcmp(expectation->of, subject) == 0;
}

double gate_slowdown_of(const struct gate_run *gate, const char *subject) {
    double most = gate->max_slowdown;
    for (size_t i = 0; i < gate->file.count; i++)
        if (gate_is_about(&gate->file.expectations[i], subject) &&
            !isnan(gate->file.expectations[i].max_slowdown))
            most = gate->file.expectations[i].max_slowdown;
    return most;
}

/* What one comparison is judged by: requirements of one subject at one point. */
struct judging {
    const struct run *run;
    const struct comparison *comparison;
    struct gate_slowdown slowdown;
    struct gate *checks; /* of this try */
    char subject[GATE_NAME];
    double seconds;
};

__attribute__((format(printf, 4, 5))) static int judge(struct judging *judging, enum gate_outcome outcome,
                                                       const char *requirement, const char *format, ...) {
    struct gate_check check = {.outcome = outcome, .detectable = NAN, .seconds = judging->seconds};
    va_list arguments;
    judging->seconds = 0;
    memcpy(check.subject, judging->subject, sizeof check.subject);
    snprintf(check.requirement, sizeof check.requirement, "%s", requirement);
    va_start(arguments, format);
    vsnprintf(check.finding, sizeof check.finding, format, arguments);
    va_end(arguments);
    return gate_add(judging->checks, &check);
}

static int judge_slowdown(struct judging *judging, double most) {
    char requirement[GATE_NAME];
    const struct gate_slowdown *slowdown = &judging->slowdown;
    snprintf(requirement, sizeof requirement, "at most %s %% slower", BRIEF(100 * most, 3));
    int status = judge(judging, slowdown->outcome, requirement,
                       "%+.2f %% time, %+.2f %% to %+.2f %%; equal code differed by up to %s %%",
                       100 * (slowdown->ratio.estimate - 1), 100 * (slowdown->ratio.low - 1),
                       100 * (slowdown->ratio.high - 1), BRIEF(100 * slowdown->floor, 2));
    if (status == 0)
        judging->checks->checks[judging->checks->count - 1].detectable = slowdown->detectable;
    return status;
}

static int judge_counters(struct judging *judging, const struct gate_expectation *expectation) {
    int status = 0;
    for (size_t i = 0; i < expectation->counter_count && status == 0; i++) {
        const struct case_condition *bound = &expectation->counters[i];
        const struct counter_result *counter;
        char requirement[GATE_NAME];
        enum gate_outcome outcome = gate_judge_counter(judging->comparison, bound, &counter);
        snprintf(requirement, sizeof requirement, "%.60s %s %s", bound->name, bound->operator,
                 BRIEF(bound->value, 4));
        status = counter ? judge(judging, outcome, requirement, "%s (%s to %s), source %s",
                                 BRIEF(counter->ratio.estimate, 5), BRIEF(counter->ratio.low, 5),
                                 BRIEF(counter->ratio.high, 5), counter_source_name(counter->source))
                         : judge(judging, outcome, requirement,
                                 "no source gives a ratio of it here; see `countersign doctor`");
    }
    return status;
}

static void verdict_names(unsigned allowed, char *text, size_t size) {
    size_t length = 0;
    *text = '\0';
    for (int verdict = VERDICT_INVALID; verdict <= VERDICT_INCONCLUSIVE; verdict++)
        if (allowed & 1u << verdict)
            length += (size_t)snprintf(text + length, size - length, "%s%s", length ? " or " : "",
                                       verdict_name((enum verdict)verdict));
}

static int judge_expectation(struct judging *judging, const struct gate_expectation *expectation) {
    const struct comparison *comparison = judging->comparison;
    struct interval ratio = judging->slowdown.ratio,
                    speedup = {1 / ratio.estimate, 1 / ratio.high, 1 / ratio.low};
    char requirement[GATE_NAME];
    int status = 0;
    if (expectation->verdicts) {
        verdict_names(expectation->verdicts, requirement, sizeof requirement);
        status = judge(judging, gate_judge_verdict(comparison->verdict, expectation->verdicts), requirement,
                       "%s%s%s", verdict_name(comparison->verdict), comparison->reason[0] ? ": " : "",
                       comparison->reason);
    }
    if (status == 0 && !isnan(expectation->target)) {
        snprintf(requirement, sizeof requirement, "speedup of at least %s", BRIEF(expectation->target, 4));
        status = judge(judging, gate_judge_target(speedup, expectation->target), requirement, "%s (%s to %s)",
                       BRIEF(speedup.estimate, 4), BRIEF(speedup.low, 4), BRIEF(speedup.high, 4));
    }
    if (status == 0 && !isnan(expectation->most_memory)) {
        double memory = comparison->candidate_resources.peak_rss_bytes;
        snprintf(requirement, sizeof requirement, "at most %s of memory", BYTES(expectation->most_memory));
        status = judge(judging,
                       isnan(memory)                       ? GATE_OPEN
                       : memory > expectation->most_memory ? GATE_REFUTED
                                                           : GATE_HELD,
                       requirement, "%s%s", BYTES(memory), isnan(memory) ? ": memory is not known here" : "");
    }
    return status ? status : judge_counters(judging, expectation);
}

/* Whether only the new variant is invalid, and so not the setup that both have, or the old one. */
static bool blames_candidate(const struct run *run, const struct comparison *comparison) {
    bool blamed = false;
    for (size_t i = 0; i < run->measurement_count; i++)
        for (size_t k = 0; k < run->measurements[i].arm_count; k++) {
            const struct arm *arm = &run->measurements[i].arms[k];
            if (arm->invalid && !strcmp(arm->variant, comparison->baseline))
                return false;
            blamed |= arm->invalid && !strcmp(arm->variant, comparison->candidate);
        }
    return blamed;
}

/* All requirements of one comparison. */
int gate_judge_comparison(const struct gate_run *gate, const struct run *run,
                          const struct comparison *comparison, const char *subject, double seconds,
                          struct gate *checks) {
    struct judging judging = {.run = run, .comparison = comparison, .checks = checks, .seconds = seconds};
    char point[GATE_NAME];
    const char *variant = gate->pair.variant;
    size_t points = variant      ? run->comparison_count * gate->pair.count
                    : gate->call ? run->comparison_count
                                 : 1;
    double level = WRONG_ALARM / (double)(gate->subject_count * points),
           most = gate_slowdown_of(gate, subject);
    point_text(&comparison->point, point, sizeof point);
    snprintf(judging.subject, sizeof judging.subject, "%.*s%s%.30s%s%.40s", variant ? 80 : 110, subject,
             variant ? ": " : "", variant ? variant : "", *point ? ", " : "", point);
    if (comparison->verdict == VERDICT_INVALID)
        return judge(&judging, variant && !blames_candidate(run, comparison) ? GATE_OPEN : GATE_REFUTED,
                     "a valid answer", "%.300s", comparison->reason);
    if (gate->call && comparison->identical_code && !gate->measure_equal)
        return judge(&judging, GATE_EQUAL, "at most so much slower",
                     "the same machine code in both revisions");
    int status = gate_judge_slowdown(run, comparison, most, level, &judging.slowdown);
    if (status == 0)
        status = judge_slowdown(&judging, most);
    for (size_t i = 0; i < gate->file.count && status == 0; i++)
        if (gate_is_about(&gate->file.expectations[i], subject))
            status = judge_expectation(&judging, &gate->file.expectations[i]);
    return status;
}
