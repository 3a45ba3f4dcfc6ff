#include "interpreter.h"

#include <string.h>

#define LABEL(operation, statement) [operation] = &&do_##operation,
#define NEXT() goto *labels[(++pc)->operation]
#define BODY(operation, statement)                                                                           \
    do_##operation : statement;                                                                              \
    NEXT();

/* Every operation ends with a jump of its own to the next (labels as values: an extension of gcc and clang). */
void run_threaded(void *state) {
    static const void *const labels[] = {OPERATIONS_EACH(LABEL)[LOOP] = &&do_loop, [END] = &&do_end};
    struct interpreter *interpreter = state;
    const struct instruction *pc = interpreter->program - 1;
    uint32_t accumulator = 1, turns = interpreter->turns, cells[CELLS] = {0};
    NEXT();
    OPERATIONS_EACH(BODY)
do_loop:
    if (--turns)
        pc = interpreter->program - 1;
    NEXT();
do_end:
    interpreter->accumulator = accumulator;
    memcpy(interpreter->cells, cells, sizeof cells);
}
