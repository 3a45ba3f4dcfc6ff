#include "peer.h"

extern "C" {
#include "common-elements.h"
}

#include <absl/container/flat_hash_set.h>

using set = absl::flat_hash_set<uint32_t>;

/* Emptied, not freed, between lists, as the table of `hash` is. */
static set *&table_of(const void *state) {
    return *static_cast<set **>(peer_state(state));
}

static int prepare(const struct cs_env *, void *state) noexcept {
    set *table = table_of(state) = new set;
    table->reserve(static_cast<struct lists *>(state)->n);
    return 0;
}

static void release(void *state) noexcept {
    delete table_of(state);
}

static size_t intersect(const struct lists *lists, const uint32_t *first, const uint32_t *second,
                        uint32_t *common) noexcept {
    size_t found = 0;
    set *table = table_of(lists);
    table->clear();
    table->reserve(lists->n);
    for (size_t i = 0; i < lists->n; i++)
        table->insert(second[i]);
    for (size_t i = 0; i < lists->n; i++)
        if (table->contains(first[i]))
            common[found++] = first[i];
    return found;
}

static void run(void *state) noexcept {
    lists_run(static_cast<struct lists *>(state), intersect);
}

PEER(abseil) = {
    .name = "abseil", .run = run, .summary = "absl::flat_hash_set", .prepare = prepare, .release = release};
