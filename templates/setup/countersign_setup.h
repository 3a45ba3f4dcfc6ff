/* What the user's setup is to the kernel: its functions, as each file's code has them, and the states that they made. */
#ifndef COUNTERSIGN_SETUP_H
#define COUNTERSIGN_SETUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SETUP_MOST_VARIANTS 8

struct setup_functions {
    void (*call)(void *state); /**< first: by the first pointer, machine code is told from another's */
    void *(*make)(uint64_t seed, size_t n);
    bool (*compare)(const void *a, const void *b);
    void (*destroy)(void *state);
    void (*reset)(void *state);         /**< NULL: states are made anew */
    size_t (*items)(const void *state); /**< NULL: a call is an item */
    size_t state_size;                  /**< 0 where it is not known */
};

/** States of all calls, made by one file's code, which alone touches them; but for compare, the baseline's. */
struct setup_set {
    const struct setup_functions *functions;
    void **states;
    bool made, called;
};

struct setup {
    size_t length, calls;
    uint64_t *seeds;
    struct setup_set expected;                     /**< on which the baseline was called, once and for all */
    struct setup_set sets[SETUP_MOST_VARIANTS][2]; /**< [1]: of a second copy of this module, the placebo's */
    struct setup_set *last;                        /**< whose states were called last */
    unsigned char *equal, *left; /**< by call: 1 where compare finds the answer equal; a copy */
    struct setup_set *asked;     /**< of whose variant outputs were asked for since the last reset */
    bool seedless;               /**< answers are equal over seeds */
};

/** The states of a variant as the code of `functions` made them; of a copy's code, others. */
static inline struct setup_set *setup_find(struct setup *setup, size_t variant,
                                           const struct setup_functions *functions) {
    struct setup_set *own = &setup->sets[variant][0];
    return own->functions == functions ? own : own + 1;
}

/** Makes the states that the first run of a process finds missing; it is a verified one, and not timed. */
void setup_make(const struct setup *setup, struct setup_set *set, const struct setup_functions *functions);

#endif
