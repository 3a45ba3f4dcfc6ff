/* Objects of several types, and for each the function of its type, as virtual functions and callbacks have it. */
#include "dispatch.h"

enum { PARAMETER_TYPES, PARAMETER_N };

/* Objects before the first comes again: fewer, and the predictor knows their order by heart. */
#define LEAST_POOL 131072

/* Every window has the same number of each type, at random places. */
static void draw_window(struct dispatch *dispatch, struct cs_random *random, struct dispatch_object *window,
                        uint32_t *order, unsigned types) {
    for (uint32_t i = 0; i < dispatch->n; i++)
        order[i] = i;
    cs_random_shuffle(random, order, dispatch->n);
    for (size_t i = 0; i < dispatch->n; i++)
        window[i] = (struct dispatch_object){.value = (uint32_t)cs_random_u64(random),
                                             .type = (uint16_t)(order[i] % types),
                                             .place = (uint16_t)i};
}

static int setup(const struct cs_env *env, void *state) {
    struct dispatch *dispatch = state;
    struct cs_random random = cs_random_seed(env->seed);
    dispatch->n = (size_t)env->value[PARAMETER_N];
    dispatch->functions = dispatch_functions;
    dispatch->pool_size = (LEAST_POOL + dispatch->n - 1) / dispatch->n * dispatch->n;
    dispatch->pool = cs_array(env, "objects", dispatch->pool_size, struct dispatch_object);
    dispatch->answers = cs_array(env, "answers", dispatch->n, uint32_t);
    uint32_t *order = cs_array(env, "order while drawn", dispatch->n, uint32_t);
    for (size_t start = 0; start < dispatch->pool_size; start += dispatch->n)
        draw_window(dispatch, &random, dispatch->pool + start, order, (unsigned)env->value[PARAMETER_TYPES]);
    cs_free(env, order);
    return 0;
}

static void reset(void *state) {
    struct dispatch *dispatch = state;
    dispatch->next = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct dispatch *dispatch = state;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "answer", .data = dispatch->answers, .count = dispatch->n, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct dispatch *dispatch = state;
    *work = (struct cs_work){.items = (double)dispatch->n};
}

/* All sixteen answers of each value, and the one of its type taken: nothing is dispatched. */
static uint32_t expected_answer(struct dispatch_object object) {
    uint32_t value = object.value;
#define ANSWER(type, expression) (expression),
    const uint32_t answers[DISPATCH_TYPES] = {DISPATCH_EACH(ANSWER)};
    return answers[object.type];
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct dispatch *dispatch = state;
    (void)variant;
    const struct dispatch_object *window =
        dispatch->pool + cs_last_window(dispatch->next, dispatch->n, dispatch->pool_size);
    for (size_t i = 0; i < dispatch->n; i++)
        if (dispatch->answers[i] != expected_answer(window[i])) {
            return cs_wrong(mismatch, "answer", i, "%u", dispatch->answers[i], expected_answer(window[i]));
        }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "dispatch",
    .summary = "apply to each object the function of its type",
    .item = "object",
    .parameters =
        {
            {.name = "types",
             .unit = "types",
             .min = 1,
             .max = DISPATCH_TYPES,
             .def = 8,
             .summary = "types, each of as many objects as the next"},
            {.name = "n",
             .unit = "objects",
             .min = 1,
             .max = 65536,
             .def = 4096,
             .summary = "objects of one run"},
        },
    .variants =
        {
            {.name = "indirect", .run = run_indirect, .summary = "calls by pointer, types mixed"},
            {.name = "grouped",
             .prepare = prepare_grouped,
             .run = run_grouped,
             .summary = "calls by pointer, one type after the other"},
            {.name = "switch", .run = run_switch, .summary = "a switch over the type, types mixed"},
        },
    .state_size = sizeof(struct dispatch),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "n",
};
