#include "dot.h"

void run_eight(void *state) {
    struct dot *dot = state;
    const double *x = dot->x, *y = dot->y;
    size_t n = dot->n, i = 0;
    double a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0, a6 = 0, a7 = 0;
    for (; i + 8 <= n; i += 8) {
        ADD_PRODUCT(a0, i);
        ADD_PRODUCT(a1, i + 1);
        ADD_PRODUCT(a2, i + 2);
        ADD_PRODUCT(a3, i + 3);
        ADD_PRODUCT(a4, i + 4);
        ADD_PRODUCT(a5, i + 5);
        ADD_PRODUCT(a6, i + 6);
        ADD_PRODUCT(a7, i + 7);
    }
    for (; i < n; i++)
        ADD_PRODUCT(a0, i);
    dot->product = ((a0 + a1) + (a2 + a3)) + ((a4 + a5) + (a6 + a7));
}
