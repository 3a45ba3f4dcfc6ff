#include "dot.h"

void run_two(void *state) {
    struct dot *dot = state;
    const double *x = dot->x, *y = dot->y;
    size_t n = dot->n, i = 0;
    double a0 = 0, a1 = 0;
    for (; i + 8 <= n; i += 8) {
        ADD_PRODUCT(a0, i);
        ADD_PRODUCT(a1, i + 1);
        ADD_PRODUCT(a0, i + 2);
        ADD_PRODUCT(a1, i + 3);
        ADD_PRODUCT(a0, i + 4);
        ADD_PRODUCT(a1, i + 5);
        ADD_PRODUCT(a0, i + 6);
        ADD_PRODUCT(a1, i + 7);
    }
    for (; i < n; i++)
        ADD_PRODUCT(a0, i);
    dot->product = a0 + a1;
}
