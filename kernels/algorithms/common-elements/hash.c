#include "common-elements.h"

#include <string.h>

/* Slot of the id, or the empty one where it would be put: the table is never more than half full. */
static size_t find_slot(const struct lists *lists, uint32_t id) {
    size_t mask = UINT32_MAX >> lists->slot_shift, slot = (id * UINT32_C(0x9e3779b1)) >> lists->slot_shift;
    while (lists->slots[slot] != LISTS_EMPTY && lists->slots[slot] != id)
        slot = (slot + 1) & mask;
    return slot;
}

static size_t intersect(const struct lists *lists, const uint32_t *first, const uint32_t *second,
                        uint32_t *common) {
    size_t found = 0;
    memset(lists->slots, 0xff, ((size_t)(UINT32_MAX >> lists->slot_shift) + 1) * sizeof *lists->slots);
    for (size_t i = 0; i < lists->n; i++)
        lists->slots[find_slot(lists, second[i])] = second[i];
    for (size_t i = 0; i < lists->n; i++)
        if (lists->slots[find_slot(lists, first[i])] == first[i])
            common[found++] = first[i];
    return found;
}

void run_hash(void *state) {
    lists_run(state, intersect);
}

int prepare_hash(const struct cs_env *env, void *state) {
    struct lists *lists = state;
    unsigned bits = 1;
    while (((size_t)1 << bits) < 2 * lists->n)
        bits++;
    lists->slot_shift = 32 - bits;
    lists->slots = cs_array(env, "hash table", (size_t)1 << bits, uint32_t);
    return 0;
}
