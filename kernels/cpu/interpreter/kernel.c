/* An interpreter of byte code: how does it come from one operation to the next? */
#include "interpreter.h"

static struct instruction draw_instruction(struct cs_random *random, unsigned heavy_percent) {
    uint8_t light = (uint8_t)cs_random_below(random, LIGHT);
    return (struct instruction){.operation = cs_random_below(random, 100) < heavy_percent ? DIGEST : light,
                                .cell = (uint8_t)cs_random_below(random, CELLS),
                                .constant = (uint16_t)cs_random_u64(random)};
}

static int setup(const struct cs_env *env, void *state) {
    struct interpreter *interpreter = state;
    struct cs_random random = cs_random_seed(env->seed);
    interpreter->length = cs_size(env, "length");
    interpreter->turns = (uint32_t)(cs_size(env, "executed") / (interpreter->length + 1));
    if (!interpreter->turns)
        interpreter->turns = 1;
    /* One in front, so that a pointer to before the first is a pointer into the array. */
    interpreter->program = cs_array(env, "program", interpreter->length + 3, struct instruction) + 1;
    for (size_t i = 0; i < interpreter->length; i++)
        interpreter->program[i] = draw_instruction(&random, (unsigned)cs_value(env, "heavy"));
    interpreter->program[interpreter->length].operation = LOOP;
    interpreter->program[interpreter->length + 1].operation = END;
    cs_output(env, "accumulator", &interpreter->accumulator, 1);
    cs_output(env, "cell", interpreter->cells, CELLS);
    cs_work(env, interpreter->turns * (interpreter->length + 1), 0);
    return 0;
}

/* One operation, by comparisons. */
static uint32_t step(const struct instruction *pc, uint32_t accumulator, uint32_t *cells) {
#define COMPARED(name, statement)                                                                            \
    if (pc->operation == name)                                                                               \
        statement;
    OPERATIONS_EACH(COMPARED)
    return accumulator;
}

/* Turn by turn and index by index: no operation decides which comes next. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct interpreter *interpreter = state;
    uint32_t accumulator = 1, cells[CELLS] = {0};
    for (uint32_t turn = 0; turn < interpreter->turns; turn++)
        for (size_t i = 0; i < interpreter->length; i++)
            accumulator = step(&interpreter->program[i], accumulator, cells);
    cs_expect(mismatch, "accumulator", 0, interpreter->accumulator, accumulator);
    for (size_t i = 0; i < CELLS; i++)
        cs_expect(mismatch, "cell", i, interpreter->cells[i], cells[i]);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("interpreter", "operation", "run a program of random operations, again and again"),
    .parameters = {CS_NUMBER("length", "operations", 1, 1 << 20, 64,
                             "operations of the program before it begins again"),
                   CS_NUMBER("heavy", "%", 0, 100, 0, "operations that are a long computation"),
                   CS_NUMBER("executed", "operations", 1, 1 << 22, 8192,
                             "operations of a run, in whole turns, one at the least")},
    .variants = {CS_VARIANT("switch", run_switch, "a switch in a loop"),
                 CS_VARIANT("threaded", run_threaded, "each operation jumps to the next by itself")},
    CS_STATE(struct interpreter, setup),
    .check = check,
    .scale = "executed",
};
