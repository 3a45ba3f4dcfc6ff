/* From the samples of a point to its comparisons. Reads the measurement alone, so a result file can be judged
 * again. */
#ifndef CONCLUDE_COMPARISON_H
#define CONCLUDE_COMPARISON_H

#include "stats/spread.h"
#include "store/case_file.h"
#include "store/result.h"

/**
 * Concludes baseline against arm `candidate` of a measurement: interval, verdict, times, counters, resources,
 * noise, carry-over, placebo. Names (case, title, item, target) are the caller's to fill before: *comparison
 * comes with case_name, case_title, kernel, item, target and measurement set; the rest is filled here and the
 * array of counters is owned by it. Returns 0 or -ENOMEM.
 */
int comparison_conclude(const struct measurement *measurement, size_t candidate,
                        const struct run_settings *settings, const struct counter_plan *plan,
                        const struct sample_clock *clock, struct comparison *comparison);

/**
 * Variances of a replicate's log ratio by cause (stats/spread.h), for deciding how long the next ones should
 * be. 0, -EINVAL without samples, or -ENOMEM.
 */
int comparison_components(const struct measurement *measurement, size_t candidate,
                          const struct run_settings *settings, struct spread *spread);

/**
 * Names what disturbed a comparison, in noise_text, where that mattered: something stood out over all
 * replicates (see noise_describe), and the verdict is inconclusive or the interval's half-width above delta;
 * or the replicates in which something stood out have another speedup than the others, by more than delta
 * and by Student's t test at 99 %: then by how much. Empty otherwise: pairing cancelled it. Part of
 * comparison_conclude. 0 or -ENOMEM.
 */
int comparison_conclude_noise(const struct measurement *measurement, size_t candidate, double delta,
                              struct comparison *comparison);

/**
 * Corrects a whole run for the number of its comparisons, at 1 - settings.confidence. The family is all that
 * are not invalid, those that make no claim included. Verdicts go through Holm's procedure: a claim that does
 * not hold among all becomes inconclusive, with the reason. A target stays met where that holds at the level
 * divided by the number of comparisons (Bonferroni), and beside a verdict alone. So the verdicts hold
 * together with the run's confidence, and so do the stars; both together with its error twice. Call it once,
 * when all are concluded. 0 or -ENOMEM.
 */
int comparisons_correct(struct run *run);

/** What a look says of a candidate. */
enum arm_progress {
    ARM_OPEN,    /**< go on */
    ARM_SETTLED, /**< its verdict holds among all comparisons of the run, or it is invalid: no more samples */
    ARM_HOPELESS /**< more samples of this plan are unlikely (below 10 %) to bring a verdict */
};

/**
 * Judges a candidate at a look of a sequential design, from the replicates done. Settled: its repeated
 * p-value is at most the error level divided by `comparisons`, those of the whole run, so that
 * comparisons_correct accepts it whatever the others do; a target is not waited for. Hopeless: from 8
 * replicates on, if the predicted chance of a verdict at settings->replicates, taken alone, is below 10 %;
 * the rule does not bind, as going on keeps the error level too. What is within delta but has too few
 * processes for `equivalent` is open where the plan has enough. Always open in a fixed design. 0 or -ENOMEM.
 */
int comparison_progress(const struct measurement *measurement, size_t candidate,
                        const struct run_settings *settings, size_t comparisons, enum arm_progress *progress);

/** One conclusion of a file that its samples do not bear out. */
struct disagreement {
    size_t comparison; /**< index; SIZE_MAX: a measurement as a whole */
    size_t measurement;
    char what[64];              /**< "verdict", "speedup.low", "digest of the samples" */
    char file[64], samples[64]; /**< what the file says, and what its samples say */
};

/**
 * Concludes every comparison of a run again from its samples, corrections included, and collects where the
 * file disagrees: up to `capacity` into `found`. Of predictions, crossovers are judged again; those about
 * one comparison are not in the file. Returns how many there are, which may exceed capacity, or -ENOMEM.
 */
long run_verify(const struct run *run, struct disagreement *found, size_t capacity);

/**
 * Puts the conclusions that this version draws from the samples in the place of the file's: intervals,
 * corrections, verdicts, spread, crossovers. Samples, counters and settings stay. A prediction about a
 * comparison whose verdict changes is no longer judged: the case is not in the file. Returns 0, -EBADMSG
 * where a digest says that the file was changed (then nothing is done), or -ENOMEM.
 */
int run_conclude_again(struct run *run);

#endif
