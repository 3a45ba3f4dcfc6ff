/* State of the row-sums kernel: a matrix, and the sum of each of its rows. */
#ifndef ROW_SUMS_H
#define ROW_SUMS_H

#include <countersign.h>

struct row_sums {
    uint32_t *matrix; /**< rows * columns elements, a row behind the other */
    uint32_t *sums;   /**< one a row, modulo 2^32 */
    size_t rows, columns;
    uint64_t seed; /**< for check */
};

void run_may_alias(void *state);
void run_restrict(void *state);
void run_local(void *state);

#endif
