/* Objects of several types, and for each the function of its type, as virtual functions and callbacks have it. */
#include "dispatch.h"

/* Objects before the first comes again: fewer, and the predictor knows their order by heart. */
#define LEAST_POOL 131072

/* Every window has the same number of each type, at random places. */
static void draw_window(struct dispatch *dispatch, struct cs_random *random, struct dispatch_object *window,
                        uint32_t *order, unsigned types) {
    cs_random_order(random, order, dispatch->n);
    for (size_t i = 0; i < dispatch->n; i++)
        window[i] = (struct dispatch_object){.value = (uint32_t)cs_random_u64(random),
                                             .type = (uint16_t)(order[i] % types),
                                             .place = (uint16_t)i};
}

static int setup(const struct cs_env *env, void *state) {
    struct dispatch *dispatch = state;
    struct cs_random random = cs_random_seed(env->seed);
    dispatch->n = cs_size(env, "n");
    dispatch->functions = dispatch_functions;
    dispatch->pool_size = cs_windows(env, &dispatch->next, LEAST_POOL, dispatch->n);
    dispatch->pool = cs_array(env, "objects", dispatch->pool_size, struct dispatch_object);
    dispatch->answers = cs_answer(env, "answer", dispatch->n, uint32_t);
    uint32_t *order = cs_array(env, "order while drawn", dispatch->n, uint32_t);
    for (size_t start = 0; start < dispatch->pool_size; start += dispatch->n)
        draw_window(dispatch, &random, dispatch->pool + start, order, (unsigned)cs_value(env, "types"));
    cs_free(env, order);
    cs_work(env, dispatch->n, 0);
    return 0;
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
    const struct dispatch_object *window =
        dispatch->pool + cs_last_window(dispatch->next, dispatch->n, dispatch->pool_size);
    for (size_t i = 0; i < dispatch->n; i++)
        cs_expect(mismatch, "answer", i, dispatch->answers[i], expected_answer(window[i]));
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("dispatch", "object", "apply to each object the function of its type"),
    .parameters = {CS_NUMBER("types", "types", 1, DISPATCH_TYPES, 8,
                             "types, each of as many objects as the next"),
                   CS_NUMBER("n", "objects", 1, 65536, 4096, "objects of one run")},
    .variants = {CS_VARIANT("indirect", run_indirect, "calls by pointer, types mixed"),
                 CS_VARIANT("grouped", run_grouped, "calls by pointer, one type after the other",
                            .prepare = prepare_grouped),
                 CS_VARIANT("switch", run_switch, "a switch over the type, types mixed")},
    CS_STATE(struct dispatch, setup),
    .check = check,
    .scale = "n",
};
