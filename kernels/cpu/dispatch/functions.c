#include "dispatch.h"

#define DEFINE(type, expression)                                                                             \
    static uint32_t apply_##type(uint32_t value) {                                                           \
        return expression;                                                                                   \
    }
#define NAME(type, expression) apply_##type,

DISPATCH_EACH(DEFINE)

dispatch_function *const dispatch_functions[DISPATCH_TYPES] = {DISPATCH_EACH(NAME)};
