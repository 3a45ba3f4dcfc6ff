/* The order in which arms are sampled: random, and balanced over blocks. */
#ifndef STATS_SCHEDULE_H
#define STATS_SCHEDULE_H

#include "countersign.h"

#include <stddef.h>
#include <stdint.h>

#define SCHEDULE_MAX_ARMS (CS_MAX_VARIANTS + 1)

/**
 * Rounds come in blocks of as many rounds as there are arms. A block is a random Latin square: every arm
 * stands once in every position, so that drift within a round and what one position inherits from the one
 * before cancel over a block; its rows and the names of its arms are shuffled anew, so that no arm keeps the
 * same neighbour. The whole order is a function of the seed and can be made again from a result file.
 */
struct schedule {
    struct cs_random random;
    size_t arms;
    size_t next; /**< row of the block */
    uint32_t block[SCHEDULE_MAX_ARMS][SCHEDULE_MAX_ARMS];
};

/** Starts a schedule of `arms` (1..SCHEDULE_MAX_ARMS) arms. */
void schedule_start(struct schedule *schedule, uint64_t seed, size_t arms);

/** The arms of the next round in their order; valid until the next call. */
const uint32_t *schedule_next(struct schedule *schedule);

#endif
