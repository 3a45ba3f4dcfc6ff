#include "dispatch.h"

/* The loop of `indirect` over objects that lie ordered by type. */
void run_grouped(void *state) {
    struct dispatch *dispatch = state;
    const struct dispatch_object *objects = dispatch->grouped + dispatch_take_window(dispatch);
    dispatch_function *const *functions = dispatch->functions;
    uint32_t *answers = dispatch->answers;
    size_t n = dispatch->n;
    for (size_t i = 0; i < n; i++)
        answers[objects[i].place] = functions[objects[i].type](objects[i].value);
}

int prepare_grouped(const struct cs_env *env, void *state) {
    struct dispatch *dispatch = state;
    dispatch->grouped = cs_array(env, "objects by type", dispatch->pool_size, struct dispatch_object);
    size_t taken = 0;
    for (size_t start = 0; start < dispatch->pool_size; start += dispatch->n)
        for (unsigned type = 0; type < DISPATCH_TYPES; type++)
            for (size_t i = start; i < start + dispatch->n; i++)
                if (dispatch->pool[i].type == type)
                    dispatch->grouped[taken++] = dispatch->pool[i];
    return 0;
}
