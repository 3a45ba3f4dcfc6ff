#include "conclude/change.h"

#include "conclude/comparison_internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One comparison of one run, judged again. */
struct side {
    const struct run *run;
    const struct comparison *comparison;
    const struct measurement *measurement;
    struct judgement judgement;
    bool judged;
};

struct interval interval_of_difference(struct interval first, struct interval second) {
    double estimate = second.estimate - first.estimate;
    return (struct interval){
        .estimate = estimate,
        .low = estimate - hypot(second.estimate - second.low, first.high - first.estimate),
        .high = estimate + hypot(second.high - second.estimate, first.estimate - first.low)};
}

static struct interval log_of(struct interval ratio) {
    return (struct interval){log(ratio.estimate), log(ratio.low), log(ratio.high)};
}

/* As a run's own intervals are: wider where its plan had looks. */
static struct interval interval_at(const struct side *side, double level) {
    const struct ratio_estimate *estimate = &side->judgement.estimate;
    return estimate_interval(estimate,
                             1 - comparison_nominal_level(&side->run->settings, estimate->replicates, level));
}

static struct interval change_at(const struct side *before, const struct side *after, double level) {
    return interval_exp(interval_of_difference(interval_at(before, level), interval_at(after, level)));
}

/* Smallest error level that still gives the verdict, by bisection on its logarithm, rounded up. */
static double smallest_level(const struct side *before, const struct side *after,
                             const struct comparison_change *change, double delta, double level) {
    double low = log(1e-15), high = log(level);
    for (int step = 0; step < 40; step++) {
        double middle = (low + high) / 2;
        bool holds =
            verdict_of(change_at(before, after, exp(middle)), change->placebo, delta) == change->verdict;
        *(holds ? &high : &low) = middle;
    }
    return exp(high);
}

/*
 * Log times an item in ns of one arm, round by round, estimated as a log ratio is: Student's t over the
 * processes' midmeans. All NAN where there is no sample. 0 or -ENOMEM.
 */
static int time_interval(const struct side *side, size_t arm, double confidence, struct interval *time) {
    const struct measurement *measurement = side->measurement;
    double per_item = side->run->host.clock.ticks_per_ns * measurement->items;
    size_t total = 0;
    struct ratio_estimate estimate = estimate_unknown();
    for (size_t r = 0; r < measurement->replicate_count; r++)
        total += measurement->replicates[r].rounds;
    struct replicate_ratios *times = calloc(measurement->replicate_count + 1, sizeof *times);
    double *buffer = malloc((total + 1) * sizeof *buffer), *next = buffer;
    int status = times && buffer ? 0 : -ENOMEM;
    for (size_t r = 0; r < measurement->replicate_count && status == 0; r++) {
        const struct replicate *replicate = &measurement->replicates[r];
        if (!comparison_has_samples(replicate, arm))
            continue;
        times[r] = (struct replicate_ratios){
            next, replicate->rounds,
            strcmp(side->run->settings.layout, "random") == 0 ? replicate->layout : 0};
        for (size_t round = 0; round < replicate->rounds; round++)
            *next++ = log(comparison_ticks_per_run(replicate, arm, round) / per_item);
    }
    if (status == 0)
        status = estimate_log_ratio(times, measurement->replicate_count, confidence, &estimate);
    free(times);
    free(buffer);
    *time = estimate.log;
    return status == -ENOMEM ? status : 0;
}

static int time_change(const struct side *before, size_t before_arm, const struct side *after,
                       size_t after_arm, double confidence, struct interval *change) {
    struct interval first, second;
    int status = time_interval(before, before_arm, confidence, &first);
    if (status == 0)
        status = time_interval(after, after_arm, confidence, &second);
    if (status == 0)
        *change = interval_exp(interval_of_difference(first, second));
    return status;
}

static bool same_code(const struct arm *before, const struct arm *after) {
    return before->code_hash[0] && strcmp(before->code_hash, after->code_hash) == 0;
}

static bool same_point(const struct point *a, const struct point *b) {
    bool same = a->count == b->count;
    for (size_t i = 0; i < a->count && same; i++)
        same = !strcmp(a->values[i].name, b->values[i].name) && a->values[i].value == b->values[i].value &&
               !strcmp(a->values[i].choice, b->values[i].choice);
    return same;
}

static bool same_comparison(const struct comparison *a, const struct comparison *b) {
    return !strcmp(a->case_name, b->case_name) && !strcmp(a->kernel, b->kernel) &&
           !strcmp(a->baseline, b->baseline) && !strcmp(a->candidate, b->candidate) &&
           same_point(&a->point, &b->point);
}

static int judge_side(const struct run *run, const struct comparison *comparison, struct side *side) {
    *side = (struct side){
        .run = run, .comparison = comparison, .measurement = &run->measurements[comparison->measurement]};
    if (comparison->verdict == VERDICT_INVALID)
        return 0;
    int status = comparison_judge(side->measurement, comparison->candidate_arm, &run->settings,
                                  comparison->target, &side->judgement);
    side->judged = status == 0;
    return status == -ENOMEM ? status : 0;
}

/* Equal only where both runs have seen enough processes to have met a rare kind. */
static void judge_change(const struct side *before, const struct side *after, double delta, double level,
                         struct comparison_change *change) {
    struct interval unknown = {NAN, NAN, NAN};
    bool placebos = before->judgement.has_placebo && after->judgement.has_placebo;
    change->placebo = placebos ? interval_exp(interval_of_difference(log_of(before->judgement.floor),
                                                                     log_of(after->judgement.floor)))
                               : unknown;
    change->speedup = change_at(before, after, level);
    change->verdict = verdict_of(change->speedup, change->placebo, delta);
    if (change->verdict == VERDICT_EQUIVALENT && (before->judgement.processes < VERDICT_EQUIVALENT_UNITS ||
                                                  after->judgement.processes < VERDICT_EQUIVALENT_UNITS))
        change->verdict = VERDICT_INCONCLUSIVE;
    if (change->verdict != VERDICT_INCONCLUSIVE)
        change->p_value = smallest_level(before, after, change, delta, level);
}

static int find_change(const struct side *before, const struct side *after, const struct run_changes *changes,
                       struct comparison_change *change) {
    const struct comparison *old = before->comparison, *new = after->comparison;
    const struct interval unknown = {NAN, NAN, NAN};
    *change = (struct comparison_change){.point = old->point,
                                         .before = old->verdict,
                                         .after = new->verdict,
                                         .before_speedup = old->speedup,
                                         .after_speedup = new->speedup,
                                         .speedup = unknown,
                                         .placebo = unknown,
                                         .baseline_time = unknown,
                                         .candidate_time = unknown,
                                         .verdict = VERDICT_INVALID,
                                         .p_value = NAN};
    memcpy(change->case_name, old->case_name, RESULT_NAME);
    memcpy(change->kernel, old->kernel, RESULT_NAME);
    memcpy(change->baseline, old->baseline, RESULT_NAME);
    memcpy(change->candidate, old->candidate, RESULT_NAME);
    change->same_baseline = same_code(&before->measurement->arms[old->baseline_arm],
                                      &after->measurement->arms[new->baseline_arm]);
    change->same_candidate = same_code(&before->measurement->arms[old->candidate_arm],
                                       &after->measurement->arms[new->candidate_arm]);
    if (!before->judged || !after->judged)
        return 0;
    judge_change(before, after, changes->delta, 1 - changes->confidence, change);
    int status = time_change(before, old->baseline_arm, after, new->baseline_arm, changes->confidence,
                             &change->baseline_time);
    return status ? status
                  : time_change(before, old->candidate_arm, after, new->candidate_arm, changes->confidence,
                                &change->candidate_time);
}

/* A claim that does not hold among all of them is none. */
static int correct_changes(struct run_changes *changes) {
    size_t count = changes->comparison_count;
    double *p_values = malloc((count + 1) * sizeof *p_values);
    bool *accepted = calloc(count + 1, sizeof *accepted);
    int status = p_values && accepted ? 0 : -ENOMEM;
    for (size_t i = 0; i < count && status == 0; i++) {
        const struct comparison_change *change = &changes->comparisons[i];
        p_values[i] = change->verdict == VERDICT_INVALID ? NAN : isnan(change->p_value) ? 1 : change->p_value;
    }
    if (status == 0)
        status = family_holm(p_values, count, 1 - changes->confidence, accepted);
    for (size_t i = 0; i < count && status == 0; i++)
        if (changes->comparisons[i].verdict != VERDICT_INVALID && !accepted[i])
            changes->comparisons[i].verdict = VERDICT_INCONCLUSIVE;
    free(p_values);
    free(accepted);
    return status;
}

/* What happened to code that is the same: the rest of a time's change is no more than a guess beside it. A baseline of
 * several candidates counts once. */
static int find_drift(struct run_changes *changes) {
    double *ratios = malloc((2 * changes->comparison_count + 1) * sizeof *ratios);
    size_t count = 0;
    if (!ratios)
        return -ENOMEM;
    for (size_t i = 0; i < changes->comparison_count; i++) {
        const struct comparison_change *change = &changes->comparisons[i], *last = change - (i > 0);
        bool again = i > 0 && change->baseline_time.estimate == last->baseline_time.estimate;
        if (change->same_baseline && !again && isfinite(change->baseline_time.estimate))
            ratios[count++] = change->baseline_time.estimate;
        if (change->same_candidate && isfinite(change->candidate_time.estimate))
            ratios[count++] = change->candidate_time.estimate;
    }
    changes->drift_count = count;
    changes->drift_low = changes->drift_median = changes->drift_high = NAN;
    if (count) {
        changes->drift_median = quantile(ratios, count, 0.5); /* sorts */
        changes->drift_low = ratios[0];
        changes->drift_high = ratios[count - 1];
    }
    free(ratios);
    return 0;
}

static int match(const struct run *before, const struct run *after, bool *taken,
                 struct run_changes *changes) {
    int status = 0;
    for (size_t i = 0; i < before->comparison_count && status == 0; i++) {
        struct side old, new;
        size_t k = 0;
        while (k < after->comparison_count &&
               (taken[k] || !same_comparison(&before->comparisons[i], &after->comparisons[k])))
            k++;
        if (k == after->comparison_count) {
            changes->before_alone.items[changes->before_alone.count++] = i;
            continue;
        }
        taken[k] = true;
        status = judge_side(before, &before->comparisons[i], &old);
        if (status == 0)
            status = judge_side(after, &after->comparisons[k], &new);
        if (status == 0)
            status = find_change(&old, &new, changes, &changes->comparisons[changes->comparison_count++]);
    }
    for (size_t k = 0; k < after->comparison_count && status == 0; k++)
        if (!taken[k])
            changes->after_alone.items[changes->after_alone.count++] = k;
    return status;
}

static void take_names(const struct run *before, const struct run *after, struct run_changes *changes) {
    *changes =
        (struct run_changes){.delta = fmax(before->settings.delta, after->settings.delta),
                             .confidence = fmin(before->settings.confidence, after->settings.confidence)};
    memcpy(changes->before_id, before->id, sizeof before->id);
    memcpy(changes->after_id, after->id, sizeof after->id);
    memcpy(changes->before_started, before->started, sizeof before->started);
    memcpy(changes->after_started, after->started, sizeof after->started);
}

int run_changes_find(const struct run *before, const struct run *after, struct run_changes *changes) {
    take_names(before, after, changes);
    bool *taken = calloc(after->comparison_count + 1, sizeof *taken);
    changes->comparisons = calloc(before->comparison_count + 1, sizeof *changes->comparisons);
    changes->before_alone.items = calloc(before->comparison_count + 1, sizeof(size_t));
    changes->after_alone.items = calloc(after->comparison_count + 1, sizeof(size_t));
    bool allocated =
        taken && changes->comparisons && changes->before_alone.items && changes->after_alone.items;
    int status = allocated ? match(before, after, taken, changes) : -ENOMEM;
    if (status == 0)
        status = correct_changes(changes);
    if (status == 0)
        status = find_drift(changes);
    if (status == 0)
        status = run_differences(before, after, changes);
    free(taken);
    if (status)
        run_changes_clear(changes);
    return status;
}
