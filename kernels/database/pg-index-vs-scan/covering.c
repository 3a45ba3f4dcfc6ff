/* An index with all that the query asks for: no row is fetched. */
#include "pg-index-vs-scan.h"

void run_covering(void *state) {
    search_table(state, "covering");
}

int prepare_covering(const struct cs_env *env, void *state) {
    return prepare_table(env, state, "covering", "(user_id, status) INCLUDE (total)");
}

void tell_covering(void *state, char *text, size_t size) {
    tell_search(state, "covering", text, size);
}
