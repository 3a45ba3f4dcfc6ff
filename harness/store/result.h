/*
 * A run in memory, as a result file holds it: what was measured (measurements, with every raw sample) and
 * what was concluded (comparisons). The file is JSON, schema countersign.run/1, described by
 * docs/countersign.run-1.schema.json.
 *
 * All variants of a point are sampled in the same rounds, so samples belong to the point: a measurement. A
 * comparison is baseline against one candidate of a measurement and refers to it by index; nothing is stored
 * twice.
 */
#ifndef STORE_RESULT_H
#define STORE_RESULT_H

#include "base/problem.h"
#include "counters/counters.h"
#include "host/fingerprint.h"
#include "host/noise.h"
#include "stats/estimate.h"
#include "stats/growth.h"
#include "stats/scaling.h"
#include "stats/verdict.h"
#include "store/causes.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define RESULT_SCHEMA "countersign.run/1"
#define RESULT_NAME 64 /**< bytes of a name: case, kernel, variant, parameter */
#define RESULT_REASON 384
#define RESULT_FLAGS 1024
#define RESULT_COMMAND 512 /**< bytes of a command line, which is cut */
#define RESULT_SIM_REASON 192
#define RESULT_PARAMETERS 9 /**< CS_MAX_PARAMETERS and threads */
#define RESULT_APP_COUNTERS 8
/** Kernel of measurements whose arms are executables of Google Benchmark. */
#define RESULT_GOOGLE_BENCHMARK "google-benchmark"
#define RESULT_EVIDENCE 2048   /**< CS_EVIDENCE */
#define RESULT_SERVICES 4      /**< CS_MAX_SERVICES */
#define RESULT_THREAD_EVENTS 4 /**< events kept thread by thread, see store/thread_counts.h */

/** One parameter of a point. */
struct point_value {
    char name[RESULT_NAME];
    int64_t value;
    char choice[RESULT_NAME]; /**< name of an enumerated value; empty for a number */
    char unit[RESULT_NAME];   /**< empty for a choice */
};

/** A point: the parameters that the case sweeps or sets, in the kernel's order, threads last. */
struct point {
    struct point_value values[RESULT_PARAMETERS];
    size_t count;
};

/** "n=64 hit=50 %" for messages. Cut to `size`. */
void point_text(const struct point *point, char *text, size_t size);

/** How one thread was bound, read back. */
struct thread_binding {
    int thread; /**< 0: main; OpenMP thread number otherwise */
    int cpu;    /**< OS index, -1 where it may run on more than one */
};

enum arm_role { ARM_BASELINE, ARM_CANDIDATE, ARM_PLACEBO };

/**
 * One thing that is sampled: a variant of the module, or the placebo: the baseline of a second loaded copy.
 */
struct arm {
    char variant[RESULT_NAME];
    enum arm_role role;
    unsigned flags; /**< enum cs_variant_flags */
    /** 64-bit FNV-1a of the machine code of `run`, or of the user's function that it only calls and of all
     * that this leads to (compile/code_hash.h); hex; empty if it is not known */
    char code_hash[17];
    uint64_t code_bytes;
    char command[RESULT_COMMAND]; /**< of a duel of commands, as it was given; empty for a kernel's variant */
    bool invalid;                 /**< crashed, hung, ran out of memory or answered wrong */
    enum arm_fault fault;         /**< why invalid, see arm_fault; FAULT_NONE in files from before */
    struct arm_why why;           /**< what a worker refused it for; no cause in files from before */
    char reason[RESULT_REASON];   /**< the same in words: variant, signal or limit, or index/got/expected */
    char evidence
        [RESULT_EVIDENCE]; /**< how it does its work, in its own words, in lines, of the first replicate; empty: none */
    char other_evidence[RESULT_EVIDENCE]; /**< of the first replicate in which that was another text */
    size_t evidence_changes; /**< replicates in which it was another; 0: other_evidence says nothing */
};

/** Why an arm is invalid; of one from a file from before, by its words. FAULT_NONE: it is valid. */
enum arm_fault arm_fault(const struct arm *arm);

/** Use of resources by one arm in one replicate. */
struct arm_resources {
    double cpu_share; /**< CPU time / wall time over its timed stretches; above 1 for parallel ones; NAN: not
                         known */
    double peak_rss_bytes; /**< of the process while this arm ran; NAN: not known */
};

/** Latency percentiles of an arm that reports latencies, ns; all NAN otherwise. */
struct arm_latency {
    double p50, p95, p99, max;
};

/** A server that the harness started for a kernel, one for each replicate. */
struct service {
    char name[RESULT_NAME], program[160];
    int cpu;                /**< its own; -1: it shared those of the variants */
    char user[RESULT_NAME]; /**< whom it ran as, where that was not the user of countersign; else empty */
};

/** What a server used in one replicate, from its start to its end. NAN: not known. */
struct service_use {
    double cpu_s;          /**< CPU time of it, and of children that it waited for */
    double peak_rss_bytes; /**< of the one process */
};

/** One fresh process. Arrays of arms are in the order of measurement.arms. */
struct replicate {
    uint64_t seed;                  /**< of inputs and schedule; exact in JSON as a string */
    int layout;                     /**< which link of the module was drawn; 0: as the linker made it */
    double startup_ms;              /**< from spawn to the first sample */
    struct thread_binding *threads; /**< thread_count of them */
    size_t thread_count;
    int memory_node; /**< node that memory was bound to, -1 for none */
    struct noise noise;
    char noise_text[160]; /**< what stood out, in words; empty: nothing */
    size_t rounds;
    uint64_t **ticks;  /**< ticks[arm][round]: sample length in clock ticks; NULL row for an invalid arm */
    uint64_t *runs;    /**< runs[arm]: runs in each sample of the arm (k) */
    double *preempted; /**< preempted[arm]: samples that the scheduler broke into; they were taken again, or
                          kept after three tries; NAN: not known */
    double (*counters)[COUNTER_EVENTS]; /**< counters[arm][event]: per run; NAN absent */
    double (*app)[RESULT_APP_COUNTERS]; /**< app[arm][i]: per run, of app_counters[i]; NAN absent */
    double *thread_counts; /**< see store/thread_counts.h; NAN where threads were not told apart */
    struct arm_resources *resources;
    struct arm_latency *latency;
    struct service_use *services; /**< service_count of them, in the order of measurement.services */
    size_t service_count;
    double core_ghz; /**< calibrated in this replicate; 0 not known */
};

/** What Callgrind counted of one arm; see simulation. */
struct simulated_arm {
    double counts[COUNTER_EVENTS];     /**< of one run; NAN: not simulated */
    enum simulation_cause cause;       /**< why there is none, see simulation_cause */
    struct simulation_numbers numbers; /**< of the cause; 0 in files from before */
    char reason[RESULT_SIM_REASON];    /**< the same in words; empty if there are */
    double cycles;                /**< calibrated core cycles of one run of the same binary, timed without
                                       simulation: median; NAN: not known. For the estimate of IPC */
    double cycles_p5, cycles_p95; /**< percentiles of the same */
};

/**
 * A simulation of one point: each variant run once more, in the portable build, under Valgrind's Callgrind
 * with cache and branch simulation, user code alone, after a warm-up run. Exact: the same twice.
 */
struct simulation {
    enum simulation_cause cause;       /**< why nothing was simulated */
    struct simulation_numbers numbers; /**< of the cause */
    char reason[RESULT_SIM_REASON];    /**< the same in words; empty if something was */
    char tool[64];              /**< "valgrind-3.19.0"; empty: nothing was tried (simulation switched off) */
    char caches[128];           /**< geometry simulated: "D1 48 KiB 12-way, LL 32 MiB 16-way, 64 B lines" */
    uint64_t seed;              /**< of the inputs */
    bool scaled;                /**< `point` is smaller than the measurement's */
    struct point point;         /**< simulated */
    double items;               /**< of one run at `point` */
    double duration_s;          /**< that it took */
    struct simulated_arm *arms; /**< arm_count of the measurement, in its order; NULL: none */
};

/** Why arm `arm` was not simulated, its own cause or the point's; by its words in a file from before. */
enum simulation_cause simulation_cause(const struct simulation *simulation, size_t arm);

/** The same in words; empty where it was, or where nothing says why not. */
const char *simulation_reason(const struct simulation *simulation, size_t arm);

/** Everything sampled at one point of one case. */
struct measurement {
    char case_name[RESULT_NAME], kernel[RESULT_NAME], build[16]; /**< build: "native" or "portable" */
    struct point point;
    double items, bytes, flops; /**< of one run (cs_work) */
    struct arm *arms;           /**< arms[0] is the baseline; the placebo, if any, is last */
    size_t arm_count;
    struct service *services; /**< that were started in each replicate */
    size_t service_count;
    struct replicate *replicates;
    size_t replicate_count;
    char app_counters[RESULT_APP_COUNTERS][RESULT_NAME];     /**< empty name ends */
    char native_events[COUNTER_NATIVE_EVENTS][COUNTER_NAME]; /**< of run_plan_of its case, slot by slot */
    char counter_problem[192]; /**< why a replicate could not read its counters; empty otherwise */
    char compiler[128], flags[RESULT_FLAGS]; /**< of the module; "…" at the end where they were longer */
    struct simulation simulation;
    char digest[17]; /**< of all samples when they were taken, see measurement_digest; empty before */
    char scratch_filesystem[32]; /**< type of the file system that scratch was on: "ext4" */
    double scratch_sync_ns; /**< of 4 KiB written and synced there; NAN: no variant is CS_IO, or not known */
};

enum verified {
    VERIFIED_NO,      /**< not reached */
    VERIFIED_YES,     /**< equal to the baseline on every seed */
    VERIFIED_CHECKED, /**< that, and accepted by the kernel's independent check */
    VERIFIED_WRONG
};
/** "no", "yes", "checked", "wrong". */
const char *verified_name(enum verified verified);

enum mechanism {
    MECHANISM_NONE,        /**< no prediction for this point */
    MECHANISM_EXPLAINED,   /**< all predictions held, and one of them is of a cause */
    MECHANISM_UNEXPLAINED, /**< a prediction failed */
    MECHANISM_UNMEASURED,  /**< none failed, one could not be told */
    MECHANISM_HELD         /**< all held, but none is of a cause; never of a crossover */
};
/** "none", "explained", "unexplained", "unmeasured", "held". */
const char *mechanism_name(enum mechanism mechanism);

/**
 * One counter of a comparison, per item. Counted events come first, in the vocabulary's order, then the
 * kernel's own, then what was simulated (SOURCE_SIM): an event may have two entries, told apart by source.
 * The entry named "ipc" is instructions a cycle, not per item.
 */
struct counter_result {
    char name[RESULT_NAME], unit[RESULT_NAME];
    enum counter_source source;
    enum counter_trust trust;
    double baseline, candidate; /**< per item; NAN: absent */
    /**
     * Of both over replicates; a simulated one is exact: low = high. All NAN: absent, or a file from before.
     */
    struct interval baseline_interval, candidate_interval;
    struct interval ratio; /**< candidate / baseline; NAN: absent, or baseline 0 */
    char reason[192];      /**< why absent or degraded; empty otherwise */
    bool predicted;        /**< a prediction of the case names it */
};

enum claim_outcome { CLAIM_HOLDS, CLAIM_FAILS, CLAIM_OPEN, CLAIM_OUTCOMES };
/** "holds", "fails", "open". */
const char *claim_outcome_name(enum claim_outcome outcome);

/** What a claim was judged by, or why it was not. */
enum claim_basis {
    CLAIM_BY_VERDICT,
    CLAIM_BY_NUMBER,   /**< of a counter; open where its interval says neither */
    CLAIM_BY_EVIDENCE, /**< in the candidate's own words; open where they changed between replicates */
    CLAIM_NO_SOURCE,   /**< nothing gives the number, or the words */
    CLAIM_NO_RATIO,    /**< the baseline has none of it */
    CLAIM_ELSEWHERE,   /**< simulated alone, at a point that the prediction is not about */
    CLAIM_BASES
};
/** "verdict", "number", "evidence", "no-source", "no-ratio", "elsewhere". */
const char *claim_basis_name(enum claim_basis basis);

/** One claim of a case's predictions about a comparison: a verdict, or all bounds on one number. */
struct claim {
    enum claim_basis basis;
    enum claim_outcome outcome;
    char name[RESULT_NAME];     /**< of the counter; "evidence"; empty: the verdict */
    char variant[RESULT_NAME];  /**< whose own number an item it is; empty: the ratio of both */
    char predicted[96];         /**< "faster", "< 0.1", ">= 2 and < 4" */
    enum counter_source source; /**< of a number */
    struct interval found;      /**< the number; NAN: none */
    bool cause;                 /**< of a counter that moved as the verdict says */
};

/** What limits a verdict, or why there is none. */
enum limit_kind {
    LIMIT_NONE,
    LIMIT_INVALID_ARM,   /**< `fault` */
    LIMIT_NO_SAMPLE,     /**< of both arms */
    LIMIT_SHARED_LINKS,  /**< `replicates` share `units` links */
    LIMIT_FEW_PROCESSES, /**< equivalent, but `units` may all have missed a kind; `budget_s` has enough */
    LIMIT_OUT_OF_REACH,  /**< `times` the budget would leave it at `half`, beside `delta` */
    LIMIT_SAME_BUDGET,   /**< the same again would settle it */
    LIMIT_MORE_BUDGET,   /**< `times` the budget would: `budget_s` */
    LIMITS
};
/** "none", "invalid-arm", …: as files have it. */
const char *limit_kind_name(enum limit_kind kind);

/** The same with its numbers; those that the kind does not name are NAN. In words: verdict_limit_words. */
struct verdict_limit {
    enum limit_kind kind;
    enum arm_fault fault;
    enum verdict alone; /**< that it would be, but not among `comparisons`; without them nothing */
    double comparisons;
    double replicates, units;
    double half;     /**< half-width of the log ratio's interval */
    double delta;    /**< of the settings */
    double times;    /**< the budget that it had */
    double budget_s; /**< that is needed */
    double needed;   /**< replicates, where they do not follow from the budget */
};

struct comparison {
    char case_name[RESULT_NAME], case_title[128], kernel[RESULT_NAME], item[RESULT_NAME];
    struct point point;
    char baseline[RESULT_NAME], candidate[RESULT_NAME];
    size_t measurement;                 /**< index into run.measurements */
    size_t baseline_arm, candidate_arm; /**< indexes into its arms */
    enum verified verified;
    enum verdict verdict;
    struct verdict_limit
        limit; /**< why invalid; for others what limits the verdict; none in files from before */
    char reason[RESULT_REASON]; /**< the same in words; may be empty */
    struct interval speedup;    /**< ratio; NAN if invalid */
    double confidence;          /**< 0.95; in a sequential design over all looks, see settings */
    struct interval placebo;    /**< ratio; NAN if there was none */
    double target;              /**< speedup aimed at; 1.25 */
    bool target_met;
    double p_value; /**< smallest error level at which the verdict alone holds, over all looks; NAN without a
                       claim */
    double target_p_value; /**< the same of the target being met; NAN in files from before */
    size_t replicates;     /**< that have samples of both; 0: a file from before */
    size_t units;          /**< independent draws: links where replicates share them, else replicates */
    struct serial_dependence serial; /**< of neighbouring replicates */
    struct value_groups kinds;       /**< of units; their means are speedups; counts 0: one kind */
    /**
     * Standard deviations over replicates of the log ratio, by cause; see spread_split and, for shares,
     * spread_shares. NAN: not known. Layout is NAN where one link was measured or no placebo: then it is part
     * of the processes'.
     */
    double spread_round, spread_process, spread_layout;
    double within_half, between_half; /**< half-widths of the log ratio's intervals, see ratio_estimate */
    struct time_summary baseline_time, candidate_time; /**< ns an item; NAN if invalid */
    struct counter_result *counters;
    size_t counter_count;
    struct arm_resources baseline_resources, candidate_resources; /**< medians over replicates */
    struct arm_latency baseline_latency, candidate_latency;
    enum mechanism mechanism;
    struct claim *claims; /**< what it follows from; none in files from before */
    size_t claim_count;
    char mechanism_text[512];  /**< which of them held or failed, in words; may be empty */
    char noise_text[160];      /**< what disturbed it, in words; empty: nothing that mattered */
    char carry_over_text[160]; /**< order of variants mattered; may be empty */
    bool identical_code;       /**< machine code of both is the same */
};

/**
 * A prediction about several comparisons: where along a parameter a candidate starts to win. One for each
 * combination of the other parameters. Predictions about one comparison are in its `mechanism`.
 */
struct crossover_prediction {
    char case_name[RESULT_NAME], baseline[RESULT_NAME], candidate[RESULT_NAME];
    struct point point; /**< the other parameters */
    char parameter[RESULT_NAME];
    double low, high;       /**< starts to win within these, both included */
    int64_t first, last;    /**< smallest and largest value of the parameter that it is about */
    enum mechanism outcome; /**< explained: it does; unexplained: it does not; unmeasured: cannot be told */
    char text[512];         /**< prediction and finding in words */
};

/**
 * How a variant's time an item grows along a parameter, at one combination of the other ones; and whether that is
 * what the case predicted.
 */
struct growth_fit {
    char case_name[RESULT_NAME], variant[RESULT_NAME];
    struct point point; /**< the other parameters */
    char parameter[RESULT_NAME];
    int64_t first, last;    /**< smallest and largest value that it is about */
    size_t sizes;           /**< measured, with a valid time */
    struct growth fit;      /**< times in ns an item; unknown where there are too few sizes */
    char predicted[16];     /**< growth_name; empty: nothing was */
    enum mechanism outcome; /**< none; explained: as predicted; unexplained; unmeasured: cannot be told */
    char text[320];         /**< the finding in words */
};

/** How a variant's time an item falls with threads, at one combination of the other parameters. */
struct scaling_fit {
    char case_name[RESULT_NAME], variant[RESULT_NAME];
    struct point point; /**< the other parameters */
    struct scaling fit;
    char text[384]; /**< the finding in words */
};

/** A point of the plan that was not measured, with the reason (server missing, too few CPUs). */
struct skipped {
    char case_name[RESULT_NAME];
    struct point point;        /**< count 0: the whole case */
    char variant[RESULT_NAME]; /**< empty: the whole point */
    char reason[RESULT_REASON];
};

/** How a case's counters are counted that has native events of its own. */
struct case_plan {
    char case_name[RESULT_NAME];
    struct counter_plan plan; /**< its events and those of the whole run */
};

struct run_settings {
    char points[16]; /**< "quick", "sweep", "full" */
    double budget_s; /**< seconds a comparison */
    double delta, confidence;
    /** "fixed": as many replicates as planned, or Pocock's `looks`; "sequential": arms end at looks, see
     * stats/sequential.h. Empty, in files from before: fixed. */
    char design[16];
    unsigned replicates; /**< of a sequential design the greatest number */
    unsigned
        looks; /**< of a fixed design: times a point may end early, equally spaced; 1: at the end alone */
    uint64_t seed;
    char state[8];        /**< "warm", "cold", "mixed" */
    char layout[16];      /**< "fixed", or "random" where several links were drawn */
    char build[16];       /**< "native" or "portable" */
    char cpus[64];        /**< --cpus as given; empty for the program's choice */
    char cpu_reason[256]; /**< why these CPUs were chosen */
    bool counters, placebo;
    bool simulate;              /**< run Callgrind where it is there */
    double simulation_budget_s; /**< seconds a point may be simulated for before it is scaled down */
};

/** Whether candidates end at looks (design "sequential"). */
bool run_is_sequential(const struct run_settings *settings);

/** What the digest of a file says, see json_digest: one over all that the file holds. */
struct file_digest {
    enum {
        DIGEST_NEW,     /**< not from a file: made when it is written */
        DIGEST_ABSENT,  /**< the file is of a version that wrote none, before 0.2 */
        DIGEST_REMOVED, /**< the file says that it is of a version that writes one, and has none */
        DIGEST_HOLDS,   /**< all is as it was written */
        DIGEST_BROKEN   /**< something was changed after it was written */
    } state;
    char text[80]; /**< as in the file */
};

/** Whether nothing in the file says that it was changed after it was written. */
bool digest_is_sound(const struct file_digest *digest);

struct run {
    char id[64];      /**< "20261120T112310Z-4f2a": name of the file without .json */
    char started[32]; /**< ISO 8601, UTC */
    double duration_s;
    char *command; /**< the command line, quoted for a shell */
    char commit
        [80]; /**< of the repository that it was started in, or of what was measured; "-dirty" behind it where
                         files differ; empty: none, or not known */
    char version[32]; /**< of countersign */
    bool complete;    /**< false: interrupted; what was complete is here */
    struct fingerprint host;
    struct run_settings settings;
    struct counter_plan counter_plan; /**< of all cases that have no plan of their own */
    struct case_plan *case_plans;
    size_t case_plan_count;
    struct measurement *measurements;
    size_t measurement_count;
    struct comparison *comparisons;
    size_t comparison_count;
    struct crossover_prediction *crossovers;
    size_t crossover_count;
    struct growth_fit *growth; /**< none in files from before */
    size_t growth_count;
    struct scaling_fit *scaling; /**< none in files from before */
    size_t scaling_count;
    struct skipped *skipped;
    size_t skipped_count;
    struct file_digest digest;
    size_t whole; /**< of a part of a run: comparisons of the whole; 0: this is the whole */
};

/** Frees everything a run owns and clears it. Safe on a zeroed run. */
void run_clear(struct run *run);
void measurement_clear(struct measurement *measurement);
void comparison_clear(struct comparison *comparison);
void replicate_clear(struct replicate *replicate, size_t arm_count);

/**
 * 64-bit FNV-1a, as hex, of seeds, runs and ticks of every replicate in order: a sample changed by hand, even
 * far out in a tail that no estimate looks at, shows. No protection against somebody who changes the digest
 * too; then the conclusions must still fit.
 */
void measurement_digest(const struct measurement *measurement, char digest[17]);

/** Allocates the arrays of a replicate for `arms` arms and `rounds` rounds; values start NAN or 0. 0 or
 * -ENOMEM. */
int replicate_allocate(struct replicate *replicate, size_t arms, size_t rounds, size_t threads);

/** Appends by moving `item` (shallow copy) to the run; 0 or -ENOMEM. */
int run_add_measurement(struct run *run, struct measurement *measurement);
int run_add_comparison(struct run *run, struct comparison *comparison);
int run_add_skipped(struct run *run, const struct skipped *skipped);
int run_add_crossover(struct run *run, const struct crossover_prediction *crossover);
int run_add_growth(struct run *run, const struct growth_fit *growth);
int run_add_scaling(struct run *run, const struct scaling_fit *scaling);
int run_add_case_plan(struct run *run, const struct case_plan *plan);

/** The plan by which a case was counted: its own, or else the run's. */
const struct counter_plan *run_plan_of(const struct run *run, const char *case_name);

/**
 * Writes a run: to a temporary file in the same folder, fsync, rename, fsync of the folder: whole or not at
 * all. Returns 0 or -errno with the problem (folder missing or not writable, disk full), and leaves no
 * temporary file behind.
 */
int run_save(const struct run *run, const char *path, struct problem *problem);

/**
 * Reads a result file, plain or gzip-compressed, or the one that the page of a report holds; "-" is standard
 * input, "PAGE#2" the second one of a page. Refuses what is not countersign.run/1
 * and whatever has missing keys, wrong types or impossible values, naming the place
 * ("comparisons[3].speedup.low: expected a number"). Returns 0 or -errno.
 */
int run_load(struct run *run, const char *path, struct problem *problem);

/** Number of results that a file holds: 1, or those in the page of a report; 1, too, of what cannot be read. */
size_t result_count(const char *path);

/** Writes the whole run as JSON to a stream, as run_save does. 0 or -errno. */

int run_print_json(const struct run *run, FILE *stream);

#endif
