#include "conclude/load.h"

#include "stats/family.h"
#include "stats/proportion.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const enum slo_quantity latencies[] = {SLO_P50, SLO_P99, SLO_P999};
#define LATENCIES (sizeof latencies / sizeof *latencies)

static const struct interval unknown = {NAN, NAN, NAN};

static const struct load_reading *find_reading(const struct load *load, size_t replicate, size_t arm,
                                               double share) {
    for (size_t i = 0; i < load->reading_count; i++)
        if (load->readings[i].replicate == replicate && load->readings[i].arm == arm &&
            load->readings[i].share == share)
            return &load->readings[i];
    return NULL;
}

/* Logarithms of a quantity, one a process; NAN where a process has none. */
static void collect_logs(const struct load *load, size_t arm, double share, enum slo_quantity quantity,
                         double *logs) {
    for (size_t i = 0; i < load->replicate_count; i++) {
        const struct load_reading *reading = find_reading(load, i, arm, share);
        double value = reading ? load_value(reading, quantity) : NAN;
        logs[i] = value > 0 ? log(value) : NAN;
    }
}

static double mean_of(const double *values, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

/* A failed request is fast, and one that was not served has no latency yet. */
const char *load_objection(const struct load *load, size_t arm, double share) {
    for (size_t i = 0; i < load->replicate_count; i++) {
        const struct load_reading *reading = find_reading(load, i, arm, share);
        if (!reading)
            return "a process has no reading";
        if (reading->errors)
            return "requests failed";
        if (reading->unserved)
            return "overloaded";
    }
    return NULL;
}

/* Over processes, one value each. Above 0: the other is better. */
static int estimate(const struct load *load, size_t arm, double share, enum slo_quantity quantity,
                    struct ratio_estimate *found) {
    double *logs = malloc((2 * load->replicate_count + 1) * sizeof *logs), *others;
    struct replicate_ratios *ratios = calloc(load->replicate_count + 1, sizeof *ratios);
    int status = logs && ratios ? 0 : -ENOMEM;
    *found = estimate_unknown();
    if (status == 0) {
        others = logs + load->replicate_count;
        collect_logs(load, 0, share, quantity, logs);
        collect_logs(load, arm, share, quantity, others);
        for (size_t i = 0; i < load->replicate_count; i++) {
            logs[i] = quantity == SLO_THROUGHPUT ? others[i] - logs[i] : logs[i] - others[i];
            ratios[i] = (struct replicate_ratios){.log_ratio = &logs[i], .count = 1};
        }
        status = estimate_log_ratio(ratios, load->replicate_count, LOAD_CONFIDENCE, found);
        if (status == -EINVAL) /* some process has no such quantity */
            status = 0;
    }
    free(logs);
    free(ratios);
    return status;
}

static double level_of(const struct load *load, size_t arm, double share, enum slo_quantity quantity) {
    double logs[LOAD_REPLICATES];
    collect_logs(load, arm, share, quantity, logs);
    return exp(mean_of(logs, load->replicate_count));
}

static int compare(struct load *load, size_t arm, double share, enum slo_quantity quantity, double *p) {
    struct load_comparison *comparison = &load->comparisons[load->comparison_count];
    struct ratio_estimate found, placebo = estimate_unknown();
    size_t last = load->arm_count - 1;
    bool has_placebo = load->arms[last].role == ARM_PLACEBO;
    const char *objection = load->arms[0].invalid[0] || load->arms[arm].invalid[0] ? "invalid" : NULL;
    *comparison =
        (struct load_comparison){.arm = arm, .share = share, .quantity = quantity, .placebo = unknown};
    comparison->baseline = level_of(load, 0, share, quantity);
    comparison->candidate = level_of(load, arm, share, quantity);
    int status = estimate(load, arm, share, quantity, &found);
    if (status == 0 && has_placebo)
        status = estimate(load, last, share, quantity, &placebo);
    comparison->ratio = interval_exp(found.log);
    if (has_placebo)
        comparison->placebo = interval_exp(placebo.log);
    for (size_t i = 0; !objection && i < 2; i++)
        objection = load_objection(load, i ? arm : 0, share);
    if (!objection && isnan(found.log.estimate))
        objection = "too few";
    p[load->comparison_count++] = objection ? NAN : 1;
    snprintf(comparison->reason, sizeof comparison->reason, "%s", objection ? objection : "");
    comparison->verdict =
        objection ? VERDICT_INVALID : verdict_of(comparison->ratio, comparison->placebo, load->delta);
    if (comparison->verdict == VERDICT_EQUIVALENT && load->replicate_count < VERDICT_EQUIVALENT_UNITS)
        comparison->verdict = VERDICT_INCONCLUSIVE;
    if (!objection && comparison->verdict != VERDICT_INCONCLUSIVE)
        p[load->comparison_count - 1] =
            family_p_value(&found, comparison->placebo, load->delta, comparison->verdict);
    return status;
}

static int compare_all(struct load *load, double *p) {
    int status = 0;
    for (size_t arm = 1; arm < load->arm_count; arm++) {
        if (load->arms[arm].role != ARM_CANDIDATE)
            continue;
        status = status ? status : compare(load, arm, 0, SLO_THROUGHPUT, &p[0]);
        for (size_t i = 0; i < load->share_count; i++)
            for (size_t k = 0; k < LATENCIES && status == 0; k++)
                status = compare(load, arm, load->shares[i], latencies[k], p);
    }
    return status;
}

struct interval load_level(const struct load *load, size_t arm, double share, enum slo_quantity quantity) {
    size_t errors = 0, requests = 0;
    double logs[LOAD_REPLICATES];
    if (quantity == SLO_PEAK_MEMORY)
        return (struct interval){load->arms[arm].peak_memory, load->arms[arm].peak_memory,
                                 load->arms[arm].peak_memory};
    if (quantity != SLO_ERROR_RATE) {
        collect_logs(load, arm, share, quantity, logs);
        for (size_t i = 0; i < load->replicate_count; i++)
            if (isnan(logs[i])) /* of the others alone it would be of those that did well */
                return unknown;
        return interval_exp(mean_interval(logs, load->replicate_count, LOAD_CONFIDENCE));
    }
    for (size_t i = 0; i < load->replicate_count; i++) {
        const struct load_reading *reading = find_reading(load, i, arm, share);
        errors += reading ? reading->errors + reading->unserved : 0;
        requests += reading ? reading->requests : 0;
    }
    return proportion_interval(errors < requests ? errors : requests, requests, LOAD_CONFIDENCE);
}

/* Latency of requests that failed is no service, and that of the unserved is more than what is known of it. */
static enum load_outcome outcome_of(const struct load *load, const struct load_judgement *judgement) {
    const struct slo_target *target = &load->slo.targets[judgement->target];
    const struct load_arm *arm = &load->arms[judgement->arm];
    bool latency = target->quantity >= SLO_P50 && target->quantity <= SLO_P999;
    const char *objection =
        target->quantity == SLO_PEAK_MEMORY ? NULL : load_objection(load, judgement->arm, judgement->share);
    bool by_block = target->quantity == SLO_ERROR_RATE && arm->errors_by_block;
    if (arm->invalid[0] || isnan(judgement->value.low) || isnan(judgement->value.high))
        return LOAD_UNDECIDED;
    bool below = judgement->value.high <= target->bound, above = judgement->value.low >= target->bound;
    if (target->quantity == SLO_THROUGHPUT)
        return objection                               ? LOAD_UNDECIDED
               : above                                 ? LOAD_MET
               : judgement->value.high < target->bound ? LOAD_MISSED
                                                       : LOAD_UNDECIDED;
    if (judgement->value.low > target->bound)
        return LOAD_MISSED; /* what is known is a lower bound */
    return below && !(latency && objection) && !(by_block && objection) ? LOAD_MET : LOAD_UNDECIDED;
}

static bool is_of_rates(enum slo_quantity quantity) {
    return quantity == SLO_ERROR_RATE || (quantity >= SLO_P50 && quantity <= SLO_P999);
}

static void judge(struct load *load, size_t target, size_t arm, double share) {
    struct load_judgement *judgement = &load->judgements[load->judgement_count++];
    *judgement = (struct load_judgement){.target = target, .arm = arm, .share = share};
    judgement->value = load_level(load, arm, share, load->slo.targets[target].quantity);
    judgement->outcome = outcome_of(load, judgement);
}

static void judge_all(struct load *load) {
    for (size_t target = 0; target < load->slo.count; target++) {
        bool rates = is_of_rates(load->slo.targets[target].quantity);
        for (size_t i = 0; i < (rates ? load->share_count : 1); i++)
            for (size_t arm = 0; arm < load->arm_count; arm++)
                if (load->arms[arm].role != ARM_PLACEBO)
                    judge(load, target, arm, rates ? load->shares[i] : 0);
    }
}

int load_conclude(struct load *load) {
    size_t most = load->arm_count * (1 + LATENCIES * load->share_count) + 1;
    double *p = calloc(most, sizeof *p);
    bool *accepted = calloc(most, sizeof *accepted);
    free(load->comparisons);
    free(load->judgements);
    load->comparisons = calloc(most, sizeof *load->comparisons);
    load->judgements =
        calloc(load->slo.count * load->arm_count * (load->share_count + 1) + 1, sizeof *load->judgements);
    load->comparison_count = load->judgement_count = 0;
    int status = p && accepted && load->comparisons && load->judgements ? compare_all(load, p) : -ENOMEM;
    if (status == 0)
        status = family_holm(p, load->comparison_count, 1 - LOAD_CONFIDENCE, accepted);
    for (size_t i = 0; i < load->comparison_count && status == 0; i++)
        if (load->comparisons[i].verdict != VERDICT_INVALID && !accepted[i])
            load->comparisons[i].verdict = VERDICT_INCONCLUSIVE;
    if (status == 0)
        judge_all(load);
    free(p);
    free(accepted);
    return status;
}

/* Numbers pass through text with 17 digits and the same arithmetic; what differs more was changed. */
static bool same(double a, double b) {
    return (!isfinite(a) && !isfinite(b)) || fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

static bool same_interval(struct interval a, struct interval b) {
    return same(a.estimate, b.estimate) && same(a.low, b.low) && same(a.high, b.high);
}

static bool same_comparison(const struct load_comparison *a, const struct load_comparison *b) {
    return a->arm == b->arm && same(a->share, b->share) && a->quantity == b->quantity &&
           a->verdict == b->verdict && same(a->baseline, b->baseline) && same(a->candidate, b->candidate) &&
           same_interval(a->ratio, b->ratio) && same_interval(a->placebo, b->placebo) &&
           strcmp(a->reason, b->reason) == 0;
}

static bool same_judgement(const struct load_judgement *a, const struct load_judgement *b) {
    return a->target == b->target && a->arm == b->arm && same(a->share, b->share) &&
           a->outcome == b->outcome && same_interval(a->value, b->value);
}

long load_verify(const struct load *load, char *text, size_t size) {
    struct load again = *load;
    again.comparisons = NULL;
    again.judgements = NULL;
    int status = load_conclude(&again);
    long wrong = status;
    text[0] = '\0';
    if (status == 0) {
        wrong = again.comparison_count != load->comparison_count ||
                again.judgement_count != load->judgement_count;
        if (wrong)
            snprintf(
                text, size, "the file has %zu comparisons and %zu judged targets, its readings %zu and %zu",
                load->comparison_count, load->judgement_count, again.comparison_count, again.judgement_count);
    }
    for (size_t i = 0; status == 0 && i < again.comparison_count && i < load->comparison_count; i++)
        if (!same_comparison(&load->comparisons[i], &again.comparisons[i]) && wrong++ == 0)
            snprintf(text, size, "%s, %s at share %g: the file says %s, its readings say %s",
                     load->arms[again.comparisons[i].arm].variant,
                     slo_quantity_name(again.comparisons[i].quantity), again.comparisons[i].share,
                     verdict_name(load->comparisons[i].verdict), verdict_name(again.comparisons[i].verdict));
    for (size_t i = 0; status == 0 && i < again.judgement_count && i < load->judgement_count; i++)
        if (!same_judgement(&load->judgements[i], &again.judgements[i]) && wrong++ == 0)
            snprintf(text, size, "target %s of %s: the file says %s, its readings say %s",
                     slo_quantity_name(load->slo.targets[again.judgements[i].target].quantity),
                     load->arms[again.judgements[i].arm].variant,
                     load_outcome_name(load->judgements[i].outcome),
                     load_outcome_name(again.judgements[i].outcome));
    free(again.comparisons);
    free(again.judgements);
    return wrong;
}
