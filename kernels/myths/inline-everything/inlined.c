#include "inline-everything.h"

#define DECODE(result, message, key) decode(result, message, key)

void run_inlined(void *state) {
    struct handling *handling = state;
    HANDLE_ALL(handling, VARIANT_INLINED)
}
