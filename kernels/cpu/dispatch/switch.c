#include "dispatch.h"

#define CASE(type, expression)                                                                               \
    case type:                                                                                               \
        return expression;

static inline uint32_t apply(unsigned type, uint32_t value) {
    switch (type) {
        DISPATCH_EACH(CASE)
    default:
        __builtin_unreachable();
    }
}

void run_switch(void *state) {
    struct dispatch *dispatch = state;
    const struct dispatch_object *objects = dispatch->pool + dispatch_take_window(dispatch);
    uint32_t *answers = dispatch->answers;
    size_t n = dispatch->n;
    for (size_t i = 0; i < n; i++)
        answers[objects[i].place] = apply(objects[i].type, objects[i].value);
}
