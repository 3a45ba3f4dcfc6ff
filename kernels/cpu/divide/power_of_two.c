#include "divide.h"

/* Asks once a group whether a shift will do, and divides where it will not. */
static inline void divide_group(uint32_t *restrict quotients, const uint32_t *restrict numbers, size_t uses,
                                uint32_t divisor) {
    if (!(divisor & (divisor - 1))) {
        unsigned shift = (unsigned)__builtin_ctz(divisor);
        for (size_t i = 0; i < uses; i++)
            quotients[i] = numbers[i] >> shift;
    } else {
        for (size_t i = 0; i < uses; i++)
            quotients[i] = numbers[i] / divisor;
    }
}

DIVIDE_RUN(run_power_of_two)
