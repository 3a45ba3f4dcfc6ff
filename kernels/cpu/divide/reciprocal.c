#include "divide.h"

/*
 * A multiplication and shifts for all of a group: Granlund and Montgomery, "Division by Invariant Integers using
 * Multiplication", PLDI 1994, figure 4.1. With l = ceil(log2 d), the multiplier is
 * floor(2^32 (2^l - d) / d) + 1, and every step fits 32 bits. One division makes it.
 */
static inline void divide_group(uint32_t *restrict quotients, const uint32_t *restrict numbers, size_t uses,
                                uint32_t divisor) {
    unsigned length = divisor > 1 ? 32 - (unsigned)__builtin_clz(divisor - 1) : 0;
    uint32_t multiplier = (uint32_t)((((UINT64_C(1) << length) - divisor) << 32) / divisor + 1);
    unsigned first = length > 0, second = length > 0 ? length - 1 : 0;
    for (size_t i = 0; i < uses; i++) {
        uint32_t high = (uint32_t)((uint64_t)multiplier * numbers[i] >> 32);
        quotients[i] = (high + ((numbers[i] - high) >> first)) >> second;
    }
}

DIVIDE_RUN(run_reciprocal)
