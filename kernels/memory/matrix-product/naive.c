#include "matrix-product.h"

/* As it is defined: an element is a row of A times a column of B. */
static void multiply(double *c, const double *a, const double *b, size_t rows, size_t n) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = sum;
        }
}

void run_naive(void *state) {
    struct product *product = state;
    multiply(product->c, product->a, product->b, product->rows, product->n);
}
