/* An index with all that the query reads: the table is not looked at. */
#include "index-vs-scan.h"

int prepare_covering(const struct cs_env *env, void *state) {
    return open_indexed(env, state, COVERING, "CREATE INDEX by_user ON orders (user_id, status, total)");
}

void run_covering(void *state) {
    run_indexed(state, COVERING);
}

void release_covering(void *state) {
    close_indexed(state, COVERING);
}

void tell_covering(void *state, char *text, size_t size) {
    tell_indexed(state, COVERING, text, size);
}
