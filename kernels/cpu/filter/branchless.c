#include "filter.h"

/* Stores every value, and moves on only past those that are kept: the last one may lie behind them. */
void run_branchless(void *state) {
    struct filter *filter = state;
    const uint32_t *values = filter_take_window(filter);
    uint32_t *kept = filter->kept, bound = filter->bound;
    size_t count = 0, n = filter->n;
    for (size_t i = 0; i < n; i++) {
        uint32_t value = values[i];
        kept[count] = value;
        count += value < bound;
    }
    filter->count = count;
}
