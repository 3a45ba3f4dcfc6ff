/* State of the prefix-sum kernel: numbers, and the sum of all up to each. */
#ifndef PREFIX_SUM_H
#define PREFIX_SUM_H

#include <countersign.h>

struct prefix_sum {
    uint32_t *numbers; /**< n */
    uint32_t *sums;    /**< n, modulo 2^32: sums[i] is numbers[0] + … + numbers[i] */
    size_t n;
    unsigned threads;
    uint32_t *totals; /**< threads: what each part adds up to, a cache line each */
};

/** Elements from one total to the next: a line, so that threads do not share one. */
#define PREFIX_SUM_STRIDE (CS_LINE / sizeof(uint32_t))

void run_sequential(void *state);
void run_vector(void *state);

int prepare_threads(const struct cs_env *env, void *state);
void run_threads(void *state);

#endif
