/* Answers of the kinds with state of their file. */
#include "statics_state.h"

static uint64_t expect_heap_history(const struct twins_state *state) {
    uint64_t first = twins_load32(twins_input(state, state->last_window)) % TWINS_BLOCKS, total = 0;
    for (size_t i = 0; i < state->kind->steps; i++)
        total = (total << 1 | total >> 63) + twins_mix((first + i) % TWINS_BLOCKS + 1);
    return total;
}

const struct twins_kind twins_heap_history = {
    .steps = 1000, .step_bytes = 1, .windows = 101, .expect = expect_heap_history};

/* Bit by bit, without a table. */
static uint64_t expect_warm_up(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    uint64_t rest = ~UINT64_C(0);
    for (size_t i = 0; i < state->kind->steps; i++) {
        rest ^= input[i];
        for (int bit = 0; bit < 8; bit++)
            rest = rest >> 1 ^ (TWINS_POLYNOMIAL & -(rest & 1));
    }
    return ~rest;
}

const struct twins_kind twins_warm_up = {
    .steps = 3000, .step_bytes = 1, .windows = 101, .expect = expect_warm_up};

static uint64_t expect_per_thread(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    uint64_t total = 0;
    for (size_t i = 0; i < state->kind->steps; i++)
        total += (uint64_t)input[i] * input[i] + 1;
    return total;
}

const struct twins_kind twins_per_thread = {
    .steps = 8000, .step_bytes = 1, .windows = 31, .expect = expect_per_thread};

static uint64_t expect_atomic(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    uint64_t total = 0;
    for (size_t i = 0; i < state->kind->steps; i++)
        total += (2 * (input[i] % TWINS_SUMS) + 1) * (input[i] + UINT64_C(1));
    return total;
}

const struct twins_kind twins_atomic = {
    .steps = 1500, .step_bytes = 1, .windows = 101, .expect = expect_atomic};
