#include "transpose.h"

void transpose_plainly(const struct matrix *matrix, size_t n) {
    const uint64_t *from = matrix->from;
    uint64_t *to = matrix->to;
    size_t pitch = matrix->pitch;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            to[j * pitch + i] = from[i * pitch + j];
}
