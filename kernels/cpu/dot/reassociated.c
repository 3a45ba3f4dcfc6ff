/*
 * The plain loop, and leave for this file to add in any order: the part of -ffast-math that matters here,
 * without the parts that break programs (no NaN, no infinity, flushed subnormals).
 */
#ifndef __clang__
#pragma GCC optimize("associative-math", "no-signed-zeros", "no-trapping-math")
#endif
#include "dot.h"

void run_reassociated(void *state) {
    struct dot *dot = state;
    const double *x = dot->x, *y = dot->y;
    size_t n = dot->n;
    double total = 0;
    for (size_t i = 0; i < n; i++) {
#ifdef __clang__
#pragma clang fp reassociate(on) contract(fast)
#endif
        total += x[i] * y[i];
    }
    dot->product = total;
}
