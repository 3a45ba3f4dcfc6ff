/*
 * What `countersign load` measured: variants of one point under requests that arrive by a schedule, whatever the
 * variant does (an open loop). The file is JSON, schema countersign.load/1, described by
 * docs/countersign.load-1.schema.json.
 */
#ifndef STORE_LOAD_H
#define STORE_LOAD_H

#include "base/problem.h"
#include "store/result.h"
#include "store/slo.h"

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define LOAD_SCHEMA "countersign.load/1"
#define LOAD_SHARES 8           /**< rates at the most */
#define LOAD_CLIENTS 64         /**< that send requests at one time, at the most */
#define LOAD_REPLICATES 256     /**< processes at the most */
#define LOAD_REQUESTS 200000    /**< of a variant at one rate in one process, at the most */
#define LOAD_P99_REQUESTS 100   /**< fewest of a process that have a 99th percentile */
#define LOAD_TAIL_REQUESTS 1000 /**< fewest of a process that have a 99.9th percentile */

/** What one variant did at one rate in one process. Times in ns, rates in requests a second; NAN: not known. */
struct load_reading {
    size_t replicate, arm;
    double
        share; /**< of the baseline's saturation; 0: back to back, each client one request after the other */
    double offered;  /**< rate of the schedule; NAN back to back */
    double served;   /**< requests that ended, by the time from the first intended start to the last end */
    size_t requests; /**< that were scheduled, or made back to back */
    size_t errors;   /**< that the kernel's outputs called failed; see load_arm.errors_by_block */
    size_t
        unserved; /**< of them not begun when the block was given up, three times as long as it should be */
    double p50, p99, p999,
        max; /**< from the intended start to the end; of the unserved until then. NAN back to back */
    double service_p50, service_p99, service_p999, service_max; /**< from the real start to the end */
    double cpu_share; /**< CPUs busy, of the clients' processes, back to back alone */
};

/** A reading of nothing, for initializing. */
#define LOAD_NOTHING                                                                                         \
    (struct load_reading) {                                                                                  \
        .offered = NAN, .served = NAN, .p50 = NAN, .p99 = NAN, .p999 = NAN, .max = NAN, .service_p50 = NAN,  \
        .service_p99 = NAN, .service_p999 = NAN, .service_max = NAN, .cpu_share = NAN                        \
    }

struct load_arm {
    char variant[RESULT_NAME];
    enum arm_role role;
    char invalid[RESULT_REASON]; /**< why there is nothing; empty if there is */
    double peak_memory;          /**< bytes that it takes beside what all have in common; NAN: not known */
    bool
        errors_by_block; /**< asking whether a request failed takes long: it was asked once a block, and `errors` are
                               blocks with one at the least */
};

/** One quantity of the baseline and of a candidate. */
struct load_comparison {
    size_t arm;   /**< the candidate's */
    double share; /**< as in a reading */
    enum slo_quantity quantity;
    double baseline, candidate; /**< geometric means over the processes */
    struct interval ratio;      /**< above 1 the candidate is better: baseline / candidate of times */
    struct interval placebo;    /**< the same of the baseline against its copy */
    enum verdict verdict;       /**< corrected for all comparisons of the file */
    char reason[96];            /**< why there is no verdict; empty if there is one */
};

enum load_outcome { LOAD_UNDECIDED, LOAD_MET, LOAD_MISSED };
/** "undecided", "met", "missed". */
const char *load_outcome_name(enum load_outcome outcome);

/** A target, judged of one variant at one rate: by the whole interval. */
struct load_judgement {
    size_t target, arm;
    double share;
    struct interval value; /**< over the processes, 95 % */
    enum load_outcome outcome;
};

struct load {
    char id[64], started[32], version[32];
    char *command; /**< quoted for a shell */
    double duration_s;
    struct fingerprint host;
    char case_name[RESULT_NAME], title[128], kernel[RESULT_NAME], item[RESULT_NAME];
    struct point point;
    double items; /**< of a run, which is a request */
    bool poisson; /**< arrivals; else at fixed distances */
    double seconds, delta;
    uint64_t seed;
    double shares[LOAD_SHARES]; /**< rising */
    size_t share_count;
    double saturation;  /**< of the baseline, by a first process: what shares are of. Requests a second */
    size_t clients;     /**< processes that send requests at one time, each with connections of its own */
    size_t client_cpus; /**< that they had, 1 to `clients` */
    char cpus[RESULT_REASON];    /**< which, and why those */
    char servers[RESULT_REASON]; /**< where each ran; empty: none */
    struct load_arm *arms;       /**< the baseline first; the placebo, if any, last */
    size_t arm_count;
    size_t replicate_count; /**< that were complete */
    struct load_reading *readings;
    size_t reading_count;
    struct slo slo;
    struct load_comparison *comparisons; /**< of load_conclude, as are: */
    size_t comparison_count;
    struct load_judgement *judgements;
    size_t judgement_count;
    struct file_digest digest;
};

/** Frees what it owns and clears it. Safe on a zeroed one. */
void load_clear(struct load *load);

/** Appends a reading. 0 or -ENOMEM. */
int load_add(struct load *load, const struct load_reading *reading);

/** The value of a reading for a quantity, in the units of slo.h; NAN where it has none. */
double load_value(const struct load_reading *reading, enum slo_quantity quantity);

/** Writes the file as run_save does. 0 or -errno with the problem. */
int load_save(const struct load *load, const char *path, struct problem *problem);

/** Writes the JSON to a stream. 0 or -errno. */
int load_print_json(const struct load *load, FILE *stream);

/** Reads a document of LOAD_SCHEMA; after a failure it is cleared. 0 or -errno with the problem. */
int load_from_json(const json_t *json, struct load *load, struct problem *problem);

#endif
