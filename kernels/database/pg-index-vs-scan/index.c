/* An index on the user: rows are fetched by it, and their status looked at. */
#include "pg-index-vs-scan.h"

void run_index(void *state) {
    search_table(state, "index");
}

int prepare_index(const struct cs_env *env, void *state) {
    return prepare_table(env, state, "index", "(user_id)");
}

void tell_index(void *state, char *text, size_t size) {
    tell_search(state, "index", text, size);
}
