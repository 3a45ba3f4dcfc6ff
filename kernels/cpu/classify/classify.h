/* State of the classify kernel: bytes of text, and the class of each. */
#ifndef CLASSIFY_H
#define CLASSIFY_H

#include <countersign.h>

enum character_class { LOWER, SPACE, UPPER, DIGIT, CONTROL, PUNCTUATION, OTHER, CLASSES };

struct classify {
    uint8_t *pool; /**< pool_size bytes, a whole number of windows */
    size_t pool_size;
    size_t n;         /**< bytes of one run: a window, an even number */
    size_t next;      /**< where in the pool the next run's window starts */
    uint8_t *classes; /**< of the last run's bytes */

    uint8_t *table;  /**< table: 256 classes */
    uint16_t *pairs; /**< pairs: the classes of two bytes, for each two, in the order of memory */
};

/** The bytes of this run: the window moves on, because a branch predictor learns a text that comes again. */
static inline const uint8_t *classify_take_window(struct classify *classify) {
    return classify->pool + cs_window(&classify->next, classify->n, classify->pool_size);
}

/** The class of a byte of ASCII; the most frequent ones of a text are asked for first. */
static inline uint8_t classify_byte(uint8_t byte) {
    if (byte >= 'a' && byte <= 'z')
        return LOWER;
    if (byte == ' ' || byte == '\n' || byte == '\t')
        return SPACE;
    if (byte >= 'A' && byte <= 'Z')
        return UPPER;
    if (byte >= '0' && byte <= '9')
        return DIGIT;
    if (byte < ' ' || byte == 127)
        return CONTROL;
    return byte < 127 ? PUNCTUATION : OTHER;
}

void run_chain(void *state);

int prepare_table(const struct cs_env *env, void *state);
void run_table(void *state);

int prepare_pairs(const struct cs_env *env, void *state);
void run_pairs(void *state);

#endif
