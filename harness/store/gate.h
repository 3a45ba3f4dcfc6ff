/* A gate: what is required of a change, and what came of each requirement. */
#ifndef STORE_GATE_H
#define STORE_GATE_H

#include "base/problem.h"
#include "store/case_file.h"
#include "store/result.h"

#define GATE_NAME 160 /**< bytes of a command's or function's name */
#define GATE_EXPECTATIONS 64
#define GATE_COUNTERS 16

/** What came of one requirement. */
enum gate_outcome {
    GATE_HELD,  /**< shown: the whole interval is within it */
    GATE_EQUAL, /**< the same program in both revisions: nothing to measure, and nothing is claimed */
    GATE_NO_SUSPECT, /**< not measured in pairs: against the stored time, which is not paired, nothing stands out */
    GATE_UNPAIRED, /**< the new revision alone has it: there is nothing to compare it with */
    GATE_OPEN,     /**< neither held nor refuted */
    GATE_REFUTED   /**< the whole interval is beyond it */
};
/** "held", "equal", "no-suspect", "unpaired", "open", "refuted". */
const char *gate_outcome_name(enum gate_outcome outcome);

/** What an entry of the expectations file demands of the new revision. */
struct gate_expectation {
    char of[GATE_NAME];  /**< the command or function that it is about; empty: every one */
    double max_slowdown; /**< 0.02: 2 % more time; NAN: as the command line says */
    unsigned verdicts;   /**< bits 1 << enum verdict, of the new against the old revision; 0: any */
    double target;       /**< least speedup; NAN: none */
    double most_memory;  /**< bytes resident; NAN: none */
    struct case_condition counters[GATE_COUNTERS]; /**< on the ratio new / old */
    size_t counter_count;
    int line; /**< in the file */
};

struct gate_file {
    struct gate_expectation expectations[GATE_EXPECTATIONS];
    size_t count;
};

/**
 * Reads an expectations file (YAML, docs/GATE.md): a list of mappings. Unknown keys, wrong types and impossible values
 * are refused with file and line. 0 or -errno.
 */
int gate_file_load(struct gate_file *file, const char *path, struct problem *problem);

/** One requirement of one command or function at one point, and what came of it. */
struct gate_check {
    char subject[GATE_NAME];     /**< the command, or the function and its point */
    char requirement[GATE_NAME]; /**< "at most 2 % slower" */
    enum gate_outcome outcome;
    char finding[320]; /**< in words, with the numbers */
    double
        detectable; /**< the smallest slowdown that this measurement would have refuted with 95 %; NAN: none */
    double seconds; /**< that measuring the subject took, on its first check; else 0 */
};

/** What becomes of a gate of which a requirement stays open. */
enum gate_policy { GATE_PASS, GATE_FAIL, GATE_RETRY };

struct gate {
    char base[64], head[64]; /**< the revisions */
    enum gate_policy policy; /**< retry passes where the tries are used up */
    struct gate_check *checks;
    size_t count;
};

/** Appends a copy. 0 or -ENOMEM. */
int gate_add(struct gate *gate, const struct gate_check *check);
void gate_clear(struct gate *gate);

/** Whether it fails: a requirement is refuted, or open where the policy is fail. */
bool gate_fails(const struct gate *gate);

/** The largest of the detectable slowdowns of what was measured; NAN: nothing was. */
double gate_detectable(const struct gate *gate);

#endif
