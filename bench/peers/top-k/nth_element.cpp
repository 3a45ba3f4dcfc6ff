#include "peer.h"

extern "C" {
#include "top-k.h"
}

#include <algorithm>

static uint32_t *&copy_of(const void *state) {
    return *static_cast<uint32_t **>(peer_state(state));
}

static int prepare(const struct cs_env *env, void *state) noexcept {
    copy_of(state) = cs_array(env, "values while split", static_cast<struct top *>(state)->n, uint32_t);
    return 0;
}

static void run(void *state) noexcept {
    auto *top = static_cast<struct top *>(state);
    const uint32_t *values = top_take_window(top);
    uint32_t *copy = copy_of(state);
    std::copy(values, values + top->n, copy);
    uint32_t *at = copy + (top->n - top->k), *end = copy + top->n;
    std::nth_element(copy, at, end);
    std::copy(at, end, top->answer);
}

PEER(nth_element) = {.name = "nth_element", .run = run, .summary = "std::nth_element", .prepare = prepare};
