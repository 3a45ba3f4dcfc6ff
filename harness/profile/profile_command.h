/*
 * Profiling a whole command, with all that it starts: timed as it is, then once more under Callgrind, or under perf. See
 * docs/PROFILE.md, "Commands".
 */
#ifndef PROFILE_PROFILE_COMMAND_H
#define PROFILE_PROFILE_COMMAND_H

#include "base/words.h"
#include "profile/profile.h"

/** What to profile. */
struct command_profile_request {
    const struct words
        *words;          /**< of the command; the first is searched for in $PATH unless it has a slash */
    const char *input;   /**< file to be its standard input; NULL: empty */
    bool ignore_failure; /**< exit statuses may be other than 0, but must be the same */
    enum profile_tool tool;
    const struct sample_clock *clock;
    const char *cpus;           /**< --cpus; NULL: where this program may run */
    bool hardware_cycles;       /**< perf can sample them here */
    double simulation_budget_s; /**< a command that takes longer to simulate is not simulated */
    double seconds;             /**< of timing it: once at least, after a run that is not counted */
};

/**
 * Fills *profile, one variant that is the command; free with profile_clear in any case. The supervisor gives the scratch
 * folder, the limits (stall_s is that of one execution) and what interrupts. A command that fails is an invalid variant.
 * Returns 0; -EINTR; -ENOTSUP where there is no tool; another -errno with the problem.
 */
int profile_command_measure(const struct supervisor *supervisor,
                            const struct command_profile_request *request, struct profile *profile,
                            struct problem *problem);

#endif
