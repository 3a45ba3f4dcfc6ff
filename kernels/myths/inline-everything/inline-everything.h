/* State of the inline-everything kernel: messages of many types, whose handlers begin with the same function. */
#ifndef INLINE_EVERYTHING_H
#define INLINE_EVERYTHING_H

#include <countersign.h>

#define LANES 6
#define MOST_TYPES 256

struct message {
    uint64_t lane[LANES];
};

/** Of the variants, by their order in the descriptor. */
enum { VARIANT_CALLED, VARIANT_INLINED, VARIANTS };

/** Everything a run reads. */
struct handling {
    const struct message *messages; /**< n */
    struct message *results;        /**< the answer: n, decoded with the keys of their types */
    size_t n;
    const unsigned char *types; /**< pool_size, a whole number of windows of n */
    size_t pool_size, next;     /**< where in the pool the next run's window starts */
    size_t code[VARIANTS];      /**< bytes of machine code of all handlers */
    uint64_t handled[VARIANTS]; /**< messages since setup */
};

/** What is added to a lane in each round, of a type. */
#define TYPE_KEY(type) (0x3c6ef372u + (type))

/**
 * A lane, decoded. Six are a hundred instructions that hardly wait for each other. The barrier keeps each lane in a
 * register of its own: vectors of lanes would be another question.
 */
static inline uint64_t decode_lane(uint64_t x, uint64_t key) {
    __asm__("" : "+r"(x));
    for (int round = 0; round < 3; round++) {
        x += key;
        x ^= x >> 33;
        x = x << 23 | x >> 41;
    }
    return x;
}

static inline __attribute__((always_inline)) void
decode(struct message *restrict result, const struct message *restrict message, uint64_t key) {
    for (int lane = 0; lane < LANES; lane++)
        result->lane[lane] = decode_lane(message->lane[lane], key);
}

/*
 * A handler does something of its own besides, for which a comment in the machine code stands: else clang makes one
 * handler of all, and a table of keys.
 */
#define HANDLER(type)                                                                                        \
    case (type):                                                                                             \
        DECODE(&results[i], &messages[i], TYPE_KEY(type));                                                   \
        __asm__ volatile("# handler %c0" : : "i"(type));                                                     \
        break;
#define HANDLERS_4(t) HANDLER(t) HANDLER((t) + 1) HANDLER((t) + 2) HANDLER((t) + 3)
#define HANDLERS_16(t) HANDLERS_4(t) HANDLERS_4((t) + 4) HANDLERS_4((t) + 8) HANDLERS_4((t) + 12)
#define HANDLERS_64(t) HANDLERS_16(t) HANDLERS_16((t) + 16) HANDLERS_16((t) + 32) HANDLERS_16((t) + 48)

/** A handler for each of 256 types, by DECODE(result, message, key). */
#define HANDLE_ALL(handling, variant)                                                                        \
    const struct message *messages = (handling)->messages;                                                   \
    struct message *results = (handling)->results;                                                           \
    size_t n = (handling)->n;                                                                                \
    const unsigned char *types = (handling)->types + cs_window(&(handling)->next, n, (handling)->pool_size); \
    for (size_t i = 0; i < n; i++)                                                                           \
        switch (types[i]) { HANDLERS_64(0) HANDLERS_64(64) HANDLERS_64(128) HANDLERS_64(192) }               \
    (handling)->handled[variant] += n;

/** Visible, so that the loader knows their sizes. */
__attribute__((visibility("default"))) void run_called(void *state);
__attribute__((visibility("default"))) void run_inlined(void *state);

#endif
