/* What may make a speedup mean something else than it says, comparison by comparison. */
#ifndef REPORT_CONCERNS_H
#define REPORT_CONCERNS_H

#include "store/result.h"

#include <stdbool.h>
#include <stddef.h>

/** Whether the interval is too wide for delta because of where the linker put the code. */
bool concern_layout(const struct run *run, const struct comparison *comparison);

/** Runs as short as a core's window, against runs that are not: the ratio is not that of their latencies. */
bool concern_overlap(const struct run *run, const struct comparison *comparison);

/**
 * Whether a run is over before the mispredictions of a simple predictor, as simulated, could have been paid
 * for, both of one binary: then the processor's knows what comes, since every run repeats the same inputs.
 */
bool concern_repeats(const struct measurement *measurement, size_t arm);

/** What the files of variants of input and output were on. */
enum files_concern {
    FILES_UNKNOWN,   /**< there were none, or nobody asked */
    FILES_ON_DISK,   /**< nothing to be said */
    FILES_IN_MEMORY, /**< nothing waits for a disk */
    FILES_CACHED,    /**< a cache answers, sooner than a disk */
    FILES_IN_LAYER   /**< a file system over another, whose work is part of the times */
};
enum files_concern concern_files(const struct measurement *measurement);

/** Whether the file system is one over another. */
bool file_system_is_layer(const struct measurement *measurement);

/** What a variant's own evidence calls a note; NULL: nothing. */
const char *arm_own_note(const struct arm *arm);

#endif
