#include "false-sharing.h"

#include <omp.h>
#include <string.h>

__attribute__((noinline)) static void count_padded(uint64_t *counts, const uint8_t *events, size_t n) {
    count_events(counts, events, n);
}

void run_padded(void *state) {
    struct tally *tally = state;
#pragma omp parallel num_threads(tally->threads) firstprivate(tally)
    {
        unsigned t = (unsigned)omp_get_thread_num();
        size_t start = part_start(tally, t), end = part_start(tally, t + 1);
        uint64_t *mine = tally->padded.of + t * tally->padded.stride;
        memset(mine, 0, tally->kinds * sizeof *mine);
        count_padded(mine, tally->events + start, end - start);
    }
    add_up(tally, &tally->padded);
}

int prepare_padded(const struct cs_env *env, void *state) {
    struct tally *tally = state;
    size_t bytes = (tally->kinds * sizeof(uint64_t) + APART - 1) / APART * APART;
    return prepare_counts(env, tally, &tally->padded, bytes / sizeof(uint64_t));
}
