/* A load beside a measurement, of the kind that shares most machines: busy in bursts, at random. */
#ifndef MEASURE_NEIGHBOUR_H
#define MEASURE_NEIGHBOUR_H

#include "base/problem.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** Shortest and longest burst and pause; lengths between are equally likely. */
#define NEIGHBOUR_SHORTEST_US 1000u
#define NEIGHBOUR_LONGEST_US 20000u

/** Running neighbours, one process each; zeroed: none. */
struct neighbours {
    pid_t *pids;
    size_t count;
};

/**
 * Starts a process for each of `cpus`, bound to it, which is busy for a random time and sleeps for a random
 * time, in turn, until neighbours_stop. The lengths are a function of `seed` and the CPU. A process ends with
 * the thread that called this, however that ends, and is not ended by Ctrl-C before it. Returns when all are
 * bound and busy: 0, or -errno with the problem and none left running.
 */
int neighbours_start(struct neighbours *neighbours, const unsigned *cpus, size_t count, uint64_t seed,
                     struct problem *problem);

/** Ends all of them and waits until they are gone. */
void neighbours_stop(struct neighbours *neighbours);

#endif
