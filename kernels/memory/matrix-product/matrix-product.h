/* State of the matrix-product kernel: C = A B, all of doubles, a row behind the other. */
#ifndef MATRIX_PRODUCT_H
#define MATRIX_PRODUCT_H

#include <countersign.h>

struct product {
    double *a; /**< rows * n, whole numbers: every order of additions gives the same bits */
    double *b; /**< n * n, likewise */
    double *c; /**< rows * n, the answer */
    size_t rows, n;
    double *packed_a,
        *packed_b;    /**< of `vectorized`: what it multiplies next, in the order in which it does */
    double *expected; /**< rows: C times a vector, made from A and B otherwise; for check */
};

/** Element `j` of the vector that check multiplies by: none is 0, so that one wrong element shows. */
static inline double product_probe(size_t j) {
    return (double)(j % 97 + 1);
}

void run_naive(void *state);
void run_interchanged(void *state);
void run_blocked(void *state);

int prepare_vectorized(const struct cs_env *env, void *state);
void run_vectorized(void *state);

#endif
