#include "divide.h"

static inline void divide_group(uint32_t *restrict quotients, const uint32_t *restrict numbers, size_t uses,
                                uint32_t divisor) {
    for (size_t i = 0; i < uses; i++)
        quotients[i] = numbers[i] / divisor;
}

DIVIDE_RUN(run_divide)
