#include "lookup.h"

/* Ends at an empty slot at the latest: the table is never more than half full. */
static uint32_t find(const struct lookup_slot *slots, unsigned shift, uint32_t id) {
    size_t mask = (SIZE_MAX >> shift);
    for (size_t slot = lookup_home_slot(id, shift);; slot = (slot + 1) & mask)
        if (slots[slot].index == LOOKUP_NONE || slots[slot].id == id)
            return slots[slot].index;
}

void run_hash(void *state) {
    struct lookup *lookup = state;
    const uint32_t *queries = lookup_take_window(lookup);
    for (size_t i = 0; i < lookup->window_size; i++)
        lookup->answers[i] = find(lookup->slots, lookup->slot_shift, queries[i]);
}
