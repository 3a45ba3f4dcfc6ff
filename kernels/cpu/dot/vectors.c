#include "dot.h"

#include <string.h>

/* Lanes of the widest vector: a load takes as long whatever it brings, and here loads are the limit. */
#ifdef __AVX512F__
#define LANES 8
#else
#define LANES 4
#endif
#define CHAINS 32
#define VECTORS (CHAINS / LANES)

typedef double vector __attribute__((vector_size(LANES * sizeof(double))));

static inline vector load(const double *from) {
    vector loaded;
    memcpy(&loaded, from, sizeof loaded);
    return loaded;
}

/* Its loops over vectors are unrolled whole: as an array in memory gcc keeps them there, cleared by `rep stos`. */
void run_vectors(void *state) {
    struct dot *dot = state;
    const double *x = dot->x, *y = dot->y;
    size_t n = dot->n, i = 0;
    vector sums[VECTORS];
#pragma GCC unroll 8
    for (size_t v = 0; v < VECTORS; v++)
        sums[v] = (vector){0};
    for (; i + CHAINS <= n; i += CHAINS)
#pragma GCC unroll 8
        for (size_t v = 0; v < VECTORS; v++)
            sums[v] += load(x + i + v * LANES) * load(y + i + v * LANES);
    double rest = 0;
    for (; i < n; i++)
        ADD_PRODUCT(rest, i);
#pragma GCC unroll 4
    for (size_t v = 0; v < VECTORS / 2; v++)
        sums[v] += sums[v + VECTORS / 2];
#pragma GCC unroll 4
    for (size_t v = 1; v < VECTORS / 2; v++)
        sums[0] += sums[v];
    vector all = sums[0];
    for (size_t lane = 0; lane < LANES; lane += 4)
        rest += (all[lane] + all[lane + 1]) + (all[lane + 2] + all[lane + 3]);
    dot->product = rest;
}
