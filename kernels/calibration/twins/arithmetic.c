/* Answers of the kinds that wait for arithmetic. */
#include "twins.h"

/* In whole numbers. */
static uint64_t expect_latency(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    int64_t value = 0;
    for (size_t i = 0; i < state->kind->steps; i++)
        value = (input[i] & 1 ? -value : value) + input[i] + 1;
    return (uint64_t)value;
}

const struct twins_kind twins_latency = {
    .steps = 2000, .step_bytes = 1, .windows = 101, .expect = expect_latency};

/* Long division in base 2. */
static uint64_t divide(uint64_t dividend, uint64_t divisor) {
    uint64_t quotient = 0, rest = 0;
    for (int bit = 63; bit >= 0; bit--) {
        rest = rest << 1 | (dividend >> bit & 1);
        quotient = quotient << 1 | (rest >= divisor);
        rest -= rest >= divisor ? divisor : 0;
    }
    return quotient;
}

static uint64_t expect_division(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    uint64_t value = 1;
    for (size_t i = 0; i < state->kind->steps; i++)
        value = divide(twins_load64(input + i), value % 65536 + 1) + input[i];
    return value;
}

const struct twins_kind twins_division = {
    .steps = 700, .step_bytes = 1, .windows = 101, .expect = expect_division};
