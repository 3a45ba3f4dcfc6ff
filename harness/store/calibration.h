/*
 * What `countersign calibrate` found out: comparisons whose right answer is known, their verdicts, and how
 * often those were wrong. The file is JSON, schema countersign.calibration/1, described by
 * docs/countersign.calibration-1.schema.json.
 */
#ifndef STORE_CALIBRATION_H
#define STORE_CALIBRATION_H

#include "base/problem.h"
#include "store/result.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CALIBRATION_SCHEMA "countersign.calibration/1"
#define CALIBRATION_KINDS 48 /**< at the most */
#define CALIBRATION_SIZES 10 /**< at the most */

/** Rate of false claims that the program promises not to exceed. */
#define CALIBRATION_PROMISED_RATE 0.01
/** Share of tries in which a difference must be told apart to count as one that is seen. */
#define CALIBRATION_POWER 0.95
#define CALIBRATION_CONFIDENCE 0.95 /**< of the intervals of rates */

/** One comparison whose right answer is known. */
struct calibration_try {
    size_t kind, size; /**< indexes into calibration.kinds and calibration.sizes */
    unsigned number;   /**< 1 .. calibration_tries_of(calibration, kind, size) */
    uint64_t seed;     /**< of its replicates, inputs, orders and links */
    enum verdict verdict;
    struct interval speedup, placebo; /**< ratios, as measured; NAN where invalid */
    double duration_s;                /**< of the whole comparison, starting of processes included */
    char noise_text[160];             /**< what disturbed it; empty: nothing that mattered */
    char reason[RESULT_REASON];       /**< why invalid; empty otherwise */
};

/** A kind of work. */
struct calibration_kind {
    char name[RESULT_NAME], group[RESULT_NAME];
    unsigned threads;
    bool sized;   /**< has planted sizes; otherwise identical code alone is tried */
    bool swapped; /**< the baseline does the planted work, so that `faster` is the right claim */
    char skipped[RESULT_REASON]; /**< why it was not tried here; empty: it was */
};

struct calibration {
    char id[64], started[32], version[32];
    double duration_s;
    bool complete; /**< false: interrupted or failed; every try that was complete is here */
    struct fingerprint host;
    struct run_settings settings;
    bool neighbour;         /**< beside a bursty load on every allowed core */
    uint64_t l2_bytes;      /**< memory that the kind `l2` went through; 0 where it was not tried */
    uint64_t dram_bytes;    /**< memory that the kind `dram` went through, `copy-far` through half of it; 0
                                 where neither was tried */
    unsigned tries_a_pair;  /**< of each kind and size above 0 */
    unsigned placebo_tries; /**< of each kind with identical code */
    bool
        until_settled; /**< these numbers are limits: a kind and size ends once calibration_settled says so */
    struct calibration_kind kinds[CALIBRATION_KINDS];
    size_t kind_count;
    double sizes[CALIBRATION_SIZES]; /**< planted: the candidate does this share more work; 0: none; rising */
    size_t size_count;
    struct calibration_try *tries;
    size_t try_count;
    struct file_digest digest;
    /** Of one that was read: numbers of its summary that do not follow from its tries, and the first of them
     * in words. */
    size_t disagreements;
    char disagreement[256];
};

/** Frees the tries and clears. Safe on a zeroed one. */
void calibration_clear(struct calibration *calibration);

/** Tries planned of the kind and the size of these indexes; 0 for planted work of a kind that has none. */
unsigned calibration_tries_of(const struct calibration *calibration, size_t kind, size_t size);

/** Appends a try; 0 or -ENOMEM. */
int calibration_add(struct calibration *calibration, const struct calibration_try *item);

/**
 * Whether a try told the difference apart, roles as they were: the whole interval of the speedup lies beyond
 * the placebo's floor, whatever delta is. Returns -1 where the candidate is seen as slower, 1 where it is
 * seen as faster, 0 where it is not told apart.
 */
int calibration_direction(const struct calibration_try *item);

/** What became of the tries of one size. Of swapped roles the mirror image is counted. */
struct calibration_cell {
    size_t tries;      /**< valid ones */
    size_t invalid;    /**< answered wrong, crashed …: never to be expected */
    size_t told_apart; /**< seen as slower; of identical code: as either */
    size_t claimed;    /**< verdict slower; of identical code: either, so a false claim */
    size_t wrong;      /**< verdict faster, where the candidate does more work */
    double measured; /**< median over tries of baseline time / candidate time, inverted, less 1; NAN: none */
    double half_width; /**< median half-width of the interval, as a share; NAN: none */
};

/** What became of one kind, or of all together. */
struct calibration_row {
    struct calibration_cell cells[CALIBRATION_SIZES]; /**< by calibration.sizes */
    struct interval false_claims; /**< rate of claims on identical code; NAN where it was not tried. Clopper
                                       and Pearson's, or, until_settled, calibration_running_interval */
    size_t wrong, invalid;        /**< of all sizes */
    double smallest; /**< least size from which on every size tried was told apart in enough tries;
                          NAN: none */
    double try_s;    /**< mean length of a comparison; NAN: none */
};

struct calibration_summary {
    struct calibration_row kinds[CALIBRATION_KINDS];
    struct calibration_row all;
    bool kept; /**< no wrong direction, and no rate of false claims, of a kind or of all, that is above
                    CALIBRATION_PROMISED_RATE for certain: its interval's lower end is */
};

/** Counts. `smallest` of the whole is the largest of the sized kinds', NAN where one of them has none. 0 or
 * -ENOMEM. */
int calibration_summarize(const struct calibration *calibration, struct calibration_summary *summary);

/**
 * Interval of a rate that may be looked at after every try, and whose tries may end because of what it says:
 * it holds the true rate at all times together with 95 % confidence. By Ville's inequality for the
 * likelihood ratio of the tries under a beta prior of the rate (Robbins, "Statistical Methods Related to the
 * Law of the Iterated Logarithm", Annals of Mathematical Statistics 41(5), 1970), here Beta(1/2, 1/(2
 * limit)), which is sharpest for rates about `limit`. All NAN for no tries.
 */
struct interval calibration_running_interval(size_t count, size_t tries, double limit);

/**
 * Whether more tries of that kind and size would answer nothing: of planted work, the running interval of the
 * share not told apart excludes 1 - CALIBRATION_POWER; of identical code, that of the false claims lies above
 * CALIBRATION_PROMISED_RATE for the kind, or below it for all kinds together.
 */
bool calibration_settled(const struct calibration *calibration, const struct calibration_summary *summary,
                         size_t kind, size_t size);

/** Writes the file as run_save does: whole or not at all. 0 or -errno with the problem. */
int calibration_save(const struct calibration *calibration, const char *path, struct problem *problem);

/** Writes the JSON to a stream. 0 or -errno. */
int calibration_print_json(const struct calibration *calibration, FILE *stream);

/** Reads a document of CALIBRATION_SCHEMA into `calibration`; after a failure it is cleared. The summary is
 * not kept: it follows from the tries. 0 or -errno. */
int calibration_from_json(const json_t *json, struct calibration *calibration, struct problem *problem);

#endif
