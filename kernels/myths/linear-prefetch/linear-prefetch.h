/* State of the linear-prefetch kernel: numbers that are read from the first to the last. */
#ifndef LINEAR_PREFETCH_H
#define LINEAR_PREFETCH_H

#include <countersign.h>

struct walk {
    uint64_t *numbers; /**< n */
    size_t n;
    uint64_t total; /**< modulo 2^64 */
    uint64_t seed;  /**< for check */
};

/** Numbers a cache line. */
#define WALK_LINE (CS_LINE / sizeof(uint64_t))
/** How far ahead is asked for: sixteen lines, a kilobyte: more than a latency of memory covers. */
#define WALK_AHEAD (16 * WALK_LINE)

/**
 * The address `ahead` numbers behind `numbers`. As a whole number, since it may lie behind the array, where a pointer
 * must not point; a prefetch cannot fault.
 */
static inline const void *walk_ahead(const uint64_t *numbers, size_t ahead) {
    return (const void *)((uintptr_t)numbers + ahead * sizeof *numbers);
}

void run_plain(void *state);
void run_line(void *state);
void run_each(void *state);
void run_blocks(void *state);

#endif
