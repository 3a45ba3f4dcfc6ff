#include "false-sharing.h"

#include <omp.h>
#include <string.h>

__attribute__((noinline)) static void count_local(uint64_t *counts, const uint8_t *events, size_t n) {
    count_events(counts, events, n);
}

/* Counts on the thread's own stack; what it came to is added to the totals once, by one thread after the other. */
void run_local(void *state) {
    struct tally *tally = state;
    memset(tally->totals, 0, tally->kinds * sizeof *tally->totals);
#pragma omp parallel num_threads(tally->threads) firstprivate(tally)
    {
        unsigned t = (unsigned)omp_get_thread_num();
        size_t start = part_start(tally, t), end = part_start(tally, t + 1);
        uint64_t mine[MOST_KINDS];
        memset(mine, 0, tally->kinds * sizeof *mine);
        count_local(mine, tally->events + start, end - start);
#pragma omp critical
        for (size_t k = 0; k < tally->kinds; k++)
            tally->totals[k] += mine[k];
    }
    if (tally->threads > 1)
        tally->shared_stores += tally->threads * tally->kinds;
}
