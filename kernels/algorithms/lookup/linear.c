#include "lookup.h"

static uint32_t find(const uint32_t *ids, size_t n, uint32_t id) {
    for (size_t i = 0; i < n; i++)
        if (ids[i] == id)
            return (uint32_t)i;
    return LOOKUP_NONE;
}

void run_linear(void *state) {
    struct lookup *lookup = state;
    const uint32_t *queries = lookup_take_window(lookup);
    for (size_t i = 0; i < lookup->window_size; i++)
        lookup->answers[i] = find(lookup->ids, lookup->n, queries[i]);
}
