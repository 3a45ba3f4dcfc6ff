/* State of the column-sums kernel: a matrix, a row behind the other, and the sum of each of its columns. */
#ifndef COLUMN_SUMS_H
#define COLUMN_SUMS_H

#include <countersign.h>

struct column_sums {
    double *matrix; /**< rows * columns, whole numbers: sums are exact */
    double *sums;   /**< one a column */
    size_t rows, columns;
    uint64_t *expected; /**< the sums, added up as whole numbers when they were drawn, for check */
};

void run_columns(void *state);
void run_rows(void *state);
void run_strips(void *state);

#endif
