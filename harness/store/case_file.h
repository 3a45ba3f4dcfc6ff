/* case.yaml: which kernel, which points, what is predicted. Format: docs/CASES.md. */
#ifndef STORE_CASE_FILE_H
#define STORE_CASE_FILE_H

#include "base/problem.h"
#include "counters/counters.h"
#include "countersign.h"
#include "store/result.h"
#include "store/slo.h"

#include <stdbool.h>
#include <stddef.h>

#define CASE_VALUES 64 /**< values of one swept parameter */
#define CASE_TAGS 8
#define CASE_PREDICTIONS 32
#define CASE_CONDITIONS 8
#define CASE_COUNTER_CONDITIONS 24 /**< 8 on ratios, and 8 on the per-item values of each variant */

/** One axis of a sweep, or one fixed parameter (count 1). Values are not yet checked against a kernel. */
struct case_axis {
    char parameter[RESULT_NAME];
    struct {
        int64_t number;
        char text[RESULT_NAME]; /**< as written: a choice, or "all" for threads; empty for a number */
    } values[CASE_VALUES];
    size_t count;
    int line; /**< in the file */
};

/** Whose number a bound is on. */
enum case_subject {
    SUBJECT_RATIO,    /**< candidate / baseline, per item */
    SUBJECT_BASELINE, /**< the baseline's own, per item ("ipc": instructions a cycle) */
    SUBJECT_CANDIDATE
};

/** "where: {n: '>= 1024'}" or a bound on a counter: comparison operator and number. */
struct case_condition {
    char name[RESULT_NAME]; /**< parameter or counter */
    char operator[3];       /**< "<", "<=", ">", ">=", "==", "!=" */
    double value;
    char text[RESULT_NAME];    /**< a choice by name (with == and != only); empty for a number */
    enum case_subject subject; /**< of a bound on a counter */
    int line;
};

/** One prediction. */
struct case_prediction {
    struct case_condition where[CASE_CONDITIONS];
    size_t where_count;                                      /**< 0: at every point */
    char candidate[RESULT_NAME];                             /**< empty: the first candidate */
    int verdict;                                             /**< enum verdict, or -1 for none predicted */
    struct case_condition counters[CASE_COUNTER_CONDITIONS]; /**< those on one number follow one another */
    size_t counter_count;
    char evidence[128]; /**< that the candidate's evidence contains, or lacks; empty: none predicted */
    bool evidence_lacking;
    char crossover_parameter[RESULT_NAME]; /**< empty: none */
    double crossover_low,
        crossover_high;                 /**< the candidate starts to win within this range of the parameter */
    char growth_parameter[RESULT_NAME]; /**< empty: none predicted */
    int growth
        [2]; /**< enum growth_kind of the baseline's and the candidate's time an item; -1: not predicted */
    int line;
};

/** A case as written. */
struct case_file {
    char name[RESULT_NAME]; /**< folder's name */
    char path[4096];        /**< of case.yaml, for messages */
    char group
        [RESULT_NAME]; /**< name of the folder that holds the case's, if it is one of case_groups; else empty */
    char title[128];
    char tags[CASE_TAGS][RESULT_NAME];
    size_t tag_count;
    char technique[RESULT_NAME], effort[RESULT_NAME],
        risk[RESULT_NAME];         /**< of closed lists; empty: not said */
    char rollback[256], cost[256]; /**< in words; empty: not said */
    char kernel[RESULT_NAME];
    char baseline[RESULT_NAME]; /**< empty: variant 0 */
    char candidates[CS_MAX_VARIANTS][RESULT_NAME];
    size_t candidate_count; /**< 0: all other variants */
    struct case_axis sweep[RESULT_PARAMETERS], quick[RESULT_PARAMETERS], full[RESULT_PARAMETERS];
    size_t sweep_count, quick_count, full_count; /**< quick and full override single axes of sweep */
    double target;                               /**< 1.25 unless given */
    struct slo slo;                              /**< targets of a load; none unless given */
    size_t clients; /**< of a load, which send requests at one time; 0: as many as CPUs are left for them */
    struct case_prediction predictions[CASE_PREDICTIONS];
    size_t prediction_count;
    int kernel_line, baseline_line, candidates_line;
    char events[COUNTER_NATIVE_EVENTS]
               [COUNTER_NAME]; /**< native events to be counted beside the vocabulary */
    size_t event_count;
    int event_lines[COUNTER_NATIVE_EVENTS];
};

/** Groups of cases and kernels, ended by NULL. */
extern const char *const case_groups[];

/**
 * Reads `folder`/case.yaml. Unknown keys, wrong types, impossible values, duplicate keys and bad YAML are
 * refused: "cases/x/case.yaml:7: sweep.n: expected a list of whole numbers, got a mapping". Returns 0 or
 * -errno.
 */
int case_file_load(struct case_file *file, const char *folder, struct problem *problem);

/**
 * Checks a case against its kernel's descriptor: variants and parameters exist, values are within limits,
 * choices and counters are known. The message names file and line and what is allowed. Returns 0 or -EINVAL.
 */
int case_file_check(const struct case_file *file, const struct cs_kernel *kernel, struct problem *problem);

/** Whether a value satisfies a condition with a number. NAN satisfies none. */
bool case_condition_holds(const struct case_condition *condition, double value);

/** Whether a point satisfies a prediction's `where`. Parameters the point does not have make it false. */
bool case_prediction_applies(const struct case_prediction *prediction, const struct point *point);

#endif
