#include "bits.h"

/* Once a bit that is set (Wegner, CACM 3(5), 1960). */
static inline unsigned count(uint64_t word) {
    unsigned count = 0;
    for (; word; word &= word - 1)
        count++;
    return count;
}

BITS_RUN(run_clear, count)
