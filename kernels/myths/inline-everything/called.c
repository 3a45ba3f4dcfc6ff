#include "inline-everything.h"

/* No compiler inlines it at 256 places unasked; here it is asked not to make copies for single keys either. */
static __attribute__((noinline)) void decode_by_call(struct message *result, const struct message *message,
                                                     uint64_t key) {
    decode(result, message, key);
}

#define DECODE(result, message, key) decode_by_call(result, message, key)

void run_called(void *state) {
    struct handling *handling = state;
    HANDLE_ALL(handling, VARIANT_CALLED)
}
