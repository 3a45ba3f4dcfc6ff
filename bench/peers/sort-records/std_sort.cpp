#include "peer.h"

extern "C" {
#include "sort-records.h"
}

#include <algorithm>

static bool before(const struct record &a, const struct record &b) {
    return a.key != b.key ? a.key < b.key : a.id < b.id;
}

static void sort(const struct records *records, const struct record *input, struct record *sorted) noexcept {
    std::copy(input, input + records->n, sorted);
    std::sort(sorted, sorted + records->n, before);
}

static void run(void *state) noexcept {
    records_run(static_cast<struct records *>(state), sort);
}

PEER(std_sort) = {.name = "std_sort", .run = run, .summary = "std::sort"};
