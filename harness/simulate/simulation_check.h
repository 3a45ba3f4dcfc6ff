/* Can simulated counts stand for what was timed? Pure functions over a simulation. Private to simulate/. */
#ifndef SIMULATE_SIMULATION_CHECK_H
#define SIMULATE_SIMULATION_CHECK_H

#include "store/result.h"

/** Takes the counts of an arm back, and says why. */
void simulated_arm_refuse(struct simulated_arm *arm, const struct simulation_why *why);

/** Of an arm, or of a command, that ran several threads. */
void simulated_arm_refuse_threads(struct simulated_arm *arm, unsigned threads);

/**
 * Refuses counts of an arm that no core could reach in the cycles that it was timed with: instructions, reads
 * or writes a cycle, lines from the next cache a cycle, bytes from memory a second (`ghz`: the core's clock).
 * An arm without cycles is left alone.
 */
void simulated_arm_check(struct simulated_arm *arm, double ghz);

/**
 * Whether the portable build of arm `arm`, which is simulated, is not as fast beside the baseline's as the
 * native one that is timed, by a factor of two. `run_ns`: of a fast native run of each arm, 0 where it is not
 * known. No for a smaller point than the timed one.
 */
bool simulation_builds_differ(const struct simulation *simulation, size_t arm, const double *run_ns);

/** Refuses the counts of all candidates whose builds differ: they are of other code. */
void simulation_check_build(struct simulation *simulation, size_t arm_count, const double *run_ns);

/**
 * Whether a simulation of a smaller point can stand for the whole: compares its counts an item with those of
 * `other`, smaller still. Where instructions or branches an item are others, all counts are refused, with the
 * numbers; a count of misses that is another, or none at both (it may begin where the data outgrows a cache),
 * is taken back alone. `whole_s`: seconds that the whole point is foretold to take.
 */
void simulation_check_scale(struct simulation *simulation, size_t arm_count, const struct simulation *other,
                            double whole_s);

#endif
