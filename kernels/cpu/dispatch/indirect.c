#include "dispatch.h"

void run_indirect(void *state) {
    struct dispatch *dispatch = state;
    const struct dispatch_object *objects = dispatch->pool + dispatch_take_window(dispatch);
    dispatch_function *const *functions = dispatch->functions;
    uint32_t *answers = dispatch->answers;
    size_t n = dispatch->n;
    for (size_t i = 0; i < n; i++)
        answers[objects[i].place] = functions[objects[i].type](objects[i].value);
}
