#include <numeric>

#include "kernel.h"

// What a competent programmer writes first. Each addition waits for the one before.
void run_baseline(void *state) {
    auto *dot = static_cast<struct dot *>(state);
    dot->product = std::inner_product(dot->left.begin(), dot->left.end(), dot->right.begin(), 0.0);
}
