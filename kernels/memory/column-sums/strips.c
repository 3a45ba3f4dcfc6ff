#include "column-sums.h"

/* Columns of a strip: a cache line. */
#define STRIP (CS_LINE / sizeof(double))

/* Down the columns as `columns` walks, a line wide: each line is read once, and the sums stay in registers. */
static void add_strips(double *sums, const double *matrix, size_t rows, size_t columns) {
    size_t column = 0;
    for (; column + STRIP <= columns; column += STRIP) {
        double strip[STRIP] = {0};
        for (size_t row = 0; row < rows; row++)
            for (size_t i = 0; i < STRIP; i++)
                strip[i] += matrix[row * columns + column + i];
        for (size_t i = 0; i < STRIP; i++)
            sums[column + i] = strip[i];
    }
    for (; column < columns; column++) {
        double sum = 0;
        for (size_t row = 0; row < rows; row++)
            sum += matrix[row * columns + column];
        sums[column] = sum;
    }
}

void run_strips(void *state) {
    struct column_sums *all = state;
    add_strips(all->sums, all->matrix, all->rows, all->columns);
}
