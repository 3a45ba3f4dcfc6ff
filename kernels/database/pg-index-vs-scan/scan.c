/* No index on users: every row is looked at. */
#include "pg-index-vs-scan.h"

void run_scan(void *state) {
    search_table(state, "scan");
}

int prepare_scan(const struct cs_env *env, void *state) {
    return prepare_table(env, state, "scan", NULL);
}

void tell_scan(void *state, char *text, size_t size) {
    tell_search(state, "scan", text, size);
}
