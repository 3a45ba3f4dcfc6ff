#include "filter.h"

void run_branch(void *state) {
    struct filter *filter = state;
    const uint32_t *values = filter_take_window(filter);
    uint32_t *kept = filter->kept, bound = filter->bound;
    size_t count = 0, n = filter->n;
    for (size_t i = 0; i < n; i++)
        if (values[i] < bound)
            kept[count++] = values[i];
    filter->count = count;
}
