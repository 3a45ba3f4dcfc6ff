/* What the files of a comparison share. Private to conclude/. */
#ifndef CONCLUDE_COMPARISON_INTERNAL_H
#define CONCLUDE_COMPARISON_INTERNAL_H

#include "conclude/comparison.h"
#include "stats/family.h"

/** An interval and what it says, before anything else is known of a comparison. */
struct judgement {
    struct ratio_estimate estimate, placebo; /**< of the same replicates; both at their own confidence */
    bool has_placebo;                        /**< there was one, though it may be unknown */
    double confidence;              /**< nominal one of the interval, correction for looks included */
    struct interval speedup, floor; /**< ratios; floor: the placebo's, all NAN where there was none */
    enum verdict verdict;
    size_t processes;      /**< independent ones (or links) of which a rare kind would be seen */
    bool too_few_units;    /**< it would be equivalent, but rare kinds of processes may have been missed */
    double p_value;        /**< repeated one, of the verdict; NAN without a claim */
    double target_p_value; /**< of the target being met */
};

/** Whether arm `arm` was sampled in this replicate. */
bool comparison_has_samples(const struct replicate *replicate, size_t arm);

/** Ticks a run of one sample; a clock that did not move counts as one tick. */
double comparison_ticks_per_run(const struct replicate *replicate, size_t arm, size_t round);

/**
 * Nominal error level of the interval over `replicates` of a comparison, such that it holds `level` over all
 * looks: see sequential_level. The level itself in a fixed design.
 */
double comparison_nominal_level(const struct run_settings *settings, size_t replicates, double level);

/** Judges baseline against arm `candidate`. 0; -EINVAL where no sample was taken; -ENOMEM. */
int comparison_judge(const struct measurement *measurement, size_t candidate,
                     const struct run_settings *settings, double target, struct judgement *judgement);

/**
 * What a longer measurement is predicted from, as one of `comparisons` (1: alone) at Holm's last step and, in
 * a sequential design, at its last look.
 */
struct settling comparison_settling(const struct judgement *judgement, const struct run_settings *settings,
                                    size_t comparisons);

/** What would settle an inconclusive comparison, if all goes on as it was. */
struct verdict_limit comparison_limit(const struct judgement *judgement, const struct run_settings *settings,
                                      size_t comparisons);

/** A limit of that kind, all its numbers NAN. */
struct verdict_limit verdict_limit(enum limit_kind kind);

/** A limit in words; empty for none, and for an invalid arm, whose own reason says it. */
void verdict_limit_words(const struct verdict_limit *limit, char reason[RESULT_REASON]);

/** Counters, of the replicates that have both arms. 0 or -ENOMEM. */
int comparison_conclude_counters(const struct measurement *measurement, size_t candidate,
                                 const struct counter_plan *plan, double confidence,
                                 struct comparison *comparison);

/** Medians over replicates of an arm's resources and latencies. 0 or -ENOMEM. */
int comparison_conclude_resources(const struct measurement *measurement, size_t arm,
                                  struct arm_resources *resources, struct arm_latency *latency);

#endif
