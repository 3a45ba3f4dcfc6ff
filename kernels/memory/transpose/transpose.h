/* State of the transpose kernel: a square matrix, a row behind the other, and its transposition. */
#ifndef TRANSPOSE_H
#define TRANSPOSE_H

#include <countersign.h>

struct matrix {
    uint64_t *from, *to; /**< n rows, `pitch` elements from one to the next */
    size_t pitch;        /**< the leading dimension */
};

struct transpose {
    struct matrix packed; /**< pitch n; of all variants but `padded` */
    struct matrix padded; /**< of `padded`: a cache line more */
    size_t n;
    uint64_t key;
};

/** The element of row i and column j: no two are the same. */
static inline uint64_t transpose_element(const struct transpose *all, size_t i, size_t j) {
    return all->key + i * all->n + j;
}

/** Makes a matrix of this pitch and fills `from`. */
void transpose_make(const struct cs_env *env, const struct transpose *all, struct matrix *matrix,
                    size_t pitch);

/** The loop of `packed` and `padded`, the same code for both: along a row of `from`, down a column of `to`. */
void transpose_plainly(const struct matrix *matrix, size_t n);

void run_packed(void *state);
int prepare_padded(const struct cs_env *env, void *state);
void run_padded(void *state);
void run_tiles(void *state);

#endif
