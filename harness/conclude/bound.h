/* What most likely bounds a variant: pure functions over counts and times. Rules: docs/PROFILE.md. */
#ifndef CONCLUDE_BOUND_H
#define CONCLUDE_BOUND_H

#include "store/profile.h"

/** Instructions a cycle that ordinary code reaches on a core of today. */
#define BOUND_WIDTH 4.0
/**
 * Cycles that a misprediction costs, and a line of instructions from L2. Mispredictions: 11 to 20 on x86-64
 * cores since 2013 (Fog, "The microarchitecture of Intel, AMD and VIA CPUs", chapter 3); L2: 14 to 17.
 */
#define BOUND_MISPREDICTION 15.0
#define BOUND_MISPREDICTION_MOST 25.0 /**< with what it costs to fetch the right path again */
#define BOUND_LINE_FROM_L2 15.0

/** A share from which a cause counts as the most of the time, and one below which it is none. */
#define BOUND_MOST 0.5
#define BOUND_LITTLE 0.25
#define BOUND_NEARLY_ALL 0.9
/** Share of instructions from which on misses that overlap are hidden behind them: 3 a cycle. */
#define BOUND_HIDING 0.75
/** Mispredictions and instruction misses count from here on: what they cost varies most. */
#define BOUND_MUCH 0.4
/**
 * Instructions a cycle, as timed, up to which simulated mispredictions are believed: code that mispredicts
 * for much of its time is slow, and a core that learned what the simulated predictor did not is not.
 */
#define BOUND_STALLED 1.2
/** How far what chained lines would take may exceed the time, if memory is to be named for it. */
#define BOUND_AGREES 2.5
/** Share of the time for which a thread's CPU may be taken before its times say little. */
#define BOUND_QUEUED 0.8
/** Load of other programs from which on sleep cannot be told from waiting for a CPU, where that is not known. */
#define BOUND_OTHERS 0.1

/** What counts could explain of the CPU time in user mode. */
void bound_shares(const struct bound_evidence *evidence, struct bound_shares *shares);

/** Judges: by the threads' time first, then by the shares. Where these conflict, "not clear", and why. */
void bound_judge(const struct bound_evidence *evidence, struct bound_judgement *judgement);

/**
 * Cycles that one L1D miss is charged with when costs are given to lines: what instructions, mispredictions
 * and instruction misses leave of the measured time, no less than a miss costs in order and no more than it
 * costs where each waits for the last. 10 where times are not known.
 */
double bound_miss_cycles(const struct bound_evidence *evidence);

#endif
