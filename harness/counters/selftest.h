/* Grades hardware events on loops whose counts are known. */
#ifndef COUNTERS_SELFTEST_H
#define COUNTERS_SELFTEST_H

#include "counters/counters.h"

/** The loops. Each exists in two lengths; differences are graded, so that constant costs cancel. */
enum selftest_loop {
    SELFTEST_CHAIN,  /**< dependent adds: known instructions, branches, cycles, hardly a miss */
    SELFTEST_RANDOM, /**< branches on random bits: about half of them missed */
    SELFTEST_CHASE,  /**< pointer chase through memory larger than the last cache: about a miss a step */
    SELFTEST_WALK,   /**< linear walk over 64-byte lines: known loads, an L1D miss a line at the most */
    SELFTEST_FILL,   /**< the same walk with a store a line: known stores */
    SELFTEST_LOOPS
};

/** What the loops should count and what an event read, as differences long minus short. */
struct selftest_reading {
    double expected_low[SELFTEST_LOOPS]; /**< NAN where the loop says nothing about the event */
    double expected_high[SELFTEST_LOOPS];
    double measured[SELFTEST_LOOPS]; /**< NAN where it could not be read */
    double repeat[SELFTEST_LOOPS];   /**< the same measured again: a stuck or random counter shows */
    double seconds[SELFTEST_LOOPS];  /**< time of the stretch, for plausibility (cycles a second) */
};

/**
 * Grades one event from its readings; a pure function. `untrusted`: all zero, negative, stuck (equal for
 * stretches of different length), IPC or clock outside 0.01..16 / 10 MHz..10 GHz, or wrong by more than 25 %;
 * `degraded`: within that but off by more than 2 %; `trusted` otherwise. `reason` (one line) says what was
 * seen and expected.
 */
enum counter_trust selftest_grade(enum counter_event event, const struct selftest_reading *reading,
                                  double *relative_error, char *reason, size_t reason_size);

#endif
