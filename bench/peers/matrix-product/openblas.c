#include "matrix-product.h"
#include "peer.h"

#include <cblas.h>

static int prepare(const struct cs_env *env, void *state) {
    (void)env, (void)state;
    openblas_set_num_threads(1);
    return 0;
}

static void run(void *state) {
    struct product *product = state;
    int n = (int)product->n, rows = (int)product->rows;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, n, n, 1, product->a, n, product->b, n, 0,
                product->c, n);
}

PEER(openblas) = {.name = "openblas", .run = run, .summary = "cblas_dgemm, one thread", .prepare = prepare};
