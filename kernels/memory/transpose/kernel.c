/* The rows of a square matrix become columns of another. */
#include "transpose.h"

#include <inttypes.h>

enum { PARAMETER_N, VARIANT_PADDED = 1 };

void transpose_make(const struct cs_env *env, const struct transpose *all, struct matrix *matrix,
                    size_t pitch) {
    matrix->pitch = pitch;
    matrix->from = cs_array(env, "matrix", all->n * pitch, uint64_t);
    matrix->to = cs_array(env, "transposed matrix", all->n * pitch, uint64_t);
    for (size_t i = 0; i < all->n; i++)
        for (size_t j = 0; j < all->n; j++)
            matrix->from[i * pitch + j] = transpose_element(all, i, j);
}

static int setup(const struct cs_env *env, void *state) {
    struct transpose *all = state;
    struct cs_random random = cs_random_seed(env->seed);
    all->n = (size_t)env->value[PARAMETER_N];
    all->key = cs_random_u64(&random);
    transpose_make(env, all, &all->packed, all->n);
    return 0;
}

static const struct matrix *matrix_of(const struct transpose *all, size_t variant) {
    return variant == VARIANT_PADDED ? &all->padded : &all->packed;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    const struct transpose *all = state;
    const struct matrix *matrix = matrix_of(all, variant);
    outputs[0] = (struct cs_output){.name = "element",
                                    .data = matrix->to,
                                    .count = all->n * all->n,
                                    .type = CS_U64,
                                    .block = all->n,
                                    .block_stride = matrix->pitch * sizeof(uint64_t)};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct transpose *all = state;
    double elements = (double)(all->n * all->n);
    *work = (struct cs_work){.items = elements, .bytes = 2 * elements * sizeof(uint64_t)};
}

/* By what the elements are, whatever the matrix holds by now. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct transpose *all = state;
    const struct matrix *matrix = matrix_of(all, variant);
    for (size_t i = 0; i < all->n; i++)
        for (size_t j = 0; j < all->n; j++) {
            uint64_t found = matrix->to[i * matrix->pitch + j], expected = transpose_element(all, j, i);
            if (found != expected)
                return cs_wrong(mismatch, "element", i * all->n + j, "%" PRIu64, found, expected);
        }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "transpose",
    .summary = "transpose a square matrix",
    .item = "element",
    .parameters =
        {{.name = "n", .unit = "rows", .min = 1, .max = 8192, .def = 128, .summary = "rows, and columns"}},
    .variants = {{.name = "packed", .run = run_packed, .summary = "a row begins where the one before ends"},
                 {.name = "padded",
                  .prepare = prepare_padded,
                  .run = run_padded,
                  .summary = "the same loop, with a cache line left free behind each row"},
                 {.name = "tiles",
                  .run = run_tiles,
                  .summary = "as packed, in tiles of eight lines by eight elements"}},
    .state_size = sizeof(struct transpose),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
};
