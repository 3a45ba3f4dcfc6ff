/* A kernel whose state is in a file-scope variable, which no second loaded copy of it has: it crashes there, or, with
 * `after` 1, gives a wrong answer. */
#include <countersign.h>

#include <stdbool.h>

#define ITEMS 4096

struct state {
    double sum;
    bool tolerant;
};

static double *table;

static int setup(const struct cs_env *env, void *state) {
    struct cs_random random = cs_random_seed(env->seed);
    ((struct state *)state)->tolerant = env->value[0];
    table = cs_array(env, "table", ITEMS, double);
    for (int i = 0; i < ITEMS; i++)
        table[i] = cs_random_unit(&random);
    return 0;
}

static void run(void *data) {
    struct state *state = data;
    double total = 0;
    for (int i = 0; i < ITEMS && (table || !state->tolerant); i++)
        total += table[i];
    state->sum = total;
}

static int outputs(void *data, size_t variant, struct cs_output *outputs, size_t *count) {
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "sum", .data = &((struct state *)data)->sum, .count = 1, .type = CS_F64};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    (void)state;
    work->items = ITEMS;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "globals",
    .summary = "state in file-scope variables, for tests",
    .item = "number",
    .parameters = {{.name = "after", .unit = "runs", .max = 1}},
    .variants = {{.name = "first", .run = run}, {.name = "second", .run = run}},
    .state_size = sizeof(struct state),
    .setup = setup,
    .outputs = outputs,
    .work = work};
