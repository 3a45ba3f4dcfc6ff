/* Timed text of the kinds that move memory. */
#include "memory_state.h"

/* Where the answer is two words of a buffer, a copy that is a byte short or late shows. */
static inline uint64_t ends_of(const unsigned char *buffer, size_t bytes) {
    return twins_load64(buffer) + 3 * twins_load64(buffer + bytes - sizeof(uint64_t));
}

/* Where in a page this lies against the input, which stays the same, decides how fast the copies are. */
static unsigned char placed[TWINS_PLACED_BYTES];

TIMED run_placement(const struct twins_state *state, const unsigned char *input, size_t steps) {
    uint64_t total = 0;
    (void)state;
    for (size_t i = 0; i < steps; i++) {
        memcpy(placed, input, TWINS_PLACED_BYTES);
        memcpy(placed + 1, input, TWINS_PLACED_BYTES - 1);
        __asm__ volatile("" : : : "memory");
        total = 5 * total + ends_of(placed, TWINS_PLACED_BYTES);
    }
    return total;
}

/* Pages that no cache has held since they were copied last, many runs ago. */
TIMED run_copy_far(const struct twins_state *state, const unsigned char *input, size_t steps) {
    const struct twins_far *far = state->own;
    size_t run = state->last_window * state->kind->steps;
    uint64_t total = 0;
    (void)input;
    for (size_t i = 0; i < steps; i++) {
        size_t at = (run + i) * TWINS_PAGE;
        memcpy(far->to + at, far->from + at, TWINS_PAGE);
        total += twins_load64(far->to + at) + 3 * twins_load64(far->to + at + TWINS_PAGE - TWINS_LINE);
    }
    return total;
}

static unsigned char moved[TWINS_MOVED_BYTES];

/* The processor's own copy, of pieces of all lengths. */
static inline void move_string(unsigned char *to, const unsigned char *from, size_t bytes) {
#ifdef __x86_64__
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
#else
    memcpy(to, from, bytes);
    __asm__ volatile("" : : "r"(to) : "memory");
#endif
}

TIMED run_string(const struct twins_state *state, const unsigned char *input, size_t steps) {
    uint64_t total = 0;
    (void)state;
    for (size_t i = 0; i < steps; i++) {
        const unsigned char *from = input + i * TWINS_MOVED_STEP;
        size_t bytes = twins_moved_length(from);
        move_string(moved, from, bytes);
        total += ends_of(moved, bytes);
    }
    return total;
}

static unsigned char filled[TWINS_FILLED_BYTES];

TIMED run_fill(const struct twins_state *state, const unsigned char *input, size_t steps) {
    uint64_t total = 0;
    (void)state;
    for (size_t i = 0; i < steps; i++) {
        size_t offset = twins_fill_offset(input + 4 * i), bytes = twins_fill_length(input + 4 * i);
        memset(filled + offset, input[4 * i + 3], bytes);
        total = 5 * total + twins_load64(filled + offset) + twins_load64(filled + offset + bytes - 8);
    }
    return total;
}

TIMED run_list(const struct twins_state *state, const unsigned char *input, size_t steps) {
    const struct twins_list *list = state->own;
    const struct twins_node *node = list->nodes[twins_load32(input) % TWINS_NODES];
    uint64_t total = 0;
    for (size_t i = 0; i < steps; i++, node = node->next)
        total = (total << 1 | total >> 63) + node->value;
    return total;
}

/* A count read soon after it was written: the load takes it from the store that is still under way. */
TIMED run_forwarding(const struct twins_state *state, const unsigned char *input, size_t steps) {
    uint32_t counts[TWINS_BINS] = {0};
    uint64_t total = 0;
    (void)state;
    for (size_t i = 0; i < steps; i++)
        counts[input[i] % TWINS_BINS]++;
    for (size_t bin = 0; bin < TWINS_BINS; bin++)
        total += counts[bin] * twins_mix(bin + 1);
    return total;
}
