#include "dot.h"

#include <string.h>

#define LANES 4
typedef double vector __attribute__((vector_size(LANES * sizeof(double))));

static inline vector load(const double *from) {
    vector loaded;
    memcpy(&loaded, from, sizeof loaded);
    return loaded;
}

/* Eight vectors of four: 32 chains. Single variables, as gcc clears an array of them with `rep stos`. */
void run_vectors(void *state) {
    struct dot *dot = state;
    const double *x = dot->x, *y = dot->y;
    size_t n = dot->n, i = 0;
    vector a0 = {0}, a1 = {0}, a2 = {0}, a3 = {0}, a4 = {0}, a5 = {0}, a6 = {0}, a7 = {0};
    for (; i + 8 * LANES <= n; i += 8 * LANES) {
        a0 += load(x + i) * load(y + i);
        a1 += load(x + i + LANES) * load(y + i + LANES);
        a2 += load(x + i + 2 * LANES) * load(y + i + 2 * LANES);
        a3 += load(x + i + 3 * LANES) * load(y + i + 3 * LANES);
        a4 += load(x + i + 4 * LANES) * load(y + i + 4 * LANES);
        a5 += load(x + i + 5 * LANES) * load(y + i + 5 * LANES);
        a6 += load(x + i + 6 * LANES) * load(y + i + 6 * LANES);
        a7 += load(x + i + 7 * LANES) * load(y + i + 7 * LANES);
    }
    double rest = 0;
    for (; i < n; i++)
        ADD_PRODUCT(rest, i);
    vector all = ((a0 + a1) + (a2 + a3)) + ((a4 + a5) + (a6 + a7));
    dot->product = (all[0] + all[1]) + (all[2] + all[3]) + rest;
}
