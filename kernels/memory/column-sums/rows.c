#include "column-sums.h"

#include <string.h>

/* The same two loops, one within the other: all sums grow at once. */
static void add_rows(double *sums, const double *matrix, size_t rows, size_t columns) {
    memset(sums, 0, columns * sizeof *sums);
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++)
            sums[column] += matrix[row * columns + column];
}

void run_rows(void *state) {
    struct column_sums *all = state;
    add_rows(all->sums, all->matrix, all->rows, all->columns);
}
