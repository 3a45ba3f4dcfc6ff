/* The loops of the self-test, and what they must count. Private to counters/. */
#ifndef COUNTERS_SELFTEST_LOOPS_H
#define COUNTERS_SELFTEST_LOOPS_H

#include "counters/selftest.h"

/** Whether this architecture has the loops. */
bool selftest_available(void);

/** Memory of the loops, and where the chase stands. */
struct selftest_memory {
    char *base;
    size_t bytes;            /**< 0: none; only SELFTEST_CHAIN and SELFTEST_RANDOM can run then */
    size_t last_cache_bytes; /**< of the largest cache; 0 not known */
    const void *cursor;
};

/**
 * Maps and fills memory of four times the last cache of `cpu`, between 64 and 256 MiB and at most a quarter
 * of what is free; each line holds the address of the next in an order that no prefetcher follows. 0 or
 * -errno.
 */
int selftest_memory_open(unsigned cpu, struct selftest_memory *memory);
void selftest_memory_close(struct selftest_memory *memory);

/** What one run of a loop executed: exact, from its instructions. */
struct selftest_work {
    uint64_t iterations, instructions, branches;
    /** Least cycles of a dependent chain of 1-cycle additions; 0 where not known. */
    uint64_t dependent_cycles;
};

/** Steps of the short (false) and the long stretch of a loop. */
uint64_t selftest_iterations(enum selftest_loop loop, bool is_long);

/** Runs a loop; its counts are independent of the compiler. */
struct selftest_work selftest_run(enum selftest_loop loop, uint64_t iterations,
                                  struct selftest_memory *memory);

/** What an event must read for `work` of a loop that took `seconds`; NAN where the loop does not say. */
void selftest_expect(enum counter_event event, enum selftest_loop loop, const struct selftest_work *work,
                     double seconds, const struct selftest_memory *memory, const struct sample_clock *clock,
                     double *low, double *high);

#endif
