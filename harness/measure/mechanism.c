/* Do a case's predictions hold? */
#include "measure/comparison.h"

#include <math.h>
#include <string.h>

enum outcome { HOLDS, FAILS, UNKNOWN };

static bool satisfies(double value, const struct case_condition *condition) {
    const char *operator= condition->operator;
    if (!strcmp(operator, "<"))
        return value < condition->value;
    if (!strcmp(operator, "<="))
        return value <= condition->value;
    if (!strcmp(operator, ">"))
        return value > condition->value;
    if (!strcmp(operator, ">="))
        return value >= condition->value;
    if (!strcmp(operator, "=="))
        return value == condition->value;
    return value != condition->value;
}

static const struct counter_result *find_counter(const struct comparison *comparison, const char *name) {
    for (size_t i = 0; i < comparison->counter_count; i++)
        if (!strcmp(comparison->counters[i].name, name))
            return &comparison->counters[i];
    return NULL;
}

/* The whole interval decides: one that reaches over the bound tells nothing. */
static enum outcome test_counter(const struct comparison *comparison, const struct case_condition *condition,
                                 char *text, size_t size) {
    const struct counter_result *counter = find_counter(comparison, condition->name);
    if (!counter || counter->trust == TRUST_UNTRUSTED || isnan(counter->ratio.estimate)) {
        snprintf(text, size, "no source for %s", condition->name);
        return UNKNOWN;
    }
    double low = counter->ratio.low, high = counter->ratio.high;
    bool at_low = satisfies(low, condition), at_high = satisfies(high, condition);
    snprintf(text, size, "predicted %s %s %g×, measured %.3g× (%s)", condition->name, condition->operator,
             condition->value, counter->ratio.estimate, counter_source_name(counter->source));
    return isnan(low) || isnan(high) || at_low != at_high ? UNKNOWN : at_low ? HOLDS : FAILS;
}

static enum outcome test_verdict(const struct case_prediction *prediction,
                                 const struct comparison *comparison, char *text, size_t size) {
    snprintf(text, size, "predicted %s, measured %s", verdict_name((enum verdict)prediction->verdict),
             verdict_name(comparison->verdict));
    if (comparison->verdict == VERDICT_INCONCLUSIVE)
        return UNKNOWN;
    return (int)comparison->verdict == prediction->verdict ? HOLDS : FAILS;
}

static bool is_about(const struct case_file *file, const struct case_prediction *prediction,
                     const struct comparison *comparison) {
    const char *candidate = prediction->candidate[0] ? prediction->candidate
                            : file->candidate_count  ? file->candidates[0]
                                                     : comparison->candidate;
    return !prediction->crossover_parameter[0] && !strcmp(candidate, comparison->candidate) &&
           case_prediction_applies(prediction, &comparison->point);
}

/* A failure outweighs what could not be measured, and that outweighs what held. */
static void merge(enum outcome outcome, const char *text, struct comparison *comparison) {
    static const enum mechanism mechanism[] = {MECHANISM_EXPLAINED, MECHANISM_UNEXPLAINED,
                                               MECHANISM_UNMEASURED};
    static const int rank[] = {0, 1, 3, 2}; /* none, explained, unexplained, unmeasured */
    if (rank[mechanism[outcome]] <= rank[comparison->mechanism])
        return;
    comparison->mechanism = mechanism[outcome];
    snprintf(comparison->mechanism_text, sizeof comparison->mechanism_text, "%s", text);
}

void comparison_explain(const struct case_file *file, struct comparison *comparison) {
    char text[200];
    comparison->mechanism = MECHANISM_NONE;
    comparison->mechanism_text[0] = '\0';
    if (comparison->verdict == VERDICT_INVALID)
        return;
    for (size_t i = 0; i < file->prediction_count; i++) {
        const struct case_prediction *prediction = &file->predictions[i];
        if (!is_about(file, prediction, comparison))
            continue;
        if (prediction->verdict >= 0)
            merge(test_verdict(prediction, comparison, text, sizeof text), text, comparison);
        for (size_t c = 0; c < prediction->counter_count; c++)
            merge(test_counter(comparison, &prediction->counters[c], text, sizeof text), text, comparison);
    }
}
