#include "kernel.h"

/* What a competent programmer writes first. Each addition waits for the one before. */
void run_baseline(void *state) {
    struct dot *dot = state;
    double sum = 0;
    for (size_t i = 0; i < dot->count; i++)
        sum += dot->left[i] * dot->right[i];
    dot->product = sum;
}
