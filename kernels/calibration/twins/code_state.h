/* Inputs of the kinds whose speed is a matter of code. */
#ifndef TWINS_CODE_STATE_H
#define TWINS_CODE_STATE_H

#include "twins.h"

/** In a file of its own, which both variants call. */
uint64_t twins_helper_add(uint64_t total, unsigned char byte);

#define TWINS_SHAPES 4
#define TWINS_SHAPE_BYTES 3 /**< which shape, and two lengths */

enum {
    TWINS_ADD,
    TWINS_SUBTRACT,
    TWINS_MULTIPLY,
    TWINS_XOR,
    TWINS_ROTATE,
    TWINS_INVERT,
    TWINS_FOLD,
    TWINS_SHIFT_ADD
};

#define TWINS_SORTED 16 /**< values of an array */

#define TWINS_KEYS 1024
#define TWINS_SLOTS 4096

/** Open addressing, linear probing; key 0 is an empty slot. */
struct twins_table {
    struct {
        uint32_t key, value;
    } slots[TWINS_SLOTS];
};

/** The key of that number; those below TWINS_KEYS are in the table. A bijection, and never 0. */
static inline uint32_t twins_key(uint32_t number) {
    return (number + 1) * 0x9e3779b1u;
}
static inline uint32_t twins_asked(const unsigned char *step) {
    return twins_key((twins_load32(step) & 0xffff) % (2 * TWINS_KEYS));
}
static inline size_t twins_slot(uint32_t key) {
    return (key ^ key >> 15) % TWINS_SLOTS;
}

#define TWINS_MULTIPLIER 0x9e3779b97f4a7c15u
#define TWINS_SLOWER 10

static inline int twins_is_slow(const unsigned char *input) {
    return input[0] % 16 == 0;
}

#endif
