/* An interpreter of byte code: how does it come from one operation to the next? */
#include "interpreter.h"

enum { PARAMETER_LENGTH, PARAMETER_HEAVY, PARAMETER_EXECUTED };

static struct instruction draw_instruction(struct cs_random *random, unsigned heavy_percent) {
    uint8_t light = (uint8_t)cs_random_below(random, LIGHT);
    return (struct instruction){.operation = cs_random_below(random, 100) < heavy_percent ? DIGEST : light,
                                .cell = (uint8_t)cs_random_below(random, CELLS),
                                .constant = (uint16_t)cs_random_u64(random)};
}

static int setup(const struct cs_env *env, void *state) {
    struct interpreter *interpreter = state;
    struct cs_random random = cs_random_seed(env->seed);
    interpreter->length = (size_t)env->value[PARAMETER_LENGTH];
    interpreter->turns = (uint32_t)((size_t)env->value[PARAMETER_EXECUTED] / (interpreter->length + 1));
    if (!interpreter->turns)
        interpreter->turns = 1;
    /* One in front, so that a pointer to before the first is a pointer into the array. */
    interpreter->program = cs_array(env, "program", interpreter->length + 3, struct instruction) + 1;
    for (size_t i = 0; i < interpreter->length; i++)
        interpreter->program[i] = draw_instruction(&random, (unsigned)env->value[PARAMETER_HEAVY]);
    interpreter->program[interpreter->length].operation = LOOP;
    interpreter->program[interpreter->length + 1].operation = END;
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct interpreter *interpreter = state;
    (void)variant;
    outputs[0] = (struct cs_output){
        .name = "accumulator", .data = &interpreter->accumulator, .count = 1, .type = CS_U32};
    outputs[1] =
        (struct cs_output){.name = "cell", .data = interpreter->cells, .count = CELLS, .type = CS_U32};
    *count = 2;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct interpreter *interpreter = state;
    *work = (struct cs_work){.items = (double)(interpreter->turns * (interpreter->length + 1))};
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
    (void)variant;
    uint32_t accumulator = 1, cells[CELLS] = {0};
    for (uint32_t turn = 0; turn < interpreter->turns; turn++)
        for (size_t i = 0; i < interpreter->length; i++)
            accumulator = step(&interpreter->program[i], accumulator, cells);
    if (accumulator != interpreter->accumulator)
        return cs_wrong(mismatch, "accumulator", 0, "%u", interpreter->accumulator, accumulator);
    for (size_t i = 0; i < CELLS; i++)
        if (cells[i] != interpreter->cells[i])
            return cs_wrong(mismatch, "cell", i, "%u", interpreter->cells[i], cells[i]);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "interpreter",
    .summary = "run a program of random operations, again and again",
    .item = "operation",
    .parameters =
        {
            {.name = "length",
             .unit = "operations",
             .min = 1,
             .max = 1 << 20,
             .def = 64,
             .summary = "operations of the program before it begins again"},
            {.name = "heavy",
             .unit = "%",
             .min = 0,
             .max = 100,
             .def = 0,
             .summary = "operations that are a long computation"},
            {.name = "executed",
             .unit = "operations",
             .min = 1,
             .max = 1 << 22,
             .def = 8192,
             .summary = "operations of a run, in whole turns, one at the least"},
        },
    .variants = {{.name = "switch", .run = run_switch, .summary = "a switch in a loop"},
                 {.name = "threaded",
                  .run = run_threaded,
                  .summary = "each operation jumps to the next by itself"}},
    .state_size = sizeof(struct interpreter),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "executed",
};
