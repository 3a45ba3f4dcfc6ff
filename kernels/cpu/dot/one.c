#include "dot.h"

void run_one(void *state) {
    struct dot *dot = state;
    const double *x = dot->x, *y = dot->y;
    size_t n = dot->n;
    double total = 0;
    for (size_t i = 0; i < n; i++)
        ADD_PRODUCT(total, i);
    dot->product = total;
}
