#include "false-sharing.h"

#include <omp.h>
#include <string.h>

__attribute__((noinline)) static void count_side_by_side(uint64_t *counts, const uint8_t *events, size_t n) {
    count_events(counts, events, n);
}

void run_side_by_side(void *state) {
    struct tally *tally = state;
#pragma omp parallel num_threads(tally->threads) firstprivate(tally)
    {
        unsigned t = (unsigned)omp_get_thread_num();
        size_t start = part_start(tally, t), end = part_start(tally, t + 1);
        uint64_t *mine = tally->side_by_side.of + t * tally->kinds;
        memset(mine, 0, tally->kinds * sizeof *mine);
        count_side_by_side(mine, tally->events + start, end - start);
    }
    add_up(tally, &tally->side_by_side);
}

int prepare_side_by_side(const struct cs_env *env, void *state) {
    struct tally *tally = state;
    return prepare_counts(env, tally, &tally->side_by_side, tally->kinds);
}
