// What all variants share, so that they read the same addresses.
#ifndef KERNEL_H
#define KERNEL_H

#include <span>

struct dot {
    std::span<double> left, right; // the input
    double product;                // the answer
    double expected;
};

void run_baseline(void *state);
void run_candidate(void *state);

#endif
