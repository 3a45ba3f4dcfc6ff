/* The sum of each column of a matrix whose rows lie one behind the other. */
#include "column-sums.h"

static int setup(const struct cs_env *env, void *state) {
    struct column_sums *all = state;
    struct cs_random random = cs_random_seed(env->seed);
    all->rows = cs_size(env, "rows");
    all->columns = cs_size(env, "columns");
    all->matrix = cs_array(env, "matrix", all->rows * all->columns, double);
    all->sums = cs_answer(env, "sum", all->columns, double);
    all->expected = cs_array(env, "expected sums", all->columns, uint64_t);
    for (size_t i = 0; i < all->rows * all->columns; i++) {
        uint32_t value = cs_random_below(&random, 1u << 20);
        all->matrix[i] = value;
        all->expected[i % all->columns] += value;
    }
    double elements = (double)(all->rows * all->columns);
    cs_work(env, elements, elements * sizeof *all->matrix);
    cs_flops(env, elements);
    return 0;
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct column_sums *all = state;
    for (size_t i = 0; i < all->columns; i++)
        if (!(all->sums[i] == (double)all->expected[i]))
            return cs_wrong(mismatch, "sum", i, "%.17g", all->sums[i], (double)all->expected[i]);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("column-sums", "element", "the sum of each column of a matrix"),
    .parameters = {CS_NUMBER("rows", "rows", 1, 1 << 16, 1000, NULL),
                   CS_NUMBER("columns", "columns", 1, 4096, 24,
                             "columns, and elements from one row to the next")},
    .variants = {CS_VARIANT("columns", run_columns, "down one column after the other"),
                 CS_VARIANT("rows", run_rows, "along one row after the other"),
                 CS_VARIANT("strips", run_strips, "down strips of columns, a cache line wide")},
    CS_STATE(struct column_sums, setup),
    .check = check,
};
