#include "dot.h"

/* The loop's own instructions an eighth, the chain as long as before. */
void run_unrolled(void *state) {
    struct dot *dot = state;
    const double *x = dot->x, *y = dot->y;
    size_t n = dot->n, i = 0;
    double total = 0;
    for (; i + 8 <= n; i += 8) {
        ADD_PRODUCT(total, i);
        ADD_PRODUCT(total, i + 1);
        ADD_PRODUCT(total, i + 2);
        ADD_PRODUCT(total, i + 3);
        ADD_PRODUCT(total, i + 4);
        ADD_PRODUCT(total, i + 5);
        ADD_PRODUCT(total, i + 6);
        ADD_PRODUCT(total, i + 7);
    }
    for (; i < n; i++)
        ADD_PRODUCT(total, i);
    dot->product = total;
}
