/*
 * Two runs beside each other, in memory and as JSON (countersign.change/1). Their times are not paired: what
 * changed on the machine between them is in every change of a time. A speedup is paired within each run, so
 * that its change says more.
 */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include "store/result.h"

#define CHANGE_SCHEMA "countersign.change/1"

/** One fact that is not the same in both runs, as text; what only one run tells is empty in the other. */
struct difference {
    char what[64]; /**< "host.kernel", "settings.budget_s", "build.compiler" */
    char before[512], after[512];
    bool identity; /**< by it one machine is told from another */
};

/** One comparison that both runs have. Ratios are after / before, all NAN where one of the two is invalid. */
struct comparison_change {
    char case_name[RESULT_NAME], kernel[RESULT_NAME], baseline[RESULT_NAME], candidate[RESULT_NAME];
    struct point point;
    enum verdict before, after;                    /**< verdicts of the two runs */
    struct interval before_speedup, after_speedup; /**< as the files have them */
    struct interval speedup;                       /**< change of the speedup; above 1: it grew */
    struct interval placebo;                       /**< of the placebo's: by how much equal code drifted */
    struct interval baseline_time, candidate_time; /**< of the time an item; not paired */
    /** Of the speedup's change, among all of them: faster: it grew; slower: it shrank; equivalent: neither, by more than
     * delta; inconclusive; invalid: no two speedups. */
    enum verdict verdict;
    double p_value;                     /**< of that verdict alone; NAN without a claim */
    bool same_baseline, same_candidate; /**< machine code is known and equal in both runs */
};

/** A comparison that one run alone has: indexes into its comparisons. */
struct unmatched {
    size_t *items, count;
};

struct run_changes {
    char before_id[64], after_id[64], before_started[32], after_started[32];
    double delta, confidence; /**< the larger delta and the smaller confidence of both */
    bool same_machine;        /**< CPU, microcode, caches, cores, kernel and CPU flags are known and equal */
    struct difference *differences;
    size_t difference_count;
    struct comparison_change *comparisons;
    size_t comparison_count;
    struct unmatched before_alone, after_alone;
    /** Of the times of arms whose machine code is the same in both: smallest, median and largest ratio; NAN: none. */
    double drift_low, drift_median, drift_high;
    size_t drift_count; /**< how many */
};

void run_changes_clear(struct run_changes *changes);

/** How many changes have that verdict. */
size_t run_changes_count(const struct run_changes *changes, enum verdict verdict);

/** Whether both runs had a verdict of a difference, and not the same. */
bool change_is_flip(const struct comparison_change *change);

/**
 * Collects what the runs say differently of the machine, the settings and the builds, and whether it is one
 * machine. Measured clocks are never looked at: they differ between two runs on one machine. 0 or -ENOMEM.
 */
int run_differences(const struct run *before, const struct run *after, struct run_changes *changes);

/** Writes it as JSON: docs/countersign.change-1.schema.json. 0 or -errno. */
int run_changes_print_json(const struct run_changes *changes, FILE *stream);

#endif
