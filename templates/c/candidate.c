#include "kernel.h"

/* Your change. Here: four sums that do not wait for one another. */
void run_candidate(void *state) {
    struct dot *dot = state;
    double a = 0, b = 0, c = 0, d = 0;
    size_t i = 0;
    for (; i + 4 <= dot->count; i += 4) {
        a += dot->left[i] * dot->right[i];
        b += dot->left[i + 1] * dot->right[i + 1];
        c += dot->left[i + 2] * dot->right[i + 2];
        d += dot->left[i + 3] * dot->right[i + 3];
    }
    for (; i < dot->count; i++)
        a += dot->left[i] * dot->right[i];
    dot->product = (a + b) + (c + d);
}
