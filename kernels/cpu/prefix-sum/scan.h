/* A prefix sum within registers, for `vector` and for the parts of `threads`. */
#ifndef SCAN_H
#define SCAN_H

#include "prefix-sum.h"

#include <string.h>

typedef uint32_t eight __attribute__((vector_size(8 * sizeof(uint32_t))));

/*
 * Each element plus the one before it, then plus that two before, in each half of four; then the last of the lower
 * half to the upper one (Hillis and Steele, CACM 29(12), 1986). Shuffles take zeros from the second operand.
 */
static inline eight scan_register(eight x) {
    const eight zero = {0};
    x += __builtin_shufflevector(x, zero, 8, 0, 1, 2, 12, 4, 5, 6);
    x += __builtin_shufflevector(x, zero, 8, 8, 0, 1, 12, 12, 4, 5);
    return x + __builtin_shufflevector(x, zero, 8, 8, 8, 8, 3, 3, 3, 3);
}

/**
 * The sums of `n` numbers, starting from `before`; returns the last. From one register to the next waits a single
 * addition: what is added up within a register does not depend on what came before.
 */
static inline uint32_t scan(uint32_t *restrict sums, const uint32_t *restrict numbers, size_t n,
                            uint32_t before) {
    eight carry = {before, before, before, before, before, before, before, before};
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        eight x;
        memcpy(&x, numbers + i, sizeof x);
        x = scan_register(x);
        eight last = __builtin_shufflevector(x, x, 7, 7, 7, 7, 7, 7, 7, 7);
        x += carry;
        memcpy(sums + i, &x, sizeof x);
        carry += last;
    }
    uint32_t sum = carry[0];
    for (; i < n; i++)
        sums[i] = sum += numbers[i];
    return sum;
}

#endif
