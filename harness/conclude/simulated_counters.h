/* What was simulated, as counters of a comparison. Private to conclude/. */
#ifndef CONCLUDE_SIMULATED_COUNTERS_H
#define CONCLUDE_SIMULATED_COUNTERS_H

#include "store/result.h"

/** Entries that simulation adds to a comparison at the most, the estimate of IPC among them. */
#define SIMULATED_COUNTERS 8

/**
 * Fills `results` (room for SIMULATED_COUNTERS) with what was simulated of the baseline and of arm
 * `candidate`: nothing where simulation was switched off, entries with a reason where it could not be done.
 * `ipc`: whether the estimate of instructions a cycle is wanted. Returns how many.
 */
size_t simulated_counters(const struct measurement *measurement, size_t candidate, bool ipc,
                          struct counter_result *results);

#endif
