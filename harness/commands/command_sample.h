/* What a command says of itself on standard output, in place of the time from its start to its end. */
#ifndef COMMANDS_COMMAND_SAMPLE_H
#define COMMANDS_COMMAND_SAMPLE_H

#include "base/problem.h"
#include "commands/command_output.h"
#include "store/result.h"

#include <stddef.h>
#include <stdint.h>

/** One execution, in its own words. */
struct command_sample {
    double time_ns; /**< of one item, above 0; NAN: it tells none, and the time from outside counts */
    uint64_t items; /**< that the time is the mean over, at least 1 */
    double cpu_ns;  /**< CPU time of one item; NAN: not known */
    struct arm_latency latency;
    char names[RESULT_APP_COUNTERS][RESULT_NAME]; /**< of its counters, no two the same */
    double values[RESULT_APP_COUNTERS];           /**< of one item */
    size_t count;
};

/**
 * Reads a sample from what a command wrote to standard output. 0; or -EINVAL with the problem, as what the
 * command did: "printed no …". `context`: as the options have it.
 */
typedef int command_sampler(const void *context, const struct command_output *output,
                            struct command_sample *sample, struct problem *problem);

/** What samples of one arm add up to in one replicate. Starts zeroed. */
struct sample_sums {
    uint64_t items; /**< of the first; a sample is taken for so many; 0: none told a time */
    double app[RESULT_APP_COUNTERS], app_count[RESULT_APP_COUNTERS];
    struct arm_latency latency;
    double latency_count;
};

/** The sample's time as ticks of `items` items, those of the first sample that was added; at least 1. */
uint64_t sample_ticks(const struct command_sample *sample, struct sample_sums *sums, double ticks_per_ns);

/** Adds counters and latencies. A counter that the measurement has no name for yet gets one, while there is
 * room. */
void sample_add(const struct command_sample *sample, struct measurement *measurement,
                struct sample_sums *sums);

/** The means of what was added, as those of the arm in the replicate. */
void sample_finish(const struct sample_sums *sums, struct replicate *replicate, size_t arm);

#endif
