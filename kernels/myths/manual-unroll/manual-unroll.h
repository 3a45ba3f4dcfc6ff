/* State of the manual-unroll kernel: numbers that are added up. */
#ifndef MANUAL_UNROLL_H
#define MANUAL_UNROLL_H

#include <countersign.h>

/** Everything a run reads. */
struct unroll {
    uint32_t *numbers; /**< n */
    size_t n;
    uint32_t total; /**< modulo 2^32 */
    uint64_t seed;  /**< for check */
};

void run_plain(void *state);
void run_eight(void *state);
void run_duff(void *state);

#endif
