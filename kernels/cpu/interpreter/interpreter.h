/* State of the interpreter kernel: a program of a small machine with one accumulator, a counter and memory cells. */
#ifndef INTERPRETER_H
#define INTERPRETER_H

#include <countersign.h>

#define CELLS 16

enum operation {
    ADD,
    SUBTRACT,
    MULTIPLY,
    EXCLUSIVE_OR,
    SHIFT,
    LOAD,
    STORE,
    INCREMENT,
    LIGHT,
    DIGEST = LIGHT,
    LOOP,
    END
};

struct instruction {
    uint8_t operation, cell;
    uint16_t constant;
};

struct interpreter {
    struct instruction *program; /**< `length` random instructions, then LOOP, then END */
    size_t length;
    uint32_t turns; /**< how often LOOP goes back to the beginning, once less than the program is passed */
    uint32_t accumulator;
    uint32_t cells[CELLS];
};

/*
 * What each operation does, to `accumulator`, `cells` and with the instruction at `pc`. OPERATIONS_EACH(X) is
 * X(operation, statement). The last is heavy: a chain of sixteen multiplications.
 */
#define OPERATIONS_EACH(X)                                                                                   \
    X(ADD, accumulator += pc->constant)                                                                      \
    X(SUBTRACT, accumulator -= cells[pc->cell])                                                              \
    X(MULTIPLY, accumulator *= pc->constant | 1u)                                                            \
    X(EXCLUSIVE_OR, accumulator ^= cells[pc->cell])                                                          \
    X(SHIFT, accumulator ^= accumulator >> (pc->constant & 15))                                              \
    X(LOAD, accumulator = cells[pc->cell] + accumulator * 2)                                                 \
    X(STORE, cells[pc->cell] = accumulator)                                                                  \
    X(INCREMENT, cells[pc->cell] += pc->constant)                                                            \
    X(DIGEST, for (unsigned k = 0; k < CELLS; k++) accumulator = (accumulator ^ cells[k]) * 0x9e3779b1u)

void run_switch(void *state);
void run_threaded(void *state);

#endif
