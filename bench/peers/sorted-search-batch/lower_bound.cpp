#include "peer.h"

extern "C" {
#include "sorted-search-batch.h"
}

#include <algorithm>

static void run(void *state) noexcept {
    auto *searches = static_cast<struct searches *>(state);
    const uint32_t *queries = searches_take_batch(searches), *begin = searches->keys,
                   *end = begin + searches->n;
    for (size_t i = 0; i < searches->batch; i++)
        searches->answers[i] = static_cast<uint32_t>(std::lower_bound(begin, end, queries[i]) - begin);
}

PEER(lower_bound) = {.name = "lower_bound", .run = run, .summary = "std::lower_bound"};
