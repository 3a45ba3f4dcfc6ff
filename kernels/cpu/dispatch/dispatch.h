/* State of the dispatch kernel: objects of several types, each with a function of its own. */
#ifndef DISPATCH_H
#define DISPATCH_H

#include <countersign.h>

#define DISPATCH_TYPES 16

/** What an object's type does with its value. */
typedef uint32_t dispatch_function(uint32_t value);

/** An object knows its type, and where its answer goes: its place in the window. */
struct dispatch_object {
    uint32_t value;
    uint16_t type, place;
};

struct dispatch {
    struct dispatch_object *pool; /**< pool_size objects in mixed order, a whole number of windows */
    size_t pool_size;
    size_t n;    /**< objects of one run: a window */
    size_t next; /**< where in the pool the next run's window starts */
    uint32_t *answers;
    dispatch_function *const *functions; /**< DISPATCH_TYPES, in dispatch_functions.c */

    struct dispatch_object *grouped; /**< grouped: each window of the pool ordered by type */
};

/** Where in a pool this run's window starts; it moves on, because a predictor learns an order that comes again. */
static inline size_t dispatch_take_window(struct dispatch *dispatch) {
    return cs_window(&dispatch->next, dispatch->n, dispatch->pool_size);
}

/*
 * What the types do: some arithmetic, different enough that no compiler makes one function of two.
 * DISPATCH_EACH(X) is X(type, expression of `value`) for every type.
 */
#define DISPATCH_EACH(X)                                                                                     \
    X(0, value * 3 + 1)                                                                                      \
    X(1, value ^ value >> 3)                                                                                 \
    X(2, (value << 5) - value)                                                                               \
    X(3, value *value)                                                                                       \
    X(4, ~value + (value >> 7))                                                                              \
    X(5, value * 7 - 5)                                                                                      \
    X(6, (value | 255) + value)                                                                              \
    X(7, value ^ value << 9)                                                                                 \
    X(8, value * 11 + 13)                                                                                    \
    X(9, (value >> 2) * 5)                                                                                   \
    X(10, value - (value >> 11))                                                                             \
    X(11, (value & 0xff00ff) * 3)                                                                            \
    X(12, value * 13 ^ 21)                                                                                   \
    X(13, (value << 16 | value >> 16) + 1)                                                                   \
    X(14, value + (value << 4) - 3)                                                                          \
    X(15, (value ^ 0x5a5a5a5a) * 9)

void run_indirect(void *state);
void run_switch(void *state);

int prepare_grouped(const struct cs_env *env, void *state);
void run_grouped(void *state);

/** The functions of all types. */
extern dispatch_function *const dispatch_functions[DISPATCH_TYPES];

#endif
