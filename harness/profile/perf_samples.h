/* Linux's perf as a source of samples: finding it, sampling a worker, reading what it found. */
#ifndef PROFILE_PERF_SAMPLES_H
#define PROFILE_PERF_SAMPLES_H

#include "run/supervisor.h"
#include "store/profile.h"

/** The program that samples. */
struct perf_tool {
    char path[4096];
    char version[64]; /**< "perf version 6.1.0" */
    char reason[192]; /**< why it cannot be used, and what would help; empty if it can */
};

/** Looks for perf in PATH. 0 or -ENOENT with tool->reason. */
int perf_find(struct perf_tool *tool);

/**
 * Runs the job in `page` (WORKER_PROFILE) once more under `perf record`, and chooses the places of the
 * samples that fell into its stretch. `hardware`: samples cycles, not the CPU clock. What goes wrong with
 * perf is variant->reason. Returns 0; -EINTR; -errno of the harness itself with the problem.
 */
int perf_sample(const struct supervisor *supervisor, const struct perf_tool *tool, bool hardware,
                struct worker_page *page, struct profile_variant *variant, struct problem *problem);

#endif
