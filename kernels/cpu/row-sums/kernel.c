/* The sum of each row of a matrix. The sums and the matrix are arrays of the same type, which might overlap. */
#include "row-sums.h"

enum { PARAMETER_COLUMNS, PARAMETER_N };

static int setup(const struct cs_env *env, void *state) {
    struct row_sums *matrix = state;
    struct cs_random random = cs_random_seed(env->seed);
    size_t n = (size_t)env->value[PARAMETER_N];
    matrix->seed = env->seed;
    matrix->columns = (size_t)env->value[PARAMETER_COLUMNS];
    matrix->rows = n > matrix->columns ? n / matrix->columns : 1;
    matrix->matrix = cs_array(env, "matrix", matrix->rows * matrix->columns, uint32_t);
    matrix->sums = cs_array(env, "sums", matrix->rows, uint32_t);
    for (size_t i = 0; i < matrix->rows * matrix->columns; i++)
        matrix->matrix[i] = (uint32_t)cs_random_u64(&random);
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct row_sums *matrix = state;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "sum", .data = matrix->sums, .count = matrix->rows, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct row_sums *matrix = state;
    size_t elements = matrix->rows * matrix->columns;
    *work = (struct cs_work){.items = (double)elements, .bytes = (double)(elements * sizeof *matrix->matrix)};
}

/* Drawn again, in 64 bits. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct row_sums *matrix = state;
    (void)variant;
    struct cs_random random = cs_random_seed(matrix->seed);
    for (size_t row = 0; row < matrix->rows; row++) {
        uint64_t sum = 0;
        for (size_t column = 0; column < matrix->columns; column++)
            sum += cs_random_u64(&random) & UINT32_MAX;
        if (matrix->sums[row] != (sum & UINT32_MAX)) {
            return cs_wrong(mismatch, "sum", row, "%u", matrix->sums[row], (uint32_t)sum);
        }
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "row-sums",
    .summary = "the sum of each row of a matrix",
    .item = "element",
    .parameters =
        {
            {.name = "columns",
             .unit = "elements",
             .min = 1,
             .max = 1 << 20,
             .def = 1024,
             .summary = "elements of a row"},
            {.name = "n",
             .unit = "elements",
             .min = 1,
             .max = 1 << 24,
             .def = 8192,
             .summary = "elements of the matrix, at least one row"},
        },
    .variants =
        {
            {.name = "may-alias",
             .run = run_may_alias,
             .summary = "adds to the array of sums, which may overlap the matrix"},
            {.name = "restrict", .run = run_restrict, .summary = "the same, promised not to overlap"},
            {.name = "local", .run = run_local, .summary = "adds to a variable of its own"},
        },
    .state_size = sizeof(struct row_sums),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "n",
};
