/* Timed text of the kinds whose speed is a matter of code: branches, calls, dispatch. */
#include "code_state.h"

/* The barriers keep either side a branch: without them compilers choose conditional moves. */
TIMED run_dead_code(const struct twins_state *state, const unsigned char *input, size_t steps) {
    uint64_t total = 0;
    (void)state;
    for (size_t i = 0; i < steps; i++) {
        uint64_t word = twins_load32(input + 4 * i);
        if (word & 0x100) {
            total += word;
            __asm__ volatile("" : "+r"(total));
        } else {
            total ^= word >> 3;
            __asm__ volatile("" : "+r"(total));
        }
        if (word & 0x4000) {
            total -= 7;
            __asm__ volatile("" : "+r"(total));
        }
    }
    return total;
}

TIMED run_helper(const struct twins_state *state, const unsigned char *input, size_t steps) {
    uint64_t total = 0;
    (void)state;
    for (size_t i = 0; i < steps; i++)
        total = twins_helper_add(total, input[i]);
    return total;
}

static uint64_t area_of_square(const unsigned char *shape) {
    return (uint64_t)shape[1] * shape[1];
}
static uint64_t area_of_rectangle(const unsigned char *shape) {
    return (uint64_t)shape[1] * shape[2];
}
static uint64_t area_of_triangle(const unsigned char *shape) {
    return (uint64_t)(0.5 * shape[1] * shape[2]);
}
static uint64_t area_of_frame(const unsigned char *shape) {
    return (uint64_t)(shape[1] + 2) * (uint64_t)(shape[2] + 2) - (uint64_t)shape[1] * shape[2];
}

TIMED run_indirect(const struct twins_state *state, const unsigned char *input, size_t steps) {
    static uint64_t (*const areas[TWINS_SHAPES])(const unsigned char *shape) = {
        area_of_square, area_of_rectangle, area_of_triangle, area_of_frame};
    uint64_t total = 0;
    (void)state;
    for (size_t i = 0; i < steps; i++, input += TWINS_SHAPE_BYTES)
        total = 3 * total + areas[input[0] % TWINS_SHAPES](input);
    return total;
}

TIMED run_interpreter(const struct twins_state *state, const unsigned char *input, size_t steps) {
    uint64_t value = 1;
    (void)state;
    for (size_t i = 0; i < steps; i++) {
        uint64_t operand = input[i] >> 3;
        switch (input[i] & 7) {
        case TWINS_ADD:
            value += operand;
            break;
        case TWINS_SUBTRACT:
            value -= operand;
            break;
        case TWINS_MULTIPLY:
            value *= 2 * operand + 1;
            break;
        case TWINS_XOR:
            value ^= operand;
            break;
        case TWINS_ROTATE:
            value = value << 7 | value >> 57;
            break;
        case TWINS_INVERT:
            value = ~value;
            break;
        case TWINS_FOLD:
            value ^= value >> 29;
            break;
        default:
            value += value << (operand & 7);
            break;
        }
    }
    return value;
}

/* By insertion, in place, each array in its turn. */
TIMED run_sort(const struct twins_state *state, const unsigned char *input, size_t steps) {
    uint64_t total = 0;
    (void)state;
    for (size_t i = 0; i < steps; i++, input += sizeof(uint32_t) * TWINS_SORTED) {
        uint32_t array[TWINS_SORTED];
        memcpy(array, input, sizeof array);
        for (size_t at = 1; at < TWINS_SORTED; at++) {
            uint32_t value = array[at];
            size_t to = at;
            for (; to > 0 && array[to - 1] > value; to--)
                array[to] = array[to - 1];
            array[to] = value;
        }
        for (size_t at = 0; at < TWINS_SORTED; at++)
            total += (at + 1) * array[at];
    }
    return total;
}

/* Half of the keys are there. */
TIMED run_hash(const struct twins_state *state, const unsigned char *input, size_t steps) {
    const struct twins_table *table = state->own;
    uint64_t total = 0;
    for (size_t i = 0; i < steps; i++) {
        uint32_t key = twins_asked(input + 2 * i);
        size_t slot = twins_slot(key);
        while (table->slots[slot].key && table->slots[slot].key != key)
            slot = (slot + 1) % TWINS_SLOTS;
        total += table->slots[slot].key ? table->slots[slot].value : 1;
    }
    return total;
}

/* One run in sixteen, as the input says, takes ten times as long. */
TIMED run_skewed(const struct twins_state *state, const unsigned char *input, size_t steps) {
    uint64_t value = twins_load64(input) | 1;
    (void)state;
    if (twins_is_slow(input))
        steps *= TWINS_SLOWER;
    for (size_t i = 0; i < steps; i++) {
        value *= TWINS_MULTIPLIER;
        __asm__ volatile("" : "+r"(value));
    }
    return value;
}
