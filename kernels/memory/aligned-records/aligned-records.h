/* State of the aligned-records kernel: records of the size of a cache line, and which of them are asked for. */
#ifndef ALIGNED_RECORDS_H
#define ALIGNED_RECORDS_H

#include <countersign.h>

/** Values of a record: as many as fill a cache line. */
#define RECORD_VALUES (CS_LINE / sizeof(uint32_t))

/** Queries before the first comes again, in whole runs: more than a predictor or a prefetcher learns. */
#define RECORDS_POOL 262144

struct aligned_records {
    /**
     * n + 1 cache lines, all alike but for their last value. So a record that begins within a line and ends in the
     * next has the values of the record that is the line, in another order: both variants read the same memory.
     */
    uint32_t *lines;
    size_t n;       /**< records */
    size_t offset;  /**< values before the first record of `shifted`: less than a line */
    size_t queries; /**< of a run */
    size_t next;    /**< query that comes next */
    uint32_t *pool; /**< pool_size indices of records */
    size_t pool_size;
    uint32_t *answers;    /**< of the last run: what each record adds up to, modulo 2^32 */
    uint64_t split;       /**< records that were read from two lines since setup */
    uint32_t key, common; /**< for check: of the last values, and what the other values of a line add up to */
};

/** The work, the same code for both variants: adds up each record that is asked for, of those that begin here. */
void aligned_records_read(struct aligned_records *all, const uint32_t *records);

void run_shifted(void *state);
void run_aligned(void *state);

#endif
