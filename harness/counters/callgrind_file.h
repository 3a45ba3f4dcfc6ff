/*
 * Callgrind's profile files ("callgrind.out", format in Valgrind's manual, "Callgrind Format Specification").
 */
#ifndef COUNTERS_CALLGRIND_FILE_H
#define COUNTERS_CALLGRIND_FILE_H

#include "base/problem.h"

#include <stddef.h>
#include <stdint.h>

#define CALLGRIND_EVENTS 16

/** Self cost of one source line. */
struct callgrind_line {
    size_t function; /**< index into functions */
    char *file; /**< where the line is: for inlined code not the function's own; "???" without debug data */
    unsigned line; /**< 0: not known */
    uint64_t cost[CALLGRIND_EVENTS];
};

/**
 * Self cost of one function, calls to others not included. Callgrind counts the calls of a function from
 * itself under a name of their own, with '2 at its end.
 */
struct callgrind_function {
    char *name, *file, *object; /**< object: the binary; any may be "???" */
    uint64_t cost[CALLGRIND_EVENTS];
};

/** An instruction that ran. */
struct callgrind_address {
    char *object;     /**< the binary; "???" where there is none */
    uint64_t address; /**< as the binary has it, wherever it was loaded */
};

/** A profile. Costs are in the order of `events`. */
struct callgrind_profile {
    char events[CALLGRIND_EVENTS][16]; /**< "Ir", "Dr", "Dw", "I1mr", "D1mr", "D1mw", "ILmr", "DLmr", "DLmw",
                                          "Bc", "Bcm", "Bi", "Bim" */
    size_t event_count;
    uint64_t total[CALLGRIND_EVENTS]; /**< of the file's "totals" lines, or of "summary" where it has none;
                                         equals the sum of the self costs */
    struct callgrind_function *functions; /**< ordered by name, file and object */
    size_t function_count;
    struct callgrind_line *lines; /**< ordered by function, file and line */
    size_t line_count;
    struct callgrind_address *addresses; /**< where the file tells instructions apart (--dump-instr=yes), in
                                            its order, some more than once */
    size_t address_count;
    unsigned threads;    /**< highest number of a thread that the file tells of; 0: it tells of none */
    const char *command; /**< the program and its arguments; NULL where the file does not say */
    char **strings;      /**< owned; what the names above point into */
    size_t string_count;
};

/**
 * Reads a profile file, all of its parts together. `details` false: only events, total and addresses. Returns
 * 0, or -errno with the problem: -EINVAL (file and line, what was expected) where it is not of the format, is
 * cut short or its costs do not add up to its totals. Free with callgrind_profile_clear; nothing to free
 * after a failure.
 */
int callgrind_file_load(struct callgrind_profile *profile, const char *path, int details,
                        struct problem *problem);

/** Index of an event by its Callgrind name, or -1. */
int callgrind_event(const struct callgrind_profile *profile, const char *name);

void callgrind_profile_clear(struct callgrind_profile *profile);

#endif
