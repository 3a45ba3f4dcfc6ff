#include "bits.h"

/* As far as the highest bit that is set. */
static inline unsigned count(uint64_t word) {
    unsigned count = 0;
    for (; word; word >>= 1)
        count += word & 1;
    return count;
}

BITS_RUN(run_shift, count)
