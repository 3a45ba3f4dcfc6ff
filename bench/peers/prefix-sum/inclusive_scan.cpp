#include "peer.h"

extern "C" {
#include "prefix-sum.h"
}

#include <numeric>

static void run(void *state) noexcept {
    auto *prefix = static_cast<struct prefix_sum *>(state);
    std::inclusive_scan(prefix->numbers, prefix->numbers + prefix->n, prefix->sums);
}

PEER(inclusive_scan) = {.name = "inclusive_scan", .run = run, .summary = "std::inclusive_scan"};
