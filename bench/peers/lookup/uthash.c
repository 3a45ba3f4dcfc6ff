#include "lookup.h"
#include "peer.h"

#include <uthash.h>

struct entry {
    uint32_t id, index;
    UT_hash_handle hh;
};

/* The table is known by its first entry. */
struct table {
    struct entry *first;
};

static int prepare(const struct cs_env *env, void *state) {
    const struct lookup *lookup = state;
    struct entry *entries = cs_array(env, "entries", lookup->n, struct entry);
    struct table *table = peer_state(state);
    for (size_t i = 0; i < lookup->n; i++) {
        struct entry *entry = &entries[i];
        *entry = (struct entry){.id = lookup->ids[i], .index = (uint32_t)i};
        HASH_ADD(hh, table->first, id, sizeof entry->id, entry);
    }
    return 0;
}

static void release(void *state) {
    HASH_CLEAR(hh, ((struct table *)peer_state(state))->first);
}

static void run(void *state) {
    struct lookup *lookup = state;
    struct entry *first = ((struct table *)peer_state(state))->first;
    const uint32_t *queries = lookup_take_window(lookup);
    for (size_t i = 0; i < lookup->window_size; i++) {
        struct entry *found;
        HASH_FIND(hh, first, &queries[i], sizeof queries[i], found);
        lookup->answers[i] = found ? found->index : LOOKUP_NONE;
    }
}

PEER(uthash) = {.name = "uthash", .run = run, .summary = "uthash", .prepare = prepare, .release = release};
