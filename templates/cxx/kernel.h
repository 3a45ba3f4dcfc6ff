// What all variants share, so that they read the same addresses.
#ifndef KERNEL_H
#define KERNEL_H

#include <vector>

struct dot {
    std::vector<double> left, right; // the input
    double product = 0;              // the answer
    double expected = 0;
};

void run_baseline(void *state);
void run_candidate(void *state);

#endif
