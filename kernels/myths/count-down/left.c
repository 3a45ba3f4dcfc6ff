#include "count-down.h"

/* The numbers from the first to the last, and a count of those that are left. */
void run_left(void *state) {
    struct count_down *sum = state;
    const uint32_t *numbers = sum->numbers;
    size_t n = sum->n;
    uint32_t total = 0;
    for (size_t left = n; left != 0; left--)
        total += *numbers++;
    sum->total = total;
}
