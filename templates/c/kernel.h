/* What all variants share, so that they read the same addresses. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stddef.h>

struct dot {
    double *left, *right; /* the input: count values each */
    size_t count;
    double product; /* the answer */
    double expected;
};

void run_baseline(void *state);
void run_candidate(void *state);

#endif
