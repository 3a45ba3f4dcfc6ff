/* C = A B: `rows` rows of n elements times n rows of n elements. */
#include "matrix-product.h"

/* Whole numbers of at most 15: a sum of up to 2048 products of two, times the probe, is exact. */
static void draw(struct cs_random *random, double *matrix, size_t count) {
    for (size_t i = 0; i < count; i++)
        matrix[i] = (double)cs_random_below(random, 31) - 15;
}

/* A times a vector that has n elements, for each row. */
static void apply(double *result, const double *matrix, const double *vector, size_t rows, size_t n) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < n; j++)
            result[i] += matrix[i * n + j] * (vector ? vector[j] : product_probe(j));
}

static int setup(const struct cs_env *env, void *state) {
    struct product *product = state;
    struct cs_random random = cs_random_seed(env->seed);
    size_t n = product->n = cs_size(env, "n");
    size_t rows = product->rows = cs_size(env, "rows");
    product->a = cs_array(env, "A", rows * n, double);
    product->b = cs_array(env, "B", n * n, double);
    product->c = cs_array(env, "C", rows * n, double);
    product->expected = cs_array(env, "expected", rows, double);
    draw(&random, product->a, rows * n);
    draw(&random, product->b, n * n);
    double *probed = cs_array(env, "B times the probe", n, double);
    apply(probed, product->b, NULL, n, n);
    apply(product->expected, product->a, probed, rows, n);
    cs_free(env, probed);
    cs_output(env, "C", product->c, product->rows * product->n);
    double items = (double)product->rows * (double)product->n * (double)product->n;
    size_t elements = product->n * product->n + 2 * product->rows * product->n;
    cs_work(env, items, elements * sizeof(double));
    cs_flops(env, 2 * items);
    return 0;
}

/* (A B) x is A (B x): Freivalds, "Fast Probabilistic Algorithms", MFCS 1979, with an x that sees any one element. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct product *product = state;
    for (size_t i = 0; i < product->rows; i++) {
        double found = 0;
        apply(&found, product->c + i * product->n, NULL, 1, product->n);
        if (!(found == product->expected[i]))
            return cs_wrong(mismatch, "row of C, times the probe", i, "%.17g", found, product->expected[i]);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("matrix-product", "product", "multiply two matrices"),
    .parameters = {CS_NUMBER("n", "elements", 1, 2048, 56, "rows and columns of B"),
                   CS_NUMBER("rows", "rows", 1, 2048, 48, "rows of A")},
    .variants = {CS_VARIANT("naive", run_naive, "row times column, an element after the other"),
                 CS_VARIANT("interchanged", run_interchanged, "rows of B, added to a row of C"),
                 CS_VARIANT("blocked", run_blocked, "the same in tiles that a first-level cache holds"),
                 CS_VARIANT("vectorized", run_vectorized, "packed panels, and tiles of C in registers",
                            .prepare = prepare_vectorized)},
    CS_STATE(struct product, setup),
    .check = check,
};
