/* State of the count-down kernel: numbers that are added up. */
#ifndef COUNT_DOWN_H
#define COUNT_DOWN_H

#include <countersign.h>

struct count_down {
    uint32_t *numbers; /**< n */
    size_t n;
    uint32_t total; /**< modulo 2^32 */
    uint64_t seed;  /**< for check */
};

void run_up(void *state);
void run_down(void *state);
void run_left(void *state);

#endif
