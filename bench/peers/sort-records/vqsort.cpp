#include "peer.h"

extern "C" {
#include "sort-records.h"
}

#include <cstring>
#include <hwy/contrib/sort/vqsort.h>

static hwy::Sorter *&sorter_of(const void *state) {
    return *static_cast<hwy::Sorter **>(peer_state(state));
}

static int prepare(const struct cs_env *, void *state) noexcept {
    sorter_of(state) = new hwy::Sorter;
    return 0;
}

static void release(void *state) noexcept {
    delete sorter_of(state);
}

/* It sorts numbers: key and id become the upper half of one of 128 bits, and are parted again after. */
static void sort(const struct records *records, const struct record *input, struct record *sorted) noexcept {
    auto *numbers = reinterpret_cast<hwy::uint128_t *>(sorted);
    size_t n = records->n;
    for (size_t i = 0; i < n; i++) {
        hwy::uint128_t number;
        number.hi = static_cast<uint64_t>(input[i].key) << 32 | input[i].id;
        number.lo = input[i].value;
        memcpy(&sorted[i], &number, sizeof number);
    }
    (*sorter_of(records))(numbers, n, hwy::SortAscending());
    for (size_t i = 0; i < n; i++) {
        hwy::uint128_t number;
        memcpy(&number, &sorted[i], sizeof number);
        sorted[i] = {static_cast<uint32_t>(number.hi >> 32), static_cast<uint32_t>(number.hi), number.lo};
    }
}

static void run(void *state) noexcept {
    records_run(static_cast<struct records *>(state), sort);
}

PEER(vqsort) = {
    .name = "vqsort", .run = run, .summary = "Highway's vqsort", .prepare = prepare, .release = release};
