#include "peer.h"

extern "C" {
#include "lookup.h"
}

#include <algorithm>

struct sorted {
    uint32_t *ids, *indices;
};

static int prepare(const struct cs_env *env, void *state) noexcept {
    const auto *lookup = static_cast<const struct lookup *>(state);
    auto *sorted = static_cast<struct sorted *>(peer_state(state));
    sorted->ids = cs_array(env, "sorted ids", lookup->n, uint32_t);
    sorted->indices = cs_array(env, "indices of sorted ids", lookup->n, uint32_t);
    lookup_sort(env, lookup, sorted->ids, sorted->indices);
    return 0;
}

static void run(void *state) noexcept {
    auto *lookup = static_cast<struct lookup *>(state);
    const auto *sorted = static_cast<struct sorted *>(peer_state(state));
    const uint32_t *queries = lookup_take_window(lookup), *begin = sorted->ids, *end = begin + lookup->n;
    for (size_t i = 0; i < lookup->window_size; i++) {
        const uint32_t *found = std::lower_bound(begin, end, queries[i]);
        lookup->answers[i] =
            found < end && *found == queries[i] ? sorted->indices[found - begin] : LOOKUP_NONE;
    }
}

PEER(lower_bound) = {.name = "lower_bound", .run = run, .summary = "std::lower_bound", .prepare = prepare};
