#include "count-down.h"

void run_up(void *state) {
    struct count_down *sum = state;
    const uint32_t *numbers = sum->numbers;
    size_t n = sum->n;
    uint32_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += numbers[i];
    sum->total = total;
}
