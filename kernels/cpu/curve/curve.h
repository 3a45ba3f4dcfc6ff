/* State of the curve kernel: a function of each number, from one source that is compiled in several ways. */
#ifndef CURVE_H
#define CURVE_H

#include <countersign.h>

/** Everything a run reads. */
struct curve {
    const uint32_t *numbers; /**< n */
    uint32_t *values;        /**< the answer: n */
    size_t n;
    uint64_t seed; /**< for check */
};

/** The function, for those who see no more of it than this. */
uint32_t curve_of(uint32_t x);

void run_o2(void *state);
void run_o3(void *state);
void run_wide(void *state);
void run_separate(void *state);

#endif
