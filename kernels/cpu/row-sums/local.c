#include "row-sums.h"

static void add_rows(uint32_t *sums, const uint32_t *matrix, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++) {
        uint32_t sum = 0;
        for (size_t column = 0; column < columns; column++)
            sum += matrix[row * columns + column];
        sums[row] = sum;
    }
}

void run_local(void *state) {
    struct row_sums *matrix = state;
    add_rows(matrix->sums, matrix->matrix, matrix->rows, matrix->columns);
}
