#include "dot.h"

void run_sixteen(void *state) {
    struct dot *dot = state;
    const double *x = dot->x, *y = dot->y;
    size_t n = dot->n, i = 0;
    double a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0, a6 = 0, a7 = 0, a8 = 0, a9 = 0, a10 = 0, a11 = 0,
           a12 = 0, a13 = 0, a14 = 0, a15 = 0;
    for (; i + 16 <= n; i += 16) {
        ADD_PRODUCT(a0, i);
        ADD_PRODUCT(a1, i + 1);
        ADD_PRODUCT(a2, i + 2);
        ADD_PRODUCT(a3, i + 3);
        ADD_PRODUCT(a4, i + 4);
        ADD_PRODUCT(a5, i + 5);
        ADD_PRODUCT(a6, i + 6);
        ADD_PRODUCT(a7, i + 7);
        ADD_PRODUCT(a8, i + 8);
        ADD_PRODUCT(a9, i + 9);
        ADD_PRODUCT(a10, i + 10);
        ADD_PRODUCT(a11, i + 11);
        ADD_PRODUCT(a12, i + 12);
        ADD_PRODUCT(a13, i + 13);
        ADD_PRODUCT(a14, i + 14);
        ADD_PRODUCT(a15, i + 15);
    }
    for (; i < n; i++)
        ADD_PRODUCT(a0, i);
    dot->product = (((a0 + a1) + (a2 + a3)) + ((a4 + a5) + (a6 + a7))) +
                   (((a8 + a9) + (a10 + a11)) + ((a12 + a13) + (a14 + a15)));
}
