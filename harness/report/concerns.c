#include "report/concerns.h"

#include "report/case_view.h"

#include <math.h>
#include <string.h>

/* A run that a core's window of instructions holds several of, and how much longer the other is for that to
 * matter. */
#define SHORT_RUN_NS 50.0
#define UNEQUAL_RUNS 4.0
/* A misprediction costs at least this many cycles on any core of today (Fog, "The microarchitecture of Intel,
 * AMD and VIA CPUs"). */
#define MISPREDICTION_CYCLES 10.0
/* No disk keeps what was written so soon: a cache, the host's or its own, or memory answers in its place. */
#define NO_DISK_NS 15e3

bool concern_layout(const struct run *run, const struct comparison *comparison) {
    double half = log(comparison->speedup.high / comparison->speedup.low) / 2;
    return comparison->verdict != VERDICT_INVALID && half > log1p(run->settings.delta) &&
           comparison_spread(comparison).layout > 0.5;
}

/* Nanoseconds of one run; NAN where it is not known. */
static double run_ns(const struct run *run, const struct comparison *comparison, struct time_summary time) {
    return comparison->measurement < run->measurement_count
               ? time.median * run->measurements[comparison->measurement].items
               : NAN;
}

bool concern_overlap(const struct run *run, const struct comparison *comparison) {
    double baseline = run_ns(run, comparison, comparison->baseline_time);
    double candidate = run_ns(run, comparison, comparison->candidate_time);
    return comparison->verdict != VERDICT_INVALID && fmin(baseline, candidate) < SHORT_RUN_NS &&
           fmax(baseline, candidate) > UNEQUAL_RUNS * fmin(baseline, candidate);
}

bool concern_repeats(const struct measurement *measurement, size_t arm) {
    if (!measurement->simulation.arms)
        return false;
    const struct simulated_arm *simulated = &measurement->simulation.arms[arm];
    return simulated->counts[COUNTER_BRANCH_MISSES] * MISPREDICTION_CYCLES > simulated->cycles;
}

static bool file_system_is(const struct measurement *measurement, const char *const *names) {
    while (*names && strcmp(*names, measurement->scratch_filesystem) != 0)
        names++;
    return *names != NULL;
}

bool file_system_is_layer(const struct measurement *measurement) {
    static const char *const layers[] = {"overlayfs", "fuse", "9p", NULL};
    return file_system_is(measurement, layers);
}

enum files_concern concern_files(const struct measurement *measurement) {
    static const char *const memory[] = {"tmpfs", "ramfs", NULL};
    if (!(measurement->scratch_sync_ns > 0))
        return FILES_UNKNOWN;
    if (file_system_is(measurement, memory))
        return FILES_IN_MEMORY;
    if (measurement->scratch_sync_ns < NO_DISK_NS)
        return FILES_CACHED;
    return file_system_is_layer(measurement) ? FILES_IN_LAYER : FILES_ON_DISK;
}

const char *arm_own_note(const struct arm *arm) {
    return strncmp(arm->evidence, "note: ", 6) == 0 ? arm->evidence + 6 : NULL;
}
