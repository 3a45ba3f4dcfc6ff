#include "scan.h"

#include <omp.h>

/*
 * Two passes: each thread adds up its part; then it knows what came before, and scans its part from there. Each
 * number is read twice, and added twice.
 */
static uint32_t add_up(const uint32_t *numbers, size_t n) {
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += numbers[i];
    return sum;
}

/* Where part `part` of `parts` begins, a whole number of lines. */
static size_t part_start(size_t n, size_t part, size_t parts) {
    return part == parts ? n : n * part / parts / PREFIX_SUM_STRIDE * PREFIX_SUM_STRIDE;
}

void run_threads(void *state) {
    struct prefix_sum *prefix = state;
    const uint32_t *numbers = prefix->numbers;
    uint32_t *sums = prefix->sums, *totals = prefix->totals;
    size_t n = prefix->n;
#pragma omp parallel num_threads(prefix->threads) firstprivate(numbers, sums, totals, n)
    {
        size_t part = (size_t)omp_get_thread_num(), parts = (size_t)omp_get_num_threads();
        size_t start = part_start(n, part, parts), end = part_start(n, part + 1, parts);
        if (part + 1 < parts)
            totals[part * PREFIX_SUM_STRIDE] = add_up(numbers + start, end - start);
#pragma omp barrier
        uint32_t before = 0;
        for (size_t earlier = 0; earlier < part; earlier++)
            before += totals[earlier * PREFIX_SUM_STRIDE];
        scan(sums + start, numbers + start, end - start, before);
    }
}

int prepare_threads(const struct cs_env *env, void *state) {
    struct prefix_sum *prefix = state;
    prefix->totals = cs_array(env, "totals", prefix->threads * PREFIX_SUM_STRIDE, uint32_t);
    return 0;
}
