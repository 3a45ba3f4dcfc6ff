/* What the user's setup is to the kernel: its functions, as each file's code has them, and the states that they made. */
#ifndef COUNTERSIGN_SETUP_H
#define COUNTERSIGN_SETUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SETUP_MOST_VARIANTS 8

/** Where two answers differ, in words. */
struct setup_difference {
    char place[96], got[64], expected[64];
};

struct setup_functions {
    void (*call)(void *state); /**< first: by the first pointer, machine code is told from another's */
    void *(*make)(uint64_t seed, size_t n);
    bool (*compare)(const void *a, const void *b); /**< of states; NULL: of their answers */
    void *(*answer)(const void *state);            /**< a copy that forget frees */
    void (*forget)(void *answer);
    bool (*same)(const void *expected, const void *got, double tolerance,
                 struct setup_difference *difference); /**< difference may be NULL */
    void (*destroy)(void *state);
    void (*reset)(void *state);         /**< NULL: states are made anew */
    size_t (*items)(const void *state); /**< NULL: a call is an item */
    size_t state_size;                  /**< 0 where it is not known */
    size_t answer_size;
};

/** States of all calls, made by one file's code, which alone touches them; but for compare, the baseline's. */
struct setup_set {
    const struct setup_functions *functions;
    void **states;
    void **answers; /**< of the expected set alone */
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
    char place[112];             /**< of a difference */
};

/** The states of a variant as the code of `functions` made them; of a copy's code, others. */
static inline struct setup_set *setup_find(struct setup *setup, size_t variant,
                                           const struct setup_functions *functions) {
    struct setup_set *own = &setup->sets[variant][0];
    return own->functions == functions ? own : own + 1;
}

/** By bits, since flags of the user's may let the compiler take all numbers for finite: 0 finite, 1 infinite, 2 none. */
static inline int setup_class(double real) {
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    return (bits >> 52 & 0x7ff) != 0x7ff ? 0 : bits << 12 ? 2 : 1;
}

/** Whether two numbers are equal, or no further apart than the tolerance times the larger magnitude. */
static inline bool setup_is_close(double expected, double got, double tolerance) {
    if (setup_class(expected) || setup_class(got))
        return setup_class(expected) == 1 ? setup_class(got) == 1 && (expected > 0) == (got > 0)
                                          : setup_class(expected) == 2 && setup_class(got) == 2;
    double apart = expected < got ? got - expected : expected - got;
    double a = expected < 0 ? -expected : expected, b = got < 0 ? -got : got;
    return apart == 0 || (tolerance > 0 && apart <= tolerance * (a < b ? b : a));
}

#ifndef __cplusplus
/** What `same` is for answers of C, which are numbers. */
static inline bool setup_same_real(double expected, double got, double tolerance,
                                   struct setup_difference *difference) {
    if (setup_is_close(expected, got, tolerance))
        return true;
    if (difference) {
        snprintf(difference->got, sizeof difference->got, "%.17g", got);
        snprintf(difference->expected, sizeof difference->expected, "%.17g", expected);
        snprintf(difference->place, sizeof difference->place, "answer");
    }
    return false;
}

static inline bool setup_same_whole(int64_t expected, int64_t got, bool has_sign,
                                    struct setup_difference *difference) {
    if (expected == got)
        return true;
    if (difference) {
        snprintf(difference->got, sizeof difference->got, has_sign ? "%lld" : "%llu", (long long)got);
        snprintf(difference->expected, sizeof difference->expected, has_sign ? "%lld" : "%llu",
                 (long long)expected);
        snprintf(difference->place, sizeof difference->place, "answer");
    }
    return false;
}
#endif

/** Makes the states that the first run of a process finds missing; it is a verified one, and not timed. */
void setup_make(const struct setup *setup, struct setup_set *set, const struct setup_functions *functions);

#endif
