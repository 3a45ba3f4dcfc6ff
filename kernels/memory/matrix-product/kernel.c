/* C = A B: `rows` rows of n elements times n rows of n elements. */
#include "matrix-product.h"

enum { PARAMETER_N, PARAMETER_ROWS };

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
    size_t n = product->n = (size_t)env->value[PARAMETER_N];
    size_t rows = product->rows = (size_t)env->value[PARAMETER_ROWS];
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
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct product *product = state;
    (void)variant;
    outputs[0] = (struct cs_output){
        .name = "C", .data = product->c, .count = product->rows * product->n, .type = CS_F64};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct product *product = state;
    double items = (double)product->rows * (double)product->n * (double)product->n;
    size_t elements = product->n * product->n + 2 * product->rows * product->n;
    *work =
        (struct cs_work){.items = items, .bytes = (double)(elements * sizeof(double)), .flops = 2 * items};
}

/* (A B) x is A (B x): Freivalds, "Fast Probabilistic Algorithms", MFCS 1979, with an x that sees any one element. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct product *product = state;
    (void)variant;
    for (size_t i = 0; i < product->rows; i++) {
        double found = 0;
        apply(&found, product->c + i * product->n, NULL, 1, product->n);
        if (!(found == product->expected[i]))
            return cs_wrong(mismatch, "row of C, times the probe", i, "%.17g", found, product->expected[i]);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "matrix-product",
    .summary = "multiply two matrices",
    .item = "product",
    .parameters =
        {{.name = "n",
          .unit = "elements",
          .min = 1,
          .max = 2048,
          .def = 56,
          .summary = "rows and columns of B"},
         {.name = "rows", .unit = "rows", .min = 1, .max = 2048, .def = 48, .summary = "rows of A"}},
    .variants =
        {
            {.name = "naive", .run = run_naive, .summary = "row times column, an element after the other"},
            {.name = "interchanged", .run = run_interchanged, .summary = "rows of B, added to a row of C"},
            {.name = "blocked",
             .run = run_blocked,
             .summary = "the same in tiles that a first-level cache holds"},
            {.name = "vectorized",
             .prepare = prepare_vectorized,
             .run = run_vectorized,
             .summary = "packed panels, and tiles of C in registers"},
        },
    .state_size = sizeof(struct product),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
};
