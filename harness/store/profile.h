/*
 * Where the time of variants goes: hot functions and source lines, and what most likely bounds each variant.
 * As JSON: schema countersign.profile/1, see docs/PROFILE.md.
 */
#ifndef STORE_PROFILE_H
#define STORE_PROFILE_H

#include "base/problem.h"
#include "store/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PROFILE_SCHEMA "countersign.profile/1"
#define PROFILE_PLACES 10 /**< functions, and lines, that are kept of a variant */
#define PROFILE_PATH 1024
#define PROFILE_NOTES 6 /**< of a variant, at the most */

/** What most likely bounds a variant. */
enum bound {
    BOUND_NOT_CLEAR,
    BOUND_MEMORY,
    BOUND_BRANCHES,
    BOUND_CORE,
    BOUND_FRONT_END,
    BOUND_SYSTEM_CALLS,
    BOUND_WAITING
};
/** "not clear", "memory", "branches", "core", "front end", "system calls", "waiting". */
const char *bound_name(enum bound bound);

/** A count of one item. */
struct profile_count {
    double value; /**< NAN: not known */
    enum counter_source source;
};

/** What a variant is judged by. NAN: not known. */
struct bound_evidence {
    double time_ns; /**< of one item, median, wall clock */
    double user_ns; /**< CPU time of one item in user mode, all threads, mean */
    double queued;  /**< share of the threads' time in which one could have run but had no CPU, 0..1 */
    /** Shares of the rest of their time, together 1: CPU time in user mode, in the kernel, and asleep. */
    double user, system, waiting;
    /** Share of the CPUs that other programs took, where `queued` is of one of several threads or processes alone, so that
     * the others' waiting for a CPU looks like sleep; else NAN. */
    double others;
    double runtime;            /**< share of samples in OpenMP's runtime: starting, joining, spinning */
    double voluntary_switches; /**< of one item: a thread went to sleep */
    double faults;             /**< page faults of one item */
    double ghz;                /**< core clock */
    unsigned threads;
    double working_set_bytes; /**< that a run touches, in whole pages */
    double miss_least_ns;     /**< a cache line of so much memory, read in order */
    double miss_most_ns;      /**< a cache line of so much memory, read where the line before said */
    struct profile_count instructions, branch_misses, l1d_misses, llc_misses, l1i_misses;
    char uncounted[RESULT_SIM_REASON]; /**< why there are no counts; empty if there are */
};

/** Shares of a variant's CPU time in user mode that its counts may explain; estimates. NAN: not known. */
struct bound_shares {
    double cycles;    /**< of one item in user mode */
    double core;      /**< instructions, at 4 a cycle */
    double branches;  /**< mispredictions, at 15 cycles each */
    double front_end; /**< L1I misses, at 15 cycles each */
    double memory_least,
        memory_most; /**< L1D misses, at miss_least_ns and at miss_most_ns each; may exceed 1 */
};

/** A judgement. */
struct bound_judgement {
    enum bound bound;
    struct bound_shares shares;
    char text[512]; /**< by which numbers, in words */
};

/** A function or a source line. */
struct profile_place {
    char function[160];
    char file[PROFILE_PATH]; /**< "???" without debug data */
    unsigned line;           /**< 0: a function, or not known */
    char source[200];        /**< text of the line; empty where the file cannot be read */
    double share;            /**< of the variant's estimated cycles, or of its samples */
    double instructions, l1d_misses, llc_misses, branch_misses; /**< of one item; NAN with perf */
};

/** One variant. */
struct profile_variant {
    char variant[RESULT_NAME];
    bool baseline;
    char invalid[RESULT_REASON]; /**< crashed, answered wrong, …: then there is nothing else; empty otherwise
                                  */
    enum counter_source source;  /**< of the places: SOURCE_SIM, SOURCE_HW or SOURCE_SW; SOURCE_NONE: none */
    char tool[64];               /**< "valgrind-3.19.0", "perf 6.1: cpu-clock" */
    char reason[RESULT_REASON];  /**< why there are no places; empty if there are */
    size_t samples;              /**< of perf; 0 with Callgrind */
    struct profile_place functions[PROFILE_PLACES], lines[PROFILE_PLACES]; /**< the hottest first */
    size_t function_count, line_count;
    struct bound_evidence evidence;
    struct bound_judgement judgement;
    char notes[PROFILE_NOTES]
              [RESULT_REASON]; /**< what else to know: processes that were followed, code without symbols */
    size_t note_count;
};

/** A profile of variants of one kernel at one point. */
struct profile {
    char case_name[RESULT_NAME]; /**< empty: of a module, or a command */
    char command
        [1024]; /**< its words, quoted as for a shell; empty: of kernels. Then `module` is the program */
    char title[128], kernel[RESULT_NAME], item[RESULT_NAME], module[4096];
    struct point point; /**< profiled: smaller than asked for if `scaled` */
    bool scaled;
    double items;     /**< of one run */
    char caches[128]; /**< simulated; empty: nothing was */
    struct profile_variant *variants;
    size_t variant_count;
};

void profile_clear(struct profile *profile);

/** Adds a note to the variant's, where there is room. */
__attribute__((format(printf, 2, 3))) void profile_note(struct profile_variant *variant, const char *format,
                                                        ...);

/** Writes the profile as JSON; 0 or -errno. */
int profile_print_json(const struct profile *profile, FILE *stream);

#endif
