/* An index that finds the user's rows, which are then fetched one by one. */
#include "index-vs-scan.h"

int prepare_index(const struct cs_env *env, void *state) {
    return open_indexed(env, state, INDEXED, "CREATE INDEX by_user ON orders (user_id)");
}

void run_index(void *state) {
    run_indexed(state, INDEXED);
}

void release_index(void *state) {
    close_indexed(state, INDEXED);
}

void tell_index(void *state, char *text, size_t size) {
    tell_indexed(state, INDEXED, text, size);
}
