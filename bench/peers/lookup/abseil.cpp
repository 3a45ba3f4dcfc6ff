#include "peer.h"

extern "C" {
#include "lookup.h"
}

#include <absl/container/flat_hash_map.h>

using map = absl::flat_hash_map<uint32_t, uint32_t>;

static map *&table_of(const void *state) {
    return *static_cast<map **>(peer_state(state));
}

static int prepare(const struct cs_env *, void *state) noexcept {
    const auto *lookup = static_cast<const struct lookup *>(state);
    map *table = table_of(state) = new map;
    table->reserve(lookup->n);
    for (size_t i = 0; i < lookup->n; i++)
        table->emplace(lookup->ids[i], static_cast<uint32_t>(i));
    return 0;
}

static void release(void *state) noexcept {
    delete table_of(state);
}

static void run(void *state) noexcept {
    auto *lookup = static_cast<struct lookup *>(state);
    const uint32_t *queries = lookup_take_window(lookup);
    const map &ids = *table_of(state);
    for (size_t i = 0; i < lookup->window_size; i++) {
        auto found = ids.find(queries[i]);
        lookup->answers[i] = found == ids.end() ? LOOKUP_NONE : found->second;
    }
}

PEER(abseil) = {
    .name = "abseil", .run = run, .summary = "absl::flat_hash_map", .prepare = prepare, .release = release};
