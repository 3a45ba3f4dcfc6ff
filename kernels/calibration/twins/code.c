/* Inputs and answers of the kinds whose speed is a matter of code. */
#include "code_state.h"

/* Windows that need a predictor hold a million random bytes, more than any learns. */

static uint64_t expect_dead_code(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    uint64_t total = 0;
    for (size_t i = 0; i < state->kind->steps; i++) {
        uint64_t word = twins_load32(input + 4 * i), taken = -(word >> 8 & 1);
        total = ((total + word) & taken) | ((total ^ word >> 3) & ~taken);
        total -= 7 * (word >> 14 & 1);
    }
    return total;
}

const struct twins_kind twins_dead_code = {
    .steps = 1000, .step_bytes = 4, .windows = 251, .expect = expect_dead_code};

/* A rotation is what the multiplication loses, added again. */
static uint64_t expect_helper(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    uint64_t total = 0;
    for (size_t i = 0; i < state->kind->steps; i++) {
        uint64_t high = total / (UINT64_C(1) << 61);
        total = total * 8 + high + input[i] + 1;
    }
    return total;
}

const struct twins_kind twins_helper = {
    .steps = 4000, .step_bytes = 1, .windows = 61, .expect = expect_helper};

static uint64_t area_of(const unsigned char *shape) {
    uint64_t width = shape[1], height = shape[2];
    switch (shape[0] % TWINS_SHAPES) {
    case 0:
        return width * width;
    case 1:
        return width * height;
    case 2:
        return width * height / 2;
    default:
        return 2 * (width + height) + 4;
    }
}

static uint64_t expect_indirect(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    uint64_t total = 0;
    for (size_t i = 0; i < state->kind->steps; i++)
        total = 3 * total + area_of(input + i * TWINS_SHAPE_BYTES);
    return total;
}

const struct twins_kind twins_indirect = {
    .steps = 700, .step_bytes = TWINS_SHAPE_BYTES, .windows = 499, .expect = expect_indirect};

/* Every result of an operation, of which one is taken. */
static uint64_t interpret(uint64_t value, unsigned char byte) {
    uint64_t operand = byte >> 3;
    const uint64_t results[] = {[TWINS_ADD] = value + operand,
                                [TWINS_SUBTRACT] = value - operand,
                                [TWINS_MULTIPLY] = value + 2 * value * operand,
                                [TWINS_XOR] = (value | operand) - (value & operand),
                                [TWINS_ROTATE] = value * 128 + value / (UINT64_C(1) << 57),
                                [TWINS_INVERT] = -value - 1,
                                [TWINS_FOLD] = value ^ value / (UINT64_C(1) << 29),
                                [TWINS_SHIFT_ADD] = value * (1 + (UINT64_C(1) << operand % 8))};
    return results[byte % 8];
}

static uint64_t expect_interpreter(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    uint64_t value = 1;
    for (size_t i = 0; i < state->kind->steps; i++)
        value = interpret(value, input[i]);
    return value;
}

const struct twins_kind twins_interpreter = {
    .steps = 1500, .step_bytes = 1, .windows = 673, .expect = expect_interpreter};

/* A value's place is the number of those that come before it. */
static uint64_t expect_sort(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    uint64_t total = 0;
    for (size_t i = 0; i < state->kind->steps; i++, input += sizeof(uint32_t) * TWINS_SORTED)
        for (size_t a = 0; a < TWINS_SORTED; a++) {
            uint32_t value = twins_load32(input + 4 * a);
            size_t place = 0;
            for (size_t b = 0; b < TWINS_SORTED; b++) {
                uint32_t other = twins_load32(input + 4 * b);
                place += other < value || (other == value && b < a);
            }
            total += (place + 1) * value;
        }
    return total;
}

const struct twins_kind twins_sort = {
    .steps = 40, .step_bytes = sizeof(uint32_t) * TWINS_SORTED, .windows = 401, .expect = expect_sort};

static int start_hash(struct twins_state *state, const struct cs_env *env) {
    struct twins_table *table = cs_array(env, "table", 1, struct twins_table);
    state->own = table;
    for (uint32_t number = 0; number < TWINS_KEYS; number++) {
        size_t slot = twins_slot(twins_key(number));
        while (table->slots[slot].key)
            slot = (slot + 1) % TWINS_SLOTS;
        table->slots[slot].key = twins_key(number);
        table->slots[slot].value = number + 2;
    }
    return 0;
}

static uint64_t expect_hash(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    uint64_t total = 0;
    for (size_t i = 0; i < state->kind->steps; i++) {
        uint32_t number = (twins_load32(input + 2 * i) & 0xffff) % (2 * TWINS_KEYS);
        total += number < TWINS_KEYS ? number + 2 : 1;
    }
    return total;
}

const struct twins_kind twins_hash = {
    .steps = 700, .step_bytes = 2, .windows = 701, .start = start_hash, .expect = expect_hash};

/* The power by squaring. */
static uint64_t expect_skewed(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    size_t times = state->kind->steps * (twins_is_slow(input) ? TWINS_SLOWER : 1);
    uint64_t value = twins_load64(input) | 1;
    for (uint64_t power = TWINS_MULTIPLIER; times; times >>= 1, power *= power)
        if (times & 1)
            value *= power;
    return value;
}

/* Of the windows, about 31 are slow. */
const struct twins_kind twins_skewed = {
    .steps = 2000, .step_bytes = 1, .windows = 499, .expect = expect_skewed};
