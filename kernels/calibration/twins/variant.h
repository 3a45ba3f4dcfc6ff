/*
 * The text of both variants, compiled once in each one's source file, which defines
 *     RUN    name of the run function
 * before it includes this. Functions of kinds are never inlined, so that the dispatch costs every kind the
 * same.
 */
#include "twins.h"

#define TIMED static __attribute__((noinline)) uint64_t

#include "arithmetic.h"
#include "calls.h"
#include "code.h"
#include "memory.h"
#include "statics.h"

void RUN(void *opaque) {
    struct twins_state *state = opaque;
    size_t window = state->window, steps = state->steps;
    const unsigned char *input = twins_input(state, window);
    state->last_window = window;
    state->window = window + 1 < state->windows ? window + 1 : 0;
    state->steps_done += steps;
    switch (state->id) {
#define KIND(id, name)                                                                                       \
    case TWINS_##id:                                                                                         \
        state->answer = run_##id(state, input, steps);                                                       \
        break;
        TWINS_KINDS(KIND)
#undef KIND
    case TWINS_COUNT:
        break;
    }
}
