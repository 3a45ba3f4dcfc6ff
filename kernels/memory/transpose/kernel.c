/* The rows of a square matrix become columns of another. */
#include "transpose.h"

enum { VARIANT_PADDED = 1 };

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
    all->n = cs_size(env, "n");
    all->key = cs_random_u64(&random);
    transpose_make(env, all, &all->packed, all->n);
    double elements = (double)(all->n * all->n);
    cs_work(env, elements, 2 * elements * sizeof(uint64_t));
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

/* By what the elements are, whatever the matrix holds by now. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct transpose *all = state;
    const struct matrix *matrix = matrix_of(all, variant);
    for (size_t i = 0; i < all->n; i++)
        for (size_t j = 0; j < all->n; j++) {
            uint64_t found = matrix->to[i * matrix->pitch + j], expected = transpose_element(all, j, i);
            cs_expect(mismatch, "element", i * all->n + j, found, expected);
        }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("transpose", "element", "transpose a square matrix"),
    .parameters = {CS_NUMBER("n", "rows", 1, 8192, 128, "rows, and columns")},
    .variants = {CS_VARIANT("packed", run_packed, "a row begins where the one before ends"),
                 CS_VARIANT("padded", run_padded,
                            "the same loop, with a cache line left free behind each row",
                            .prepare = prepare_padded),
                 CS_VARIANT("tiles", run_tiles, "as packed, in tiles of eight lines by eight elements")},
    CS_STATE(struct transpose, setup),
    .outputs = outputs,
    .check = check,
};
