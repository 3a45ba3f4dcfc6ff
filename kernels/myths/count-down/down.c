#include "count-down.h"

void run_down(void *state) {
    struct count_down *sum = state;
    const uint32_t *numbers = sum->numbers;
    size_t n = sum->n;
    uint32_t total = 0;
    for (size_t i = n; i-- > 0;)
        total += numbers[i];
    sum->total = total;
}
