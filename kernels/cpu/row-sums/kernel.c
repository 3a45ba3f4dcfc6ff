/* The sum of each row of a matrix. The sums and the matrix are arrays of the same type, which might overlap. */
#include "row-sums.h"

static int setup(const struct cs_env *env, void *state) {
    struct row_sums *matrix = state;
    struct cs_random random = cs_random_seed(env->seed);
    size_t n = cs_size(env, "n");
    matrix->seed = env->seed;
    matrix->columns = cs_size(env, "columns");
    matrix->rows = n > matrix->columns ? n / matrix->columns : 1;
    matrix->matrix = cs_array(env, "matrix", matrix->rows * matrix->columns, uint32_t);
    matrix->sums = cs_answer(env, "sum", matrix->rows, uint32_t);
    cs_random_fill(&random, matrix->matrix, matrix->rows * matrix->columns);
    size_t elements = matrix->rows * matrix->columns;
    cs_work(env, elements, elements * sizeof *matrix->matrix);
    return 0;
}

/* Drawn again, in 64 bits. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct row_sums *matrix = state;
    struct cs_random random = cs_random_seed(matrix->seed);
    for (size_t row = 0; row < matrix->rows; row++) {
        uint64_t sum = 0;
        for (size_t column = 0; column < matrix->columns; column++)
            sum += cs_random_u64(&random) & UINT32_MAX;
        cs_expect(mismatch, "sum", row, matrix->sums[row], (uint32_t)sum);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("row-sums", "element", "the sum of each row of a matrix"),
    .parameters = {CS_NUMBER("columns", "elements", 1, 1 << 20, 1024, "elements of a row"),
                   CS_NUMBER("n", "elements", 1, 1 << 24, 8192, "elements of the matrix, at least one row")},
    .variants = {CS_VARIANT("may-alias", run_may_alias,
                            "adds to the array of sums, which may overlap the matrix"),
                 CS_VARIANT("restrict", run_restrict, "the same, promised not to overlap"),
                 CS_VARIANT("local", run_local, "adds to a variable of its own")},
    CS_STATE(struct row_sums, setup),
    .check = check,
    .scale = "n",
};
