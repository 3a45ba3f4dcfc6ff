/* What a cache line costs on this machine, in as much memory as something touches. */
#ifndef WORKER_MEMORY_PROBE_H
#define WORKER_MEMORY_PROBE_H

#include "host/clock.h"

#include <stddef.h>

struct memory_probe {
    size_t bytes;      /**< probed: as asked for, within the limits */
    double ordered_ns; /**< a line, lines read one after the other: prefetched as well as can be */
    double
        chained_ns; /**< a line, where each holds the address of the next in random order: nothing overlaps */
};

#define MEMORY_PROBE_LEAST ((size_t)4096)
#define MEMORY_PROBE_MOST ((size_t)256 << 20)

/**
 * Probes `bytes` (kept within the limits) of memory that malloc gives, on the calling thread. Takes up to a
 * second for the largest. Returns 0, or -ENOMEM with NANs.
 */
int memory_probe_measure(size_t bytes, const struct sample_clock *clock, struct memory_probe *probe);

#endif
