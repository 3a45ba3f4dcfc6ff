/* A covering index of the open orders alone. */
#include "index-vs-scan.h"

int prepare_partial(const struct cs_env *env, void *state) {
    return open_indexed(env, state, PARTIAL,
                        "CREATE INDEX by_user ON orders (user_id, total) WHERE status = 0");
}

void run_partial(void *state) {
    run_indexed(state, PARTIAL);
}

void release_partial(void *state) {
    close_indexed(state, PARTIAL);
}

void tell_partial(void *state, char *text, size_t size) {
    tell_indexed(state, PARTIAL, text, size);
}
