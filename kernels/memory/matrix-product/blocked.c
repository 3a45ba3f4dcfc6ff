#include "matrix-product.h"

#include <string.h>

/* A tile of B: 16 KiB, which stays in a first-level cache while all rows of A are multiplied by it. */
#define TILE_K 32
#define TILE_J 64

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

static void multiply(double *restrict c, const double *restrict a, const double *restrict b, size_t rows,
                     size_t n) {
    memset(c, 0, rows * n * sizeof *c);
    for (size_t jj = 0; jj < n; jj += TILE_J)
        for (size_t kk = 0; kk < n; kk += TILE_K) {
            size_t j_end = least(jj + TILE_J, n), k_end = least(kk + TILE_K, n);
            for (size_t i = 0; i < rows; i++)
                for (size_t k = kk; k < k_end; k++)
                    for (size_t j = jj; j < j_end; j++)
                        c[i * n + j] += a[i * n + k] * b[k * n + j];
        }
}

void run_blocked(void *state) {
    struct product *product = state;
    multiply(product->c, product->a, product->b, product->rows, product->n);
}
