/*
 * The source of all variants: RUN is the function's name, CURVE_OF what it calls for each number. How it is compiled
 * stands in kernel.sources, and for which processor in CURVE_TARGET.
 */
#include "curve.h"

#ifdef CURVE_NARROW
/* Registers of 128 bits, as x86-64 has without -march. By attribute: other processors' compilers know no such flag. */
#ifdef __x86_64__
#define CURVE_TARGET __attribute__((target("no-avx")))
#endif
#endif
#ifndef CURVE_TARGET
#define CURVE_TARGET
#endif

CURVE_TARGET static inline uint32_t curve_here(uint32_t x) {
    return ((x * 77 + 1031) * x >> 8) ^ x;
}

CURVE_TARGET void RUN(void *state) {
    const struct curve *curve = state;
    const uint32_t *restrict numbers = curve->numbers;
    uint32_t *restrict values = curve->values;
    size_t n = curve->n;
    for (size_t i = 0; i < n; i++)
        values[i] = CURVE_OF(numbers[i]);
}
