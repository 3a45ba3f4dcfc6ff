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

static unsigned choose_slot_shift(size_t n) {
    unsigned bits = 1;
    while (((size_t)1 << bits) < 2 * n)
        bits++;
    return 64 - bits;
}

int prepare_hash(const struct cs_env *env, void *state) {
    struct lookup *lookup = state;
    lookup->slot_shift = choose_slot_shift(lookup->n);
    size_t mask = SIZE_MAX >> lookup->slot_shift;
    lookup->slots = cs_array(env, "hash table", mask + 1, struct lookup_slot);
    for (size_t slot = 0; slot <= mask; slot++)
        lookup->slots[slot].index = LOOKUP_NONE;
    for (size_t i = 0; i < lookup->n; i++) {
        size_t slot = lookup_home_slot(lookup->ids[i], lookup->slot_shift);
        while (lookup->slots[slot].index != LOOKUP_NONE)
            slot = (slot + 1) & mask;
        lookup->slots[slot] = (struct lookup_slot){.id = lookup->ids[i], .index = (uint32_t)i};
    }
    return 0;
}
