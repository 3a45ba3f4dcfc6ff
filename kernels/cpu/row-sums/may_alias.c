#include "row-sums.h"

/* For all that the compiler knows, sums[row] is an element of the matrix, and each store may change the next load. */
static void add_rows(uint32_t *sums, const uint32_t *matrix, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++) {
        sums[row] = 0;
        for (size_t column = 0; column < columns; column++)
            sums[row] += matrix[row * columns + column];
    }
}

void run_may_alias(void *state) {
    struct row_sums *matrix = state;
    add_rows(matrix->sums, matrix->matrix, matrix->rows, matrix->columns);
}
