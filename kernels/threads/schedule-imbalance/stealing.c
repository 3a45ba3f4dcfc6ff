/*
 * Each thread begins with its part, and takes items from the front of it; who has none left takes the back half of
 * another's (R. D. Blumofe and C. E. Leiserson, "Scheduling Multithreaded Computations by Work Stealing", JACM 46(5),
 * 1999, for loops). A part is one word, first item and end, so that owner and thief agree by one exchange.
 */
#include "schedule-imbalance.h"

#define END(range) ((range)&0xffffffffu)
#define FIRST(range) ((range) >> 32)

static uint64_t make_range(uint64_t first, uint64_t end) {
    return first << 32 | end;
}

static int exchange(uint64_t *range, uint64_t *expected, uint64_t desired) {
    return __atomic_compare_exchange_n(range, expected, desired, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* All of the thread's own items, also those that it gets while others try to take them. */
static uint64_t do_own(const struct loop *loop, struct own *own) {
    uint64_t steps = 0, range = __atomic_load_n(&own->range, __ATOMIC_ACQUIRE);
    while (FIRST(range) < END(range))
        if (exchange(&own->range, &range, make_range(FIRST(range) + 1, END(range)))) {
            steps += do_item(loop, FIRST(range));
            range = __atomic_load_n(&own->range, __ATOMIC_ACQUIRE);
        }
    return steps;
}

/* Whether anything was to be had. */
static int steal(const struct loop *loop, unsigned thief) {
    for (unsigned i = 1; i < loop->threads; i++) {
        struct own *victim = &loop->own[(thief + i) % loop->threads];
        uint64_t range = __atomic_load_n(&victim->range, __ATOMIC_ACQUIRE);
        while (FIRST(range) < END(range)) {
            uint64_t middle = FIRST(range) + (END(range) - FIRST(range)) / 2;
            if (exchange(&victim->range, &range, make_range(FIRST(range), middle))) {
                __atomic_store_n(&loop->own[thief].range, make_range(middle, END(range)), __ATOMIC_RELEASE);
                return 1;
            }
        }
    }
    return 0;
}

void run_stealing(void *state) {
    struct loop *loop = state;
    for (unsigned t = 0; t < loop->threads; t++)
        loop->own[t].range = make_range(loop->n * t / loop->threads, loop->n * (t + 1) / loop->threads);
#pragma omp parallel num_threads(loop->threads) firstprivate(loop)
    {
        unsigned t = (unsigned)omp_get_thread_num();
        uint64_t steps = 0;
        do
            steps += do_own(loop, &loop->own[t]);
        while (steal(loop, t));
        loop->own[t].steps = steps;
    }
    count_steps(loop);
}
