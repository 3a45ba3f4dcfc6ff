#include "lookup.h"
#include "peer.h"

#include <ck_ht.h>
#include <stdlib.h>

_Static_assert(sizeof(ck_ht_t) <= PEER_STATE, "no room for the table");

/* No key may be 0. */
static uintptr_t key_of(uint32_t id) {
    return (uintptr_t)1 << 32 | id;
}

static void *allocate(size_t size) {
    return malloc(size);
}

static void give_back(void *block, size_t size, bool defer) {
    (void)size, (void)defer;
    free(block);
}

static struct ck_malloc allocator = {.malloc = allocate, .free = give_back};

static int prepare(const struct cs_env *env, void *state) {
    const struct lookup *lookup = state;
    ck_ht_t *table = peer_state(state);
    if (!ck_ht_init(table, CK_HT_MODE_DIRECT, NULL, &allocator, 2 * lookup->n, env->seed))
        return cs_fail(env, ENOMEM, "no memory for ck_ht");
    for (size_t i = 0; i < lookup->n; i++) {
        ck_ht_hash_t hash;
        ck_ht_entry_t entry;
        ck_ht_hash_direct(&hash, table, key_of(lookup->ids[i]));
        ck_ht_entry_set_direct(&entry, hash, key_of(lookup->ids[i]), i);
        if (!ck_ht_put_spmc(table, hash, &entry))
            return cs_fail(env, ENOMEM, "no memory for ck_ht");
    }
    return 0;
}

static void release(void *state) {
    ck_ht_destroy(peer_state(state));
}

static void run(void *state) {
    struct lookup *lookup = state;
    ck_ht_t *table = peer_state(state);
    const uint32_t *queries = lookup_take_window(lookup);
    for (size_t i = 0; i < lookup->window_size; i++) {
        ck_ht_hash_t hash;
        ck_ht_entry_t entry;
        ck_ht_hash_direct(&hash, table, key_of(queries[i]));
        ck_ht_entry_key_set_direct(&entry, key_of(queries[i]));
        lookup->answers[i] =
            ck_ht_get_spmc(table, hash, &entry) ? (uint32_t)ck_ht_entry_value_direct(&entry) : LOOKUP_NONE;
    }
}

PEER(ck_ht) = {.name = "ck_ht", .run = run, .summary = "ck_ht", .prepare = prepare, .release = release};
