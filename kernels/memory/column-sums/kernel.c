/* The sum of each column of a matrix whose rows lie one behind the other. */
#include "column-sums.h"

enum { PARAMETER_ROWS, PARAMETER_COLUMNS };

static int setup(const struct cs_env *env, void *state) {
    struct column_sums *all = state;
    struct cs_random random = cs_random_seed(env->seed);
    all->rows = (size_t)env->value[PARAMETER_ROWS];
    all->columns = (size_t)env->value[PARAMETER_COLUMNS];
    all->matrix = cs_array(env, "matrix", all->rows * all->columns, double);
    all->sums = cs_array(env, "sums", all->columns, double);
    all->expected = cs_array(env, "expected sums", all->columns, uint64_t);
    for (size_t i = 0; i < all->rows * all->columns; i++) {
        uint32_t value = cs_random_below(&random, 1u << 20);
        all->matrix[i] = value;
        all->expected[i % all->columns] += value;
    }
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct column_sums *all = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "sum", .data = all->sums, .count = all->columns, .type = CS_F64};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct column_sums *all = state;
    double elements = (double)(all->rows * all->columns);
    *work = (struct cs_work){.items = elements, .bytes = elements * sizeof *all->matrix, .flops = elements};
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct column_sums *all = state;
    (void)variant;
    for (size_t i = 0; i < all->columns; i++)
        if (!(all->sums[i] == (double)all->expected[i]))
            return cs_wrong(mismatch, "sum", i, "%.17g", all->sums[i], (double)all->expected[i]);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "column-sums",
    .summary = "the sum of each column of a matrix",
    .item = "element",
    .parameters = {{.name = "rows", .unit = "rows", .min = 1, .max = 1 << 16, .def = 1000},
                   {.name = "columns",
                    .unit = "columns",
                    .min = 1,
                    .max = 4096,
                    .def = 24,
                    .summary = "columns, and elements from one row to the next"}},
    .variants = {{.name = "columns", .run = run_columns, .summary = "down one column after the other"},
                 {.name = "rows", .run = run_rows, .summary = "along one row after the other"},
                 {.name = "strips",
                  .run = run_strips,
                  .summary = "down strips of columns, a cache line wide"}},
    .state_size = sizeof(struct column_sums),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
};
