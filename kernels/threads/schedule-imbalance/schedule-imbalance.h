/* State of the schedule-imbalance kernel: items that take longer or shorter, by a thread or another. */
#ifndef SCHEDULE_IMBALANCE_H
#define SCHEDULE_IMBALANCE_H

#include "../steps.h"

#include <omp.h>

/** What a thread has alone, on lines of its own. */
struct own {
    _Alignas(2 * CS_LINE) uint64_t steps; /**< that it did in this run */
    uint64_t range;                       /**< of `stealing`: its items, see stealing.c */
};

struct loop {
    const uint64_t *seeds; /**< n */
    const uint32_t *steps; /**< n: how long each takes */
    uint64_t *answers;     /**< n */
    size_t n;
    unsigned threads;
    struct own *own;          /**< threads */
    uint64_t busiest, idlest; /**< steps of the threads that did most and least, of all runs */
};

/** An item's work: a chain of multiplications. Returns its steps. */
static inline uint64_t do_item(const struct loop *loop, size_t item) {
    uint64_t x = loop->seeds[item];
    for (uint32_t i = loop->steps[item]; i > 0; i--)
        x = do_step(x);
    loop->answers[item] = x;
    return loop->steps[item];
}

/** Who did how much; after a run. */
void count_steps(struct loop *loop);

void run_static(void *state);
void run_cyclic(void *state);
void run_dynamic(void *state);
void run_chunked(void *state);
void run_guided(void *state);
void run_stealing(void *state);

#endif
