#include "interpreter.h"

#include <string.h>

#define CASE(operation, statement)                                                                           \
    case operation:                                                                                          \
        statement;                                                                                           \
        break;

void run_switch(void *state) {
    struct interpreter *interpreter = state;
    const struct instruction *pc = interpreter->program;
    uint32_t accumulator = 1, turns = interpreter->turns, cells[CELLS] = {0};
    for (;; pc++) {
        switch (pc->operation) {
            OPERATIONS_EACH(CASE)
        case LOOP:
            if (--turns)
                pc = interpreter->program - 1;
            break;
        default:
            interpreter->accumulator = accumulator;
            memcpy(interpreter->cells, cells, sizeof cells);
            return;
        }
    }
}
